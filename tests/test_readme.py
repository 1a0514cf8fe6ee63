"""The documents agree with the code: the option table, the error codes and the error tree."""

import re
import runpy
from pathlib import Path

from wyoming_piper_serial import exceptions
from wyoming_piper_serial.cli.parser import build_parser

_ROOT = Path(__file__).parents[1]


def test_option_table_follows_the_declarations() -> None:
    """The option table in the README is equal to the table that `script/update_readme` writes."""
    updated = runpy.run_path(str(_ROOT / "script" / "update_readme"))["updated"]
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    is_current = updated(readme) == readme
    assert is_current, "the options table of README.md is old; run: .venv/bin/python script/update_readme"


def test_option_table_has_every_option() -> None:
    """The option table in the README lists every option name that the parser accepts, except -h and --help."""
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    table = re.search(r"\|---\|---\|---\|\n(.*?)<!-- end of options -->", readme, re.DOTALL)
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
