"""The program: its commands, exit codes and first signal handlers."""

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import NoReturn

from wyoming_piper_serial.cli import client
from wyoming_piper_serial.cli.parser import failed, parse_settings
from wyoming_piper_serial.exceptions import PiperSerialError, VoiceFileError
from wyoming_piper_serial.settings import Settings

FAILED = 1
_LOGGER = logging.getLogger(__name__)
_LAST_STEP = 1.0  # seconds a running step gets at the end; most take less


def run() -> NoReturn:
    """`main` as a process of its own: signals are obeyed from the first moment to the last."""
    if not _is_client(sys.argv[1:]):
        # Until the server has handlers of its own; as process 1 of a container it would ignore them.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
    try:
        code = main()
    except Exception:
        # A hung step's thread must not keep the process from ending, and a supervisor from starting another.
        _LOGGER.exception("the server has failed")
        code = FAILED
    _leave_stuck_threads(code)
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if _is_client(arguments):
        return client.main(arguments)
    if arguments and arguments[0] == "voices":
        # What it needs, neither the server nor `health` has to wait for.
        from wyoming_piper_serial.cli import voices  # noqa: PLC0415

        return voices.main(arguments)
    return _serve(parse_settings(arguments))


def _is_client(arguments: Sequence[str]) -> bool:
    return bool(arguments) and arguments[0] in client.COMMANDS


def _serve(settings: Settings) -> int:
    # Standard output may be the wire of stdio://, so nothing but events goes there.
    logging.basicConfig(
        level=logging.DEBUG if settings.logging.debug else logging.INFO,
        format=settings.logging.format,
        stream=sys.stderr,
    )
    if not settings.logging.log_text:
        # piper-tts logs what it is given to say.
        logging.getLogger("piper").setLevel(logging.ERROR)
    # Takes most of the start-up time: neither `health` nor a wrong option has to wait for it.
    from wyoming_piper_serial.app import prepare  # noqa: PLC0415

    try:
        asyncio.run(prepare(settings).run())
    except VoiceFileError as error:
        return failed(f"the voice {error.voice} cannot be used: {error.detail}")
    except PiperSerialError as error:
        return failed(str(error))
    return 0


def _leave_stuck_threads(code: int) -> None:
    """End the process now if a step or a load goes on: it cannot be stopped, and Python would wait for it."""
    deadline = time.monotonic() + _LAST_STEP
    others = [thread for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        logging.shutdown()
        os._exit(code)
