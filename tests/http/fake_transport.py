"""A fake of the transport that the event loop creates for a connection."""

import asyncio
from typing import Any


class FakeTransport(asyncio.Transport):
    """Collects the written bytes until `take` is called. The test calls `connection_lost`; the transport never does."""

    def __init__(self, **extra: Any) -> None:
        super().__init__({"peername": ("127.0.0.1", 50000), **extra})
        self.sent = b""
        self.backlog = 0
        self.limits = (1, 2)
        self.reading = True
        self.eof_written = False
        self.closing = False
        self.aborted = False

    def take(self) -> bytes:
        """Remove and return the bytes that were written, as if the client had read them."""
        taken, self.sent, self.backlog = self.sent, b"", 0
        return taken

    def state(self) -> str:
        """Return `open`, `lingering` (only reads), `closing` (closes after all bytes have been sent) or `aborted`."""
        if self.aborted:
            return "aborted"
        return "closing" if self.closing else "lingering" if self.eof_written else "open"

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closing
        assert not self.eof_written
        self.sent += data
        self.backlog += len(data)

    def write_eof(self) -> None:
        self.eof_written = True

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = self.aborted = True
        self.backlog = 0

    def is_closing(self) -> bool:
        return self.closing

    def get_write_buffer_size(self) -> int:
        return self.backlog

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self.limits

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.limits = (low or 0, high or 0)

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_reading(self) -> bool:
        return self.reading
