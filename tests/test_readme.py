"""The documents agree with the code: the option table, the error codes and the error tree."""

import re
import runpy
from pathlib import Path

from wyoming_piper_serial import exceptions
from wyoming_piper_serial.cli.parser import build_parser

_ROOT = Path(__file__).parents[1]
_OPTIONS = (_ROOT / "docs" / "options.md").read_text(encoding="utf-8")
_SCREEN = 45  # lines on a screen


def test_option_table_follows_the_declarations() -> None:
    """The table in `docs/options.md` is equal to the table that `script/update_options` writes."""
    updated = runpy.run_path(str(_ROOT / "script" / "update_options"))["updated"]
    is_current = updated(_OPTIONS) == _OPTIONS
    assert is_current, "the table of docs/options.md is old; run: .venv/bin/python script/update_options"


def test_option_table_has_every_option() -> None:
    """The table in `docs/options.md` lists every option name that the parser accepts, except -h and --help."""
    table = re.search(r"\|---\|---\|---\|\n(.*?)<!-- end of options -->", _OPTIONS, re.DOTALL)
    assert table
    names = [name for action in build_parser()._actions for name in action.option_strings]
    assert [name for name in names if not re.search(rf"`{name}[ `]", table[1])] == ["-h", "--help"]


def test_every_error_code_is_explained() -> None:
    """`docs/behaviour.md` lists each error code that a client can receive."""
    behaviour = (_ROOT / "docs" / "behaviour.md").read_text(encoding="utf-8")
    errors = [error for error in vars(exceptions).values() if isinstance(error, type)]
    codes = {error.code for error in errors if issubclass(error, exceptions.PiperSerialError)} - {"bad-settings"}
    assert {code for code in codes if f"| `{code}` |" not in behaviour} == set()


def test_error_tree_names_every_error() -> None:
    """The tree at the top of `exceptions.py` lists every error class, and the code of each class without subclasses."""
    tree = exceptions.__doc__ or ""
    for name, error in vars(exceptions).items():
        if isinstance(error, type) and issubclass(error, exceptions.PiperSerialError):
            line = next((line for line in tree.splitlines() if re.search(rf"\b{name}\b", line)), None)
            assert line, name
            is_leaf = not error.__subclasses__() and name != "SettingsError"
            assert not is_leaf or line.endswith(error.code), name


def _anchor(heading: str) -> str:
    """Return the name under which GitHub links to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_each_section_of_the_readme_fits_on_a_screen() -> None:
    """Each section of the README fits on a screen, and the table of contents links to all sections in order."""
    begin, *sections = (_ROOT / "README.md").read_text(encoding="utf-8").split("\n## ")
    assert [len(section.splitlines()) > _SCREEN for section in (begin, *sections)] == [False] * (len(sections) + 1)
    headings = [section.partition("\n")[0] for section in sections]
    assert re.findall(r"^- \[(.*?)\]\(#(.*?)\)", begin, re.MULTILINE) == [(one, _anchor(one)) for one in headings]


def test_links_between_documents_lead_somewhere() -> None:
    """Each link from a document to a file, or to a heading in it, has a target."""
    for document in [*_ROOT.glob("*.md"), *(_ROOT / "docs").glob("*.md")]:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((#[\w-]+|[\w/.-]+\.\w+(?:#[\w-]+)?)\)", text):
            path, _, heading = target.partition("#")
            file = document.parent / path if path else document
            assert file.exists(), f"{document.name}: {target}"
            if heading:
                headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
                assert heading in map(_anchor, headings), f"{document.name}: {target}"
