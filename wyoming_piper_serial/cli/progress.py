"""Shows the progress of a speech request on a terminal."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

from wyoming_piper_serial.cli.terminal import is_terminal

_PERIOD = 0.1  # minimum seconds between two updates; people cannot read faster


class Progress:
    """Adds up the duration of the received speech. On a terminal, shows the total on one line that is updated in
    place."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """Writes the progress line to `stream`, or to standard error if `stream` is `None`."""
        self.seconds = 0.0
        self.is_silent = True
        """Whether all received audio is silence, because the text contains nothing to speak."""

        self._stream = stream or sys.stderr
        self._shown = is_terminal(self._stream)
        self._clock = clock
        self._begin = clock()
        self._first: float | None = None
        self._width = 0
        self._updated = -_PERIOD

    def begin(self) -> None:
        """Records the start of a request, from which the time to the first sound is measured."""
        self._begin, self._first = self._clock(), None

    def wait(self, what: str) -> None:
        """Shows what the command is waiting for, such as `waiting for the server`."""
        self._show(what)

    @property
    def total(self) -> str:
        """The total in words, such as `2.5 s of speech`."""
        if self.is_silent:
            return f"{self.seconds:.1f} s of silence, because the text contains nothing to speak"
        return f"{self.seconds:.1f} s of speech"

    def add(self, seconds: float, *, silent: bool = False) -> None:
        """Adds `seconds` of received audio to the total. `silent` says whether the audio is silence."""
        self.is_silent = self.is_silent and silent
        if self._first is None:
            self._first = self._clock() - self._begin
        self.seconds += seconds
        now = self._clock()
        if now - self._updated >= _PERIOD:
            self._updated = now
            self._show(f"{self.seconds:6.1f} s of speech, first sound after {self._first:.2f} s")

    def end(self) -> None:
        """Removes the progress line from the terminal."""
        self._show("")
        if self._shown:
            print("\r", end="", file=self._stream, flush=True)

    def _show(self, text: str) -> None:
        if self._shown:
            print(f"\r{text:{self._width}}", end="", file=self._stream, flush=True)
            self._width = len(text)
