"""Parses the server's command line, environment and config file."""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn, TextIO

import configargparse

from wyoming_piper_serial.cli import BAD_SETTINGS as BAD_SETTINGS
from wyoming_piper_serial.cli.arguments import add_options
from wyoming_piper_serial.settings import Settings

PROGRAM = "wyoming-piper-serial"

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


def failed(message: str) -> int:
    """Prints `message`, the reason why the program cannot start, on one line. Returns the exit code."""
    print(f"{PROGRAM}: {' '.join(message.splitlines())}", file=sys.stderr)
    return BAD_SETTINGS


def parse_settings(argv: Sequence[str]) -> Settings:
    """Returns the settings from `argv`, the environment and the config file, in this order of precedence.

    If a value is invalid, exits with code 2 and prints one line on standard error.
    """
    given = vars(build_parser().parse_args(argv))
    given.pop("config", None)
    given["is_voice_given"] = "voice" in given
    speakers = given.pop("speaker", [])
    given["speaker"] = next((speaker for speaker in reversed(speakers) if "=" not in speaker), None)
    given["speakers"] = dict(speaker.split("=", 1) for speaker in speakers if "=" in speaker)
    return _settings(given)


def _settings(given: dict[str, Any]) -> Settings:
    """Returns the default settings with the changes in `given`, which maps field paths to values."""
    sections: dict[str, dict[str, Any]] = defaultdict(dict)
    for path, value in given.items():
        section, _, name = path.rpartition(".")
        sections[section][name] = tuple(value) if isinstance(value, list) else value
    own = sections.pop("", {})
    default = Settings()
    return replace(
        default, **own, **{section: replace(getattr(default, section), **sections[section]) for section in sections}
    )


class _Parser(configargparse.ArgumentParser):  # type: ignore[misc]  # the library has no types
    def error(self, message: str) -> NoReturn:
        """Prints `message` on one line and exits. Omits the usage message, because it does not fit on a screen."""
        sys.exit(failed(message))

    def convert_item_to_command_line_arg(
        self, action: argparse.Action | None, key: str, value: str | list[Any]
    ) -> list[str]:
        """Returns the command-line arguments for a `value` from the environment or the config file."""
        if action is not None and action.nargs == 0 and not isinstance(value, str):
            self.error(f"{key} must be true or false, and must not be repeated")
        if action is not None and action.nargs == argparse.OPTIONAL and isinstance(value, str):
            # As for a flag, `true` is equivalent to the option without a value, and `false` to the absence of the
            # option.
            if value.lower() in _TRUE:
                value = str(action.const)
            elif value.lower() in _FALSE:
                return []
        arguments: list[str] = super().convert_item_to_command_line_arg(action, key, value)
        return arguments


class _ConfigFile(configargparse.DefaultConfigFileParser):  # type: ignore[misc]  # the library has no types
    """Parses a config file with one NAME = VALUE per line. A repeated option has one line per value."""

    def parse(self, stream: TextIO) -> dict[str, str | list[Any]]:
        items: dict[str, str | list[Any]] = {}
        try:
            for number, line in enumerate(stream, start=1):
                for name, value in self._parse_line(stream.name, number, line).items():
                    items[name] = _listed(items[name]) + _listed(value) if name in items else value
        except ValueError as error:
            raise configargparse.ConfigFileParserException(f"--config {stream.name}: {error}") from error
        return items

    def _parse_line(self, path: str, number: int, line: str) -> dict[str, str | list[Any]]:
        try:
            items: dict[str, str | list[Any]] = super().parse([line])
        except configargparse.ConfigFileParserException as error:
            message = f"--config {path}: line {number} is not NAME = VALUE"
            raise configargparse.ConfigFileParserException(message) from error
        return items


def _listed(value: str | list[Any]) -> list[Any]:
    return value if isinstance(value, list) else [value]


def build_parser() -> argparse.ArgumentParser:
    """Returns the parser for the server's options. Its results contain only the options that were given."""
    parser: argparse.ArgumentParser = _Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [OPTION ...]",
        description="A Wyoming text-to-speech server for Piper voices.",
        epilog=f'Also: {PROGRAM} say "text", {PROGRAM} health, {PROGRAM} voices list, {PROGRAM} phonemes "text". '
        "Each has its own --help.",
        argument_default=argparse.SUPPRESS,
        config_file_parser_class=_ConfigFile,
        add_env_var_help=False,
        add_config_file_help=False,
        allow_abbrev=False,
    )
    add_options(parser)
    return parser
