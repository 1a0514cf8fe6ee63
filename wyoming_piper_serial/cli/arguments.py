"""Adds the server's options, which are declared in `settings`, to an argument parser."""

import argparse
from typing import Any

from wyoming_piper_serial import __version__
from wyoming_piper_serial.cli.values import converter
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.settings.option import ENVIRONMENT_PREFIX as ENVIRONMENT_PREFIX
from wyoming_piper_serial.settings.option import Choice, Flag, Option, grouped

# Two server options that have no field in Settings.
CONFIG = Option(names=("--config",), metavar="FILE", help_text="file with options, one NAME = VALUE per line")
VERSION = Option(names=("--version",), kind=Flag(), help_text="print the version and exit")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds all server options to `parser`. Each value is stored under the path of its field in Settings, such as
    `limits.max_queue`."""
    parser.add_argument(
        *CONFIG.names, is_config_file=True, env_var=CONFIG.variable, metavar=CONFIG.metavar, help=_help(CONFIG)
    )
    parser.add_argument(*VERSION.names, action="version", version=__version__, help=_help(VERSION))
    for group, options in grouped(Settings).items():
        section = parser.add_argument_group(group.value)
        for path, option in options.items():
            section.add_argument(
                *option.names, dest=path, env_var=option.variable, help=_help(option), **_value_arguments(option)
            )


def _help(option: Option) -> str:
    """Returns the help text of `option`, including the default, in argparse's format."""
    return option.help_with_default.replace("%", "%%")


def _value_arguments(option: Option) -> dict[str, Any]:
    """Returns the keyword arguments with which `add_argument` accepts the value of `option`."""
    if isinstance(option.kind, Flag):
        return {"action": "store_false" if option.default else "store_true"}
    arguments: dict[str, Any] = {"metavar": option.metavar}
    if isinstance(option.kind, Choice):
        arguments["choices"] = option.kind.words
    else:
        arguments["type"] = converter(option.kind)
    if option.repeated:
        arguments["action"] = "append"
    if option.bare is not None:
        arguments |= {"nargs": argparse.OPTIONAL, "const": option.bare}
    return arguments
