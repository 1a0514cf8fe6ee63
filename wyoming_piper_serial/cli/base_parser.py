"""The base class of all argument parsers: one-line errors, suggestions of similar names, and the layout of the help."""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn, TextIO

from wyoming_piper_serial.cli import BAD_SETTINGS, PROGRAM
from wyoming_piper_serial.cli.terminal import Color, has_colors, painted
from wyoming_piper_serial.suggestions import did_you_mean

_HEADING = re.compile(r"^(?:usage:|\S.*:$)", re.MULTILINE)
_NAME = re.compile(r"^ {2,4}(-[\w-]+(?:, -[\w-]+)*|[a-z]+(?= {2,}))", re.MULTILINE)

# Options of other programs, and what has the same effect here. A hint is given only if the parser has this option.
_OTHER_OPTIONS = {
    **dict.fromkeys(("--port", "--host", "--address", "--listen", "--bind", "-p"), "--uri tcp://HOST:PORT"),
    **dict.fromkeys(("--http-port", "--http", "--web-port"), "--http-uri tcp://HOST:PORT"),
    **dict.fromkeys(("--model", "-v", "-m"), "--voice"),
    **dict.fromkeys(("--file", "--output-file", "--output_file", "--out", "-o", "-f"), "--output"),
    **dict.fromkeys(("--rate", "-r"), "--speed"),
    **dict.fromkeys(("--models-dir", "--voices-dir", "--model-dir"), "--data-dir"),
    **dict.fromkeys(("--verbose", "--log-level"), "--debug"),
}

# Names of commands in other programs, and the command that has the same effect here.
_OTHER_COMMANDS = {
    **dict.fromkeys(("install", "add", "get", "fetch", "pull"), "download"),
    **dict.fromkeys(("uninstall", "delete", "rm", "del"), "remove"),
    **dict.fromkeys(("ls", "search", "find"), "list"),
    **dict.fromkeys(("verify", "test"), "check"),
    "info": "show",
}

# Replacements for argparse's error messages.
_REWORDED = (
    (re.compile(r"argument (\S+): expected one argument"), r"\1 needs a value"),
    (re.compile(r"argument (\S+): ignored explicit argument (.*)", re.DOTALL), r"\1 takes no value, but \2 is given"),
    (re.compile(r"the following arguments are required: (.*)"), r"\1 is missing"),
    (re.compile(r"argument (\S+): (.*)", re.DOTALL), r"\1: \2"),
    (re.compile(r"Unable to open config file: (.*?)\. Error: \[Errno \d+\] ([^:]*).*", re.DOTALL), r"--config \1: \2"),
)
_WRONG_CHOICE = re.compile(r"argument COMMAND: invalid choice: '(.*?)' \(choose from (.*)\)", re.DOTALL)


def failed(message: str, command: str = "") -> int:
    """Prints a one-line error message for the program or a command. Returns the exit code BAD_SETTINGS."""
    prefix = painted(f"{PROGRAM}{command and ' '}{command}:", Color.RED, sys.stderr)
    print(f"{prefix} {' '.join(message.splitlines())}", file=sys.stderr)
    return BAD_SETTINGS


class BaseParser(argparse.ArgumentParser):
    """An argument parser that prints one-line errors with suggestions, and colors its help on terminals."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**{"formatter_class": _HelpFormatter, "allow_abbrev": False, **arguments})
        self.color = False  # turns off the colors of Python 3.14

    def parse_args(  # type: ignore[override]  # no caller passes a namespace of another type
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        parsed, unknown = self.parse_known_args(args, namespace)
        if unknown:
            parser = self._selected(parsed)
            parser.error(parser.unknown_argument(next((one for one in unknown if one != "--"), "--")))
        return parsed

    def _selected(self, parsed: argparse.Namespace) -> "BaseParser":
        """Returns the parser of the subcommand in `parsed`, or this parser if there is none."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 -- argparse has no public API
                found: BaseParser = action.choices.get(getattr(parsed, action.dest, ""), self)
                return found
        return self

    def error(self, message: str) -> NoReturn:
        """Prints `message` on one line and exits. Omits argparse's usage message, which would not fit on a screen."""
        sys.exit(failed(reworded(message), self.prog.removeprefix(PROGRAM).strip()))

    def unknown_argument(self, argument: str) -> str:
        """Returns the error message for an argument that the parser does not know."""
        if not argument.startswith("-"):
            return f"unexpected argument {argument!r:.80}. See {self.prog} --help"
        name, _, _ = argument.partition("=")
        suggestion = meant_option(name, self.option_names()) or f" See {self.prog} --help"
        return f"unknown option {name!r:.80}.{suggestion}"

    def option_names(self) -> list[str]:
        """Returns the names of all options, including those of subcommands."""
        names = [name for action in self._actions for name in action.option_strings]
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 -- argparse has no public API
                names += [name for one in action.choices.values() for name in one.option_names()]
        return names

    def print_help(self, file: Any = None) -> None:
        stream: TextIO = file or sys.stdout
        text = self.format_help()
        if has_colors(stream):
            text = _HEADING.sub(lambda found: painted(found[0], Color.BOLD, stream), text)
            text = _NAME.sub(lambda found: found[0].replace(found[1], painted(found[1], Color.CYAN, stream)), text)
        stream.write(text)


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str, **arguments: Any) -> None:
        super().__init__(prog, **{"max_help_position": 30, **arguments})


def meant_option(wrong: str, names: Sequence[str]) -> str:
    """Returns ` Did you mean ...?` for the option in `names` that is similar to `wrong`, or that has the same effect as
    `wrong` has in other programs. Returns an empty string if there is none."""
    meant = _OTHER_OPTIONS.get(wrong, "")
    return f" Did you mean {meant}?" if meant.partition(" ")[0] in names else did_you_mean(wrong, names)


def meant_key(wrong: str, names: Sequence[str]) -> str:
    """Returns the hint of `meant_option` for the key `wrong` of a config file, in the form in which the file is
    written: `uri = tcp://HOST:PORT` instead of `--uri tcp://HOST:PORT`."""
    wrong = wrong.lstrip("-")
    option, _, value = _OTHER_OPTIONS.get(f"--{wrong}", "").partition(" ")
    if option in names:
        return f" Did you mean {' = '.join(filter(None, (option.lstrip('-'), value)))}?"
    return did_you_mean(wrong, [name.lstrip("-") for name in names])


def reworded(message: str) -> str:
    """Rewords an error message from argparse in the style of this program."""
    if wrong := _WRONG_CHOICE.fullmatch(message):
        names = re.findall(r"[a-z]+", wrong[2])
        meant = _OTHER_COMMANDS.get(wrong[1])
        hint = f" Did you mean {meant}?" if meant in names else did_you_mean(wrong[1], names) or _list(names)
        return f"unknown command {wrong[1]!r:.80}.{hint}"
    for pattern, replacement in _REWORDED:
        if pattern.match(message):
            return pattern.sub(replacement, message)
    return message


def _list(names: Iterable[str]) -> str:
    return f" The commands are: {', '.join(names)}"
