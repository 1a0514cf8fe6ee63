"""The text of one request, which may still be arriving. Must be used in the event loop."""

import asyncio
from collections.abc import Callable

from wyoming_piper_serial.engine.buffers import Holding
from wyoming_piper_serial.exceptions import PiperSerialError, TextTooLong

# Maximum number of pieces of text in the list. Further pieces are joined with the others, because a list of single
# characters needs a lot of memory.
_MAX_PIECES = 256


class TextFeed:
    """The text of one request. The connection adds text as it arrives, and the synthesizer consumes it."""

    def __init__(self, max_text: int | None = None, *, holding: Holding | None = None) -> None:
        """`max_text` is in characters; `None` means no limit. `holding` counts the bytes of the text until `close` is
        called."""
        self.length = 0
        """Number of characters that have been added."""

        self._max_text = max_text
        self._holding = holding
        self._pieces: list[str] = []
        self._complete = asyncio.Event()
        self._error: PiperSerialError | None = None
        self._changed = asyncio.Event()
        self.on_wait: Callable[[bool], None] = lambda _: None
        """Called with true when `take` starts to wait, and with false when text or the end of the text arrives."""

    def check(self, text: str) -> None:
        """Raises TextTooLong or BuffersFull if `text` does not fit."""
        if self._max_text is not None and self.length + len(text) > self._max_text:
            raise TextTooLong(f"The text is longer than {self._max_text} characters.")
        if self._holding is not None and text:
            self._holding.check(_size(text))

    def add(self, text: str) -> None:
        """Appends `text`. Raises TextTooLong or BuffersFull if `text` does not fit."""
        self.check(text)
        if not text:
            return
        self.length += len(text)
        if self._holding is not None:
            self._holding.hold(self._holding.size + _size(text))
        self._pieces.append(text)
        if len(self._pieces) > _MAX_PIECES:
            self._pieces = ["".join(self._pieces)]
        self._changed.set()

    def end(self, error: PiperSerialError | None = None) -> None:
        """Marks the end of the text. If `error` is given, the text is incomplete, and `take` raises the error after it
        has returned the text."""
        self._error = error
        self._complete.set()
        self._changed.set()

    def close(self) -> None:
        """Discards the text that `take` has not returned. No text may be added afterwards."""
        self._pieces.clear()
        if self._holding is not None:
            self._holding.hold(0)
            self._holding = None

    async def completed(self) -> None:
        """Waits until `end` is called. Raises the error that was passed to `end`, if any."""
        await self._complete.wait()
        if self._error is not None:
            raise self._error

    async def take(self) -> str:
        """Waits for text and returns all text received since the last call. At the end of the text, returns an empty
        string, or raises the error that was passed to `end`."""
        if not self._changed.is_set():
            self.on_wait(True)
            await self._changed.wait()
            self.on_wait(False)
        text = "".join(self._pieces)
        self._pieces.clear()
        if not text and self._error is not None:
            raise self._error
        if not self._complete.is_set():
            self._changed.clear()
        return text


def _size(text: str) -> int:
    """Returns the approximate size of `text` in bytes. Python needs up to 4 bytes per character."""
    return len(text) * (1 if text.isascii() else 4)
