"""The entry point: selects the command, exits with its exit code, and handles signals until the server has installed
its own handlers."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from wyoming_piper_serial.cli import COMMANDS, FAILED, INTERRUPTED

_LOGGER = logging.getLogger(__name__)
_SERVE = "serve"
_LAST_STEP = 1.0  # maximum time to wait for threads at exit, in seconds; most model runs take less time


def run() -> NoReturn:
    """Runs `main` and exits with the code that it returns."""
    if _command(sys.argv[1:]) == _SERVE:
        # These handlers apply until the server installs its own. In process 1 of a container, the kernel ignores
        # signals that have no handler.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
        if not os.isatty(0):  # otherwise, SIGHUP means that the terminal was closed
            signal.signal(signal.SIGHUP, lambda *_: None)
    try:
        code = main()
    except KeyboardInterrupt:  # raised by Ctrl-C while a command is being imported
        code = INTERRUPTED
    except Exception:
        # If the error were re-raised, a thread with a hanging model run would keep the process running, and a
        # supervisor would not restart it.
        _LOGGER.exception("the server has failed")
        code = FAILED
    _leave_stuck_threads(code)
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command in `argv`, or the server if there is no command. Returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # Only the selected command is imported. The server's imports take half a second, and `health` does not need them.
    command = import_module(f"{__package__}.{_command(arguments)}")
    code: int = command.main(arguments)
    return code


def _command(arguments: Sequence[str]) -> str:
    return arguments[0] if arguments and arguments[0] in COMMANDS else _SERVE


def _leave_stuck_threads(code: int) -> None:
    """Ends the process with the exit code `code` if a thread that is not a daemon still runs after _LAST_STEP seconds.

    On a normal exit, Python would wait for the thread. A model run cannot be interrupted, so this could take forever.
    """
    deadline = time.monotonic() + _LAST_STEP
    others = [thread for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        logging.shutdown()
        os._exit(code)
