"""The command that runs the server. It is used if no other command is given."""

import asyncio
import logging
import sys
from collections.abc import Sequence

from wyoming_piper_serial.cli.parser import failed, parse_settings
from wyoming_piper_serial.exceptions import PiperSerialError, VoiceFileError
from wyoming_piper_serial.observe.bounded_log import BoundedHandler
from wyoming_piper_serial.observe.logs import formatter
from wyoming_piper_serial.settings import Logging

# Digits of a whole number in a client's JSON. This is the smallest limit that Python has; with its default, half a
# megabyte of long numbers takes 13 ms to parse.
_MAX_DIGITS = 640


def main(argv: Sequence[str]) -> int:
    """Run the server until a signal ends it; returns the exit code: 0, or 2 if it cannot start."""
    settings = parse_settings(argv)
    _configure_logging(settings.logging)
    sys.set_int_max_str_digits(_MAX_DIGITS)
    # Most of the start-up time is spent on this import; a bad option is reported before it.
    from wyoming_piper_serial.prepare import prepare  # noqa: PLC0415

    try:
        asyncio.run(prepare(settings).run())
    except VoiceFileError as error:
        return failed(f"the voice {error.voice} cannot be used: {error.detail}")
    except PiperSerialError as error:
        return failed(str(error))
    return 0


def _configure_logging(settings: Logging) -> None:
    # On stdio://, standard output has only events.
    handler = BoundedHandler(sys.stderr)
    handler.setFormatter(formatter(settings.format))
    logging.basicConfig(level=logging.DEBUG if settings.debug else logging.INFO, handlers=[handler])
    # asyncio's own messages at this level do not concern this server.
    logging.getLogger("asyncio").setLevel(logging.INFO)
    if not settings.log_text:
        # piper-tts logs the text that it synthesizes.
        logging.getLogger("piper").setLevel(logging.ERROR)
