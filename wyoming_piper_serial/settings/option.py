"""Declares the options together with the fields that hold their values.

`option()` returns a `dataclasses.field` whose metadata contains an `Option`. `grouped()` lists the options. The command
line, the environment variables, the config file, the help and the table in docs/options.md are derived from this list.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import Enum, auto
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ENVIRONMENT_PREFIX = "WYOMING_PIPER_SERIAL_"

_OPTION = "option"
_SECTION = "section"
_GROUP = "group"
_T = TypeVar("_T")


class Group(Enum):
    """Groups of options. The values are headings in the help and in docs/options.md."""

    SERVER = "Server"
    VOICES = "Voices"
    DOWNLOADS = "Downloads"
    SPEECH = "Speech"
    TEXT = "Text"
    SCHEDULING = "Scheduling and hardware"
    LIMITS = "Limits"
    TIMEOUTS = "Client timeouts"
    HTTP = "HTTP"
    LOGGING = "Logging"


@dataclass(frozen=True)
class Flag:
    """An option that takes no value. If it is given, its field is set to the opposite of the default."""


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high` (inclusive)."""

    low: int
    high: int


@dataclass(frozen=True)
class ZeroOr:
    """0 or a whole number from `low` to `high` (inclusive)."""

    low: int
    high: int


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high` (inclusive)."""

    low: float
    high: float


@dataclass(frozen=True)
class Choice:
    """One of the words in `words`."""

    words: tuple[str, ...]


class Text(Enum):
    """The kinds of text values. `cli.values` contains a converter for each kind."""

    PLAIN = auto()
    OPTIONAL = auto()
    """Any text. An empty text is converted to `None`."""

    PATH = auto()
    FILE = auto()
    """The path of an existing file."""

    NETWORK = auto()
    NETWORK_PRIORITY = auto()
    PRESET = auto()
    VOICE_ALIAS = auto()
    SERVICE_NAME = auto()
    TOKEN = auto()
    HOST_NAME = auto()
    """The name of a host without a port."""

    ORIGIN = auto()
    BASE_URL = auto()
    LOG_FORMAT = auto()


Kind = Flag | Whole | ZeroOr | Number | Choice | Text


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option of the server."""

    names: tuple[str, ...]
    """Names on the command line. The first name also determines `key` and `variable`."""

    help_text: str
    default: object = None
    default_text: str = ""
    """Text shown in the help and in docs/options.md instead of the default, for a default of `None` or `()`."""

    reason: str = ""
    """The reason for the default."""

    kind: Kind = Text.PLAIN
    metavar: str = ""
    repeated: bool = False
    """Whether the option can be repeated. If so, the value of the field is a tuple."""

    bare: str | None = None
    """The value of the field if the option is given without a value, or `None` if a value is required."""

    in_preset: bool = False
    """Whether a `--preset` can contain the option."""

    reloaded: bool = False
    """Whether SIGHUP changes the value in a running server."""

    @property
    def key(self) -> str:
        """Name of the option in a config file."""
        return self.names[0].removeprefix("--")

    @property
    def variable(self) -> str:
        """Name of the option's environment variable."""
        return ENVIRONMENT_PREFIX + self.key.replace("-", "_").upper()

    @property
    def meaning(self) -> str:
        """The help text without the default. It also states whether the option can be repeated."""
        return f"{self.help_text}; may be repeated" if self.repeated else self.help_text

    @property
    def help_with_default(self) -> str:
        """The help text with the default, if there is one."""
        default = self.default_text or self.default_value
        return f"{self.meaning} (default: {default})" if default else self.meaning

    @property
    def default_value(self) -> str:
        """The default as written on the command line, or an empty string for a flag or for a default of `None` or
        `()`."""
        if isinstance(self.kind, Flag) or self.default in (None, ()):
            return ""
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)


def option(  # noqa: PLR0913  # one keyword for each field of Option
    *names: str,
    default: _T,
    help_text: str,
    reason: str,
    kind: Kind = Text.PLAIN,
    metavar: str = "",
    default_text: str = "",
    repeated: bool = False,
    bare: str | None = None,
    in_preset: bool = False,
    reloaded: bool = False,
    group: Group | None = None,
) -> _T:
    """Declares a field with its option. `Option` describes the arguments.

    If `group` is `None`, the option belongs to the group of its section.
    """
    declared = Option(
        names=names,
        help_text=help_text,
        default=default,
        default_text=default_text,
        reason=reason,
        kind=kind,
        metavar=metavar,
        repeated=repeated,
        bare=bare,
        in_preset=in_preset,
        reloaded=reloaded,
    )
    return field(default=default, metadata={_OPTION: declared, _GROUP: group})


def section(cls: Callable[[], _T], group: Group) -> _T:
    """Declares a field that contains an instance of the dataclass `cls`, whose options belong to `group`."""
    return field(default_factory=cls, metadata={_SECTION: cls, _GROUP: group})


def grouped(
    cls: "type[DataclassInstance]", group: Group = Group.SERVER, prefix: str = ""
) -> dict[Group, dict[str, Option]]:
    """Returns the options of `cls` and its sections by group and path, in the order in which they are declared.

    A path consists of field names, such as `limits.max_queue`.
    """
    found: dict[Group, dict[str, Option]] = {}
    for declared in fields(cls):
        path = f"{prefix}{declared.name}"
        own_group = declared.metadata.get(_GROUP) or group
        if _OPTION in declared.metadata:
            found.setdefault(own_group, {})[path] = declared.metadata[_OPTION]
        elif _SECTION in declared.metadata:
            for inner, options in grouped(declared.metadata[_SECTION], own_group, f"{path}.").items():
                found.setdefault(inner, {}).update(options)
    return found
