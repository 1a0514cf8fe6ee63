"""Parses the server's command line, environment and config file."""

import argparse
import shlex
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import configargparse

from wyoming_piper_serial.cli import COMMANDS, PROGRAM
from wyoming_piper_serial.cli.arguments import ENVIRONMENT_PREFIX, add_options
from wyoming_piper_serial.cli.base_parser import BaseParser, failed, meant_key, reworded
from wyoming_piper_serial.cli.config_file import ConfigFile, listed
from wyoming_piper_serial.cli.values import token
from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.suggestions import did_you_mean

_MAX_TOKEN = 8000  # in characters; a file of this length is refused, because its token may not fit into a header field
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")

# Hints for words that are not commands, but that users may type as the first argument.
_OTHER_WORDS = {
    "help": f"For help: {PROGRAM} --help",
    "version": f"For the version: {PROGRAM} --version",
    "speak": f"To speak a text: {PROGRAM} say TEXT",
    "download": f"To download a voice: {PROGRAM} voices download NAME",
    "list": f"To list voices: {PROGRAM} voices list",
    **dict.fromkeys(("run", "serve", "server", "start"), f"To start the server, omit this word: {PROGRAM}"),
}


def parse_settings(argv: Sequence[str]) -> Settings:
    """Returns the settings from `parse`. If a value is invalid, prints one line on standard error and exits with code
    2."""
    try:
        return parse(argv)[0]
    except SettingsError as error:
        sys.exit(failed(str(error)))


def parse(argv: Sequence[str]) -> tuple[Settings, Mapping[str, str]]:
    """Returns the settings, and the source of each option that is set in the environment or in the config file.

    `argv` takes precedence over the environment, and the environment over the config file. A source is the name of the
    variable, or the file and the line number.

    Raises SettingsError if an option is unknown or its value is invalid.
    """
    parser = build_parser()
    given = vars(parser.parse_args(argv))
    given.pop("config", None)
    given["is_voice_given"] = "voice" in given
    speakers = given.pop("speaker", [])
    given["speaker"] = next((speaker for speaker in reversed(speakers) if "=" not in speaker), None)
    given["speakers"] = dict(speaker.split("=", 1) for speaker in speakers if "=" in speaker)
    return _settings(given), parser.places


def located(message: str, places: Mapping[str, str]) -> str:
    """Returns `message`, which begins with an option, prefixed with the place where this option is set. Returns it
    unchanged if the option is not in `places`, the second result of `parse`."""
    place = places.get(message.partition(" ")[0].rstrip(":"))
    return f"{place}: {message}" if place else message


def _settings(given: dict[str, Any]) -> Settings:
    """Returns the default settings, overridden by the values in `given`, whose keys are field paths."""
    sections: dict[str, dict[str, Any]] = defaultdict(dict)
    for path, value in given.items():
        section, _, name = path.rpartition(".")
        sections[section][name] = tuple(value) if isinstance(value, list) else value
    own = sections.pop("", {})
    default = Settings()
    return replace(
        default, **own, **{section: replace(getattr(default, section), **sections[section]) for section in sections}
    )


def with_token(settings: Settings) -> Settings:
    """Reads the file given with `--http-token-file`, if any, and returns the settings with its token. Raises
    SettingsError."""
    file = settings.http.token_file
    if file is None:
        return settings
    if settings.http.token is not None:
        raise SettingsError("--http-token and --http-token-file must not both be set.")
    try:
        with file.open(encoding="utf-8") as opened:
            given = opened.read(_MAX_TOKEN)
        given = token("" if len(given) == _MAX_TOKEN else given.strip())
        return replace(settings, http=replace(settings.http, token=given))
    except OSError as error:
        raise SettingsError(f"--http-token-file {file}: {error.strerror or error}.") from error
    except (UnicodeDecodeError, argparse.ArgumentTypeError) as error:
        reason = "must contain one token of ASCII letters, digits and punctuation, without spaces."
        raise SettingsError(f"--http-token-file {file}: {reason}") from error


