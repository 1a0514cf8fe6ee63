"""The default command, which runs the server."""

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from wyoming_piper_serial.cli.parser import failed, parse_settings, read_settings, with_token
from wyoming_piper_serial.exceptions import PiperSerialError, VoiceFileError
from wyoming_piper_serial.network.service_manager import ServiceManager
from wyoming_piper_serial.observe.bounded_log import LAST_LINES, BoundedHandler
from wyoming_piper_serial.observe.log_stream import LogStream
from wyoming_piper_serial.observe.logs import formatter
from wyoming_piper_serial.reloading import Reloader
from wyoming_piper_serial.settings import Logging

# Maximum number of digits in a whole number in a client's JSON. This is the smallest limit that Python allows. With
# Python's default, parsing half a megabyte of long numbers takes 13 ms.
_MAX_DIGITS = 640


def main(argv: Sequence[str]) -> int:
    """Runs the server until a signal ends it. Returns the exit code: 0, or 2 if the server cannot start."""
    settings = parse_settings(argv)
    log = _log_stream()
    _configure_logging(settings.logging, log or sys.stderr)
    sys.set_int_max_str_digits(_MAX_DIGITS)
    # This import takes most of the start-up time, so the options are checked first.
    from wyoming_piper_serial.prepare import prepare  # noqa: PLC0415

    try:
        try:
            manager = ServiceManager.from_environment(os.environ, pid=os.getpid())
            settings = with_token(settings)
            reloader = Reloader(lambda: with_token(read_settings(argv)), settings)
            asyncio.run(prepare(settings, manager=manager, reloader=reloader).run())
        finally:
            if log is not None:  # `failed` must print its message after all log lines
                log.finish(LAST_LINES)
    except VoiceFileError as error:
        return failed(f"the voice {error.voice} cannot be used: {error.detail}")
    except PiperSerialError as error:
        return failed(str(error))
    return 0


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
    handler.setFormatter(formatter(settings.format))
    logging.basicConfig(level=logging.DEBUG if settings.debug else logging.INFO, handlers=[handler])
    # asyncio's debug messages do not concern this server.
    logging.getLogger("asyncio").setLevel(logging.INFO)
    if not settings.log_text:
        # At lower levels, piper-tts would log the text that it synthesizes.
        logging.getLogger("piper").setLevel(logging.ERROR)
