"""What the documents say is what the program does."""

import argparse
import re
from pathlib import Path

from wyoming_piper_serial import exceptions
from wyoming_piper_serial.cli.parser import build_parser

_ROOT = Path(__file__).parents[1]


def option_rows() -> list[str]:
    """One table row for each option of the parser."""
    rows = []
    for action in build_parser()._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
        if action.nargs == "?":
            value = f" [{action.metavar}]"
        default = "" if action.default in (None, argparse.SUPPRESS, False) else f"`{action.default}`"
        names = ", ".join(f"`{option}{value}`" for option in action.option_strings)
        rows.append(f"| {names} | {default} | {action.help} |")
    return rows


def test_option_table_is_the_parsers() -> None:
    """Every option with its default stands in the README, and no other."""
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    table = re.search(r"\|---\|---\|---\|\n(.*?)<!-- end of options -->", readme, re.DOTALL)
    assert table
    assert table[1].splitlines() == option_rows()


def test_every_error_code_is_explained() -> None:
    """`docs/behaviour.md` lists each code that a client may be told."""
    behaviour = (_ROOT / "docs" / "behaviour.md").read_text(encoding="utf-8")
    errors = [error for error in vars(exceptions).values() if isinstance(error, type)]
    codes = {error.code for error in errors if issubclass(error, exceptions.PiperSerialError)} - {"bad-settings"}
    assert {code for code in codes if f"| `{code}` |" not in behaviour} == set()


def test_error_tree_names_every_error() -> None:
    """The tree at the top of `exceptions.py` is complete, with the codes."""
    tree = exceptions.__doc__ or ""
    for name, error in vars(exceptions).items():
        if isinstance(error, type) and issubclass(error, exceptions.PiperSerialError):
            line = next((line for line in tree.splitlines() if re.search(rf"\b{name}\b", line)), None)
            assert line, name
            is_leaf = not error.__subclasses__() and name != "SettingsError"
            assert not is_leaf or line.endswith(error.code), name
