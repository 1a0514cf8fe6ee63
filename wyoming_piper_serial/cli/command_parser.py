"""The argument parser for commands: their own options, server options, and texts to speak."""

import argparse
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wyoming_piper_serial.cli import PROGRAM
from wyoming_piper_serial.cli.base_parser import BaseParser, failed
from wyoming_piper_serial.cli.environment import unknown_variables
from wyoming_piper_serial.cli.parser import parse
from wyoming_piper_serial.cli.terminal import Color, painted
from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.settings.option import Flag, Option

_END_OF_OPTIONS = "--"
# An argument that begins with dashes is treated as text unless a letter follows the dashes, as in an option. argparse
# also treats an argument that contains a space as text.
_DASHED_TEXT = re.compile(r"-+(?![-A-Za-z]).*", re.DOTALL)


class CommandParser(BaseParser):
    """Parses the arguments of a command."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        # argparse treats arguments that match this pattern as positional arguments, not as options.
        self._negative_number_matcher = _DASHED_TEXT

    def add_server_options(self, options: Iterable[Option], *, group: str = "") -> None:
        """Lets the command accept the server's `options`. `parsed` passes their values to the server's parser."""
        section = self.add_argument_group(group) if group else self
        for option in options:
            name, text = option.names[0], option.help_with_default.replace("%", "%%")
            if isinstance(option.kind, Flag):
                section.add_argument(
                    *option.names, dest="server_options", default=[], action="append_const", const=name, help=text
                )
            else:
                section.add_argument(
                    *option.names,
                    dest="server_options",
                    default=[],
                    action="append",
                    type=f"{name}={{}}".format,
                    metavar=option.metavar,
                    help=text,
                )

    def parse_texts(self, argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
        """Parses options and texts in any order. Everything after `--` is text."""
        own, dashes, rest = list(argv), [], []
        if _END_OF_OPTIONS in own:
            at = own.index(_END_OF_OPTIONS)
            own, dashes, rest = own[:at], [_END_OF_OPTIONS], own[at + 1 :]
        args, texts = self.parse_known_args(own)
        for text in texts:
            if text.startswith("-") and text != "-" and " " not in text and not _DASHED_TEXT.fullmatch(text):
                hint = "" if dashes else f" A text that begins with a dash: {self.prog} -- '{text:.80}'"
                self.error(self.unknown_argument(text) + hint)
        return args, [*texts, *rest]


def settings_of(args: argparse.Namespace) -> Settings:
    """Returns the server's settings, without the sources that `parsed` also returns."""
    return parsed(args)[0]


def parsed(args: argparse.Namespace) -> tuple[Settings, Mapping[str, str]]:
    """Returns the server's settings, and the source of each option that is set in the environment or in the config file
    (see `parse`).

    The settings include the server options on the command line, which `add_server_options` has added to the parser.

    Prints a warning for each environment variable that looks like a server option, but does not match any. Exits with
    code 2 if an option is unknown or its value is invalid.
    """
    for warning in unknown_variables(os.environ):
        print(f"{painted(f'{PROGRAM}: warning:', Color.YELLOW, sys.stderr)} {warning}", file=sys.stderr)
    try:
        return parse(args.server_options)
    except SettingsError as error:
        sys.exit(failed(str(error)))
