"""Handles the signals of the running server."""

import asyncio
import logging
import os
import signal
import sys

from wyoming_piper_serial.shutdown import Shutdown

_LOGGER = logging.getLogger(__name__)

FORCED_EXIT = 130  # Exit code after the second Ctrl-C, as in shells.
# Number of iterations of the event loop between a signal and the shutdown. During these iterations, the server still
# accepts requests that are already in the kernel's buffers. Accepting a request takes about ten iterations. On an idle
# server, the 50 iterations take a millisecond in total.
_TURNS_OF_ARRIVALS = 50


class Signals:
    """Begins the shutdown on the first SIGINT or SIGTERM. A later SIGINT ends the process at once.

    SIGHUP sets `reload`. If the server was started in a terminal that no longer exists, SIGHUP begins the shutdown.
    """

    def __init__(self, shutdown: Shutdown) -> None:
        self.reload = asyncio.Event()
        """Set when the settings should be reread. The reader clears it."""

        self._shutdown = shutdown
        self._in_terminal = _has_terminal()
        self._beginning: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        loop.add_signal_handler(signal.SIGTERM, self._begin)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)

    def _interrupt(self) -> None:
        if self._shutdown.begun or self._beginning is not None:
            _LOGGER.warning("Forced to stop")
            logging.shutdown()
            os._exit(FORCED_EXIT)
        self._begin()

    def _hang_up(self) -> None:
        if self._in_terminal and not _has_terminal():
            self._begin()
        else:
            self.reload.set()

    def _begin(self) -> None:
        if self._beginning is None:
            self._beginning = asyncio.create_task(self._begin_after_arrivals())

    async def _begin_after_arrivals(self) -> None:
        """Begins the shutdown after some iterations of the event loop, in which the server can read the requests that
        the machine received before the signal."""
        for _ in range(_TURNS_OF_ARRIVALS):
            await asyncio.sleep(0)
        self._shutdown.begin()


def _has_terminal() -> bool:
    """Returns whether standard input is a terminal. The result is false if the terminal has been closed."""
    try:
        return sys.stdin is not None and os.isatty(sys.stdin.fileno())
    except (OSError, ValueError):  # standard input is closed or is not a file
        return False
