"""Declarations of options: the stored arguments, the groups, and rules for all options of the server."""

import ast
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path

import pytest

from wyoming_piper_serial import settings
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.settings.option import Flag, Group, Option, Whole, grouped, option, section

OPTIONS = {path: option for options in grouped(Settings).values() for path, option in options.items()}
# Modules that the settings may import. They load quickly, because every command imports the settings.
_LIGHT = {"_typeshed", "collections", "dataclasses", "enum", "ipaddress", "os", "pathlib", "platformdirs", "typing"}


@dataclass(frozen=True, kw_only=True)
class _Inner:
    size: int = option("--size", default=3, kind=Whole(1, 9), metavar="N", help_text="size", reason="Fits.")
    color: str = option(
        "--color", default="red", metavar="NAME", help_text="color", reason="Seen from afar.", group=Group.SPEECH
    )


@dataclass(frozen=True, kw_only=True)
class _Outer:
    name: str | None = option("--name", "--alias", default=None, metavar="NAME", help_text="name", reason="None yet.")
    notes: tuple[str, ...] = field(default=())
    inner: _Inner = section(_Inner, Group.TEXT)


def test_declared_field_is_a_field_with_a_default() -> None:
    """An option is declared as a dataclass field with a default, so a section can be created without arguments and
    copied with `replace`."""
    assert _Outer() == _Outer(name=None, notes=(), inner=_Inner(size=3, color="red"))
    assert replace(_Inner(), size=5).size == 5


def test_options_are_listed_by_group_and_path_in_order() -> None:
    """`grouped` lists options by group and path. An option without a group belongs to the group of its section, or to
    the group `server` if it is outside a section."""
    found = {group: list(options) for group, options in grouped(_Outer).items()}
    assert found == {Group.SERVER: ["name"], Group.TEXT: ["inner.size"], Group.SPEECH: ["inner.color"]}
    assert list(found) == [Group.SERVER, Group.TEXT, Group.SPEECH]


def test_declaration_keeps_all_arguments() -> None:
    """A declaration stores all arguments of `option` for the command line, the help and the documentation."""
    assert grouped(_Outer)[Group.TEXT]["inner.size"] == Option(
        names=("--size",), default=3, kind=Whole(1, 9), metavar="N", help_text="size", reason="Fits."
    )


def test_first_name_is_used_in_config_file_and_environment() -> None:
    """The first name of an option is its key in the config file. Its environment variable is the same name in upper
    case, with underscores and a prefix."""
    declared = Option(names=("--noise-w-scale", "--noise-w"), help_text="")
    assert declared.key == "noise-w-scale"
    assert declared.variable == "WYOMING_PIPER_SERIAL_NOISE_W_SCALE"


@pytest.mark.parametrize(
    ("default", "shown"),
    [(None, ""), ((), ""), (0.0, "0"), (60.0, "60"), (0.5, "0.5"), (0, "0"), (16777216, "16777216"), ("x", "x")],
)
def test_default_is_shown_as_it_can_be_typed(default: object, shown: str) -> None:
    """A default is shown as a user would type it. Seconds are shown without unnecessary decimals, and `None` is shown
    as an empty string."""
    assert Option(names=("--x",), help_text="", default=default).default_value == shown


def test_flag_shows_no_default() -> None:
    """No default is shown for a flag, because every flag is off by default."""
    assert Option(names=("--x",), help_text="", default=False, kind=Flag()).default_value == ""


def test_repeated_option_says_so() -> None:
    """The help text of an option that can be repeated ends with "may be repeated"."""
    assert Option(names=("--x",), help_text="thing", repeated=True).meaning == "thing; may be repeated"
    assert Option(names=("--x",), help_text="thing").meaning == "thing"


def test_every_field_of_the_settings_has_its_option() -> None:
    """Every field of the settings has an option, except `speakers` and `is_voice_given`, which `--speaker` and
    `--voice` set."""
    paths = set()
    for declared in fields(Settings):
        value = getattr(Settings(), declared.name)
        inner = [f"{declared.name}.{part.name}" for part in fields(value)] if is_dataclass(value) else [declared.name]
        paths.update(inner)
    assert paths - set(OPTIONS) == {"speakers", "is_voice_given"}


@pytest.mark.parametrize("path", OPTIONS)
def test_option_is_declared_in_full(path: str) -> None:
    """Every option has a help text, a reason for its default, and a metavar unless it is a flag. If the default is
    `None` or `()`, a text describes it."""
    declared = OPTIONS[path]
    assert declared.help_text
    assert declared.reason.endswith(".")
    assert bool(declared.metavar) != isinstance(declared.kind, Flag)
    assert bool(declared.default_text) == (declared.default in (None, ()))
    assert (declared.default == ()) == declared.repeated or path == "speaker"
    for name in declared.names:
        assert name.startswith("--")
        assert name == name.lower().replace("_", "-")


def test_no_two_options_share_a_name() -> None:
    """No two options share a name."""
    names = [name for declared in OPTIONS.values() for name in declared.names]
    assert len(set(names)) == len(names)


def test_settings_import_little() -> None:
    """The settings import only a few modules that load quickly, and no other package of the program."""
    for module in Path(settings.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in names:
                assert name.startswith("wyoming_piper_serial.settings") or name.partition(".")[0] in _LIGHT, module