class _Parser(BaseParser, configargparse.ArgumentParser):  # type: ignore[misc]  # the library has no types
    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.places: dict[str, str] = {}

    def error(self, message: str) -> NoReturn:
        """Raises SettingsError instead of exiting, because this parser is also used when a running server reloads its
        options."""
        raise SettingsError(reworded(message))

    def unknown_argument(self, argument: str) -> str:
        if argument.startswith("-"):
            return super().unknown_argument(argument)
        if argument in COMMANDS:
            return f"the command must come first: {PROGRAM} {argument} ..."
        hint = _OTHER_WORDS.get(argument) or did_you_mean(argument, COMMANDS).strip()
        if not hint and " " in argument:
            hint = f"To speak a text: {PROGRAM} say {shlex.quote(argument[:40])}"
        hint = hint or f"The commands are: {', '.join(COMMANDS)}"
        return f"unknown command {argument!r:.80}. {hint}"

    def convert_item_to_command_line_arg(
        self, action: argparse.Action | None, key: str, value: str | list[Any]
    ) -> list[str]:
        """Returns the command-line arguments for a `value` from the environment or the config file.

        Raises SettingsError if the value is invalid. argparse's own message would not name the variable, or the line of
        the config file.
        """
        values = listed(value)
        places = [key] * len(values) if key.startswith(ENVIRONMENT_PREFIX) else self._config_file_parser.places(key)
        if action is None:
            hint = meant_key(key, self.option_names())
            self.error(f"{places[0]}: unknown option {key!r:.80}.{hint}")
        for number, (place, one) in enumerate(zip(places, values, strict=True)):
            if fault := _fault(action, str(one), repeated=number > 0 or value == [one]):
                self.error(f"{place} ({'/'.join(action.option_strings)}): {fault}")
        self.places |= dict.fromkeys(action.option_strings, places[-1])
        if action.nargs == argparse.OPTIONAL and isinstance(value, str):
            # `true` has the same effect as the option without a value, and `false` has no effect, as for a flag.
            if value.lower() in _TRUE:
                value = str(action.const)
            elif value.lower() in _FALSE:
                return []
        arguments: list[str] = super().convert_item_to_command_line_arg(action, key, value)
        return arguments


def _fault(action: argparse.Action, value: str, *, repeated: bool) -> str | None:
    """Returns a description of the fault in a value for `action`, or `None` if the value is valid."""
    if repeated and not isinstance(action, argparse._AppendAction):  # noqa: SLF001 -- argparse has no public API
        return "can have only one value"
    if action.nargs == 0:
        return None if value.lower() in _TRUE + _FALSE else f"{value!r:.80} is neither true nor false"
    if action.choices is not None and value not in action.choices:
        return f"{value!r:.80} is not one of {', '.join(map(str, action.choices))}"
    is_switch = action.nargs == argparse.OPTIONAL and value.lower() in _TRUE + _FALSE
    if callable(action.type) and not is_switch:
        try:
            action.type(value)
        except argparse.ArgumentTypeError as error:
            return str(error)
    return None


def build_parser() -> "_Parser":
    """Returns the parser for the server's options. The namespaces that the parser returns contain only the options that
    are set."""
    width = max(map(len, COMMANDS)) + 2
    parser = _Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [OPTION ...]\n       {PROGRAM} COMMAND [ARGUMENT ...]",
        description="A text-to-speech server for Piper voices: for Home Assistant, browsers, and\n"
        "programs that use the Wyoming protocol or OpenAI's speech API. Without a command,\nthe server is started.\n\n"
        "commands:\n"
        + "".join(f"  {name:{width}}{text}\n" for name, text in COMMANDS.items())
        + f"\nEach command has its own help, such as: {PROGRAM} say --help",
        epilog="Each option can also be set in the environment (WYOMING_PIPER_SERIAL_MAX_QUEUE for\n"
        "--max-queue) or in the --config file (max-queue = 16).",
        argument_default=argparse.SUPPRESS,
        config_file_parser_class=ConfigFile,
        add_env_var_help=False,
        add_config_file_help=False,
    )
    add_options(parser)
    return parser
