"""The default command, which runs the server."""

import logging
import os
import shutil
import sys
from collections.abc import Sequence
from typing import TextIO

from wyoming_piper_serial import __version__
from wyoming_piper_serial.cli import PROGRAM
from wyoming_piper_serial.cli.base_parser import failed
from wyoming_piper_serial.cli.environment import unknown_variables
from wyoming_piper_serial.cli.parser import located, parse, with_token
from wyoming_piper_serial.cli.terminal import Color, has_colors, is_terminal, painted
from wyoming_piper_serial.exceptions import PiperSerialError, SettingsError, VoiceFileError
from wyoming_piper_serial.observe.bounded_log import LAST_LINES, BoundedHandler
from wyoming_piper_serial.observe.log_stream import LogStream
from wyoming_piper_serial.observe.logs import JSON, formatter
from wyoming_piper_serial.settings import Logging

# Maximum number of digits of an integer in a client's JSON. This is the smallest limit that Python allows. With
# Python's default, parsing half a megabyte of long numbers takes 13 ms.
_MAX_DIGITS = 640

_WELCOME = """\
This starts a text-to-speech server for Piper voices. Ctrl-C stops it.
To hear it, run in another terminal: {program} say "Hello there."
Help: {program} --help
"""

_LOGGER = logging.getLogger(__name__)


def main(argv: Sequence[str]) -> int:
    """Runs the server until a signal or, on `stdio://`, the end of the connection ends it. Returns the exit code 0, or
    2 if the server cannot start. Exits with code 2 if an option is invalid."""
    try:
        settings, places = parse(argv)
    except SettingsError as error:
        sys.exit(failed(str(error)))
    if not argv and is_terminal(sys.stderr):
        _welcome()
    log = _log_stream()
    _configure_logging(settings.logging, log or sys.stderr)
    _LOGGER.info("Loading voice %s (version %s)", settings.voice, __version__)
    for warning in unknown_variables(os.environ):
        _LOGGER.warning(warning)
    sys.set_int_max_str_digits(_MAX_DIGITS)
    # These imports take most of the start-up time, so the options are checked and the first line is logged before they
    # begin.
    import asyncio  # noqa: PLC0415

    from wyoming_piper_serial.network.service_manager import ServiceManager  # noqa: PLC0415
    from wyoming_piper_serial.prepare import prepare  # noqa: PLC0415
    from wyoming_piper_serial.reloading import Reloader  # noqa: PLC0415

    try:
        try:
            manager = ServiceManager.from_environment(os.environ, pid=os.getpid())
            settings = with_token(settings)
            reloader = Reloader(lambda: with_token(parse(argv)[0]), settings)
            asyncio.run(prepare(settings, manager=manager, reloader=reloader).run())
        finally:
            if log is not None:  # `failed` must print its message after all log lines
                log.finish(LAST_LINES)
    except VoiceFileError as error:
        return failed(f"the voice {error.voice} cannot be used: {error.detail}")
    except PiperSerialError as error:
        return failed(located(str(error), places))
    return 0


def _welcome() -> None:
    from wyoming_piper_serial.network.interfaces import program  # noqa: PLC0415 -- rarely needed, and imports sockets

    print(_WELCOME.format(program=PROGRAM if shutil.which(PROGRAM) else program(sys.argv[0])), file=sys.stderr)


def log_formatter(log_format: str) -> logging.Formatter:
    """Returns the log formatter for a value of `--log-format`. The formatter uses colors if standard error supports
    them, except for `json`."""
    is_colored = log_format != JSON and has_colors(sys.stderr)
    return _ColorFormatter(log_format) if is_colored else formatter(log_format)


class _ColorFormatter(logging.Formatter):
    """Shows warnings and errors in color on a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if record.levelno < logging.WARNING:
            return text
        return painted(text, Color.YELLOW if record.levelno < logging.ERROR else Color.RED, sys.stderr)


def _log_stream() -> LogStream | None:
    """Returns the stream for log lines, or `None` if standard error has no file descriptor, as in some tests.

    Standard error is used because standard output carries the events if the address is `stdio://`.
    """
    try:
        return LogStream(sys.stderr.fileno())
    except (AttributeError, OSError, ValueError):
        return None


def _configure_logging(settings: Logging, stream: TextIO | LogStream) -> None:
    handler = BoundedHandler(stream)
    handler.setFormatter(log_formatter(settings.format))
    logging.basicConfig(level=logging.DEBUG if settings.debug else logging.INFO, handlers=[handler])
    # asyncio's debug messages are not relevant to this server.
    logging.getLogger("asyncio").setLevel(logging.INFO)
    if not settings.log_text:
        # At lower levels, piper-tts would log the text that it synthesizes.
        logging.getLogger("piper").setLevel(logging.ERROR)
