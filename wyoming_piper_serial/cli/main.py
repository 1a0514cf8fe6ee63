"""The program: its commands, its exit codes, and the signal handlers during the start."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from wyoming_piper_serial.cli import FAILED

COMMANDS = ("say", "health", "voices")
"""Each command is a module of this package with a `main`, and so is `serve`, which runs for all other arguments."""

_LOGGER = logging.getLogger(__name__)
_SERVE = "serve"
_LAST_STEP = 1.0  # seconds that threads have to end; most model runs take less


def run() -> NoReturn:
    """Run `main`, and end the process with its exit code."""
    if _command(sys.argv[1:]) == _SERVE:
        # They apply until the server has its own handlers. Process 1 of a container would ignore these signals
        # otherwise.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
    try:
        code = main()
    except Exception:
        # Not raised further: the thread of a hung step would keep the process from ending, and a supervisor from
        # restarting it.
        _LOGGER.exception("the server has failed")
        code = FAILED
    _leave_stuck_threads(code)
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name, otherwise the server; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # Only the command that runs is imported: `health` needs none of the server's imports, which take half a second.
    command = import_module(f"{__package__}.{_command(arguments)}")
    code: int = command.main(arguments)
    return code


def _command(arguments: Sequence[str]) -> str:
    return arguments[0] if arguments and arguments[0] in COMMANDS else _SERVE


def _leave_stuck_threads(code: int) -> None:
    """End the process now if a thread still runs: a model run cannot be stopped, and Python would wait for its end."""
    deadline = time.monotonic() + _LAST_STEP
    others = [thread for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        logging.shutdown()
        os._exit(code)
