"""The transport that uvicorn's protocols are given in place of the event loop's."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator
from typing import Any, Protocol


class TransportOwner(Protocol):
    """Decides what happens when uvicorn asks for more than to write."""

    def close_requested(self) -> None:
        """uvicorn is done with the connection. Must lead to `finish`, `linger` or `abort`."""

    def may_pause_reading(self) -> bool:
        """Whether reading may stop: a client that disconnects meanwhile is not noticed."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Another protocol takes over (HTTP/1.1 Upgrade)."""


class HttpTransport(asyncio.Transport):
    """Counts and sends what is written, and leaves it to its owner when and how to close.

    `close` is uvicorn's; the owner uses `finish`, `linger`, `abort` and `reset`.
    """

    def __init__(self, transport: asyncio.Transport, owner: TransportOwner) -> None:
        super().__init__()
        self._transport = transport
        self._owner = owner
        self._written = 0  # bytes
        self._held: list[bytes] | None = None
        self._closing = False
        self.lingering = False
        """All is written, and what the client still sends is read."""

    # Sending.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send. Does nothing if the connection is closing."""
        if self._held is not None:
            self._held.append(bytes(data))
        elif not self.is_closing():
            self._written += len(data)
            self._transport.write(data)

    @contextlib.contextmanager
    def hold(self) -> Iterator[list[bytes]]:
        """Collect what is written meanwhile instead of sending it; a `close` is collected as `b""`."""
        held = self._held = []
        try:
            yield held
        finally:
            self._held = None

    @property
    def backlog(self) -> int:
        """Bytes that wait for the client."""
        return self._transport.get_write_buffer_size()

    @property
    def taken(self) -> int:
        """Bytes that the client has taken."""
        return self._written - self.backlog

    def get_write_buffer_size(self) -> int:
        """Bytes that wait for the client."""
        return self.backlog

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Of the event loop's transport."""
        return self._transport.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Of the event loop's transport."""
        self._transport.set_write_buffer_limits(high, low)

    def can_write_eof(self) -> bool:
        """The owner ends the stream."""
        return False

    # Closing.

    def is_closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._closing or self._transport.is_closing()

    def close(self) -> None:
        """Ask the owner to close."""
        if self._held is not None:
            self._held.append(b"")
        elif not self._closing:
            self._owner.close_requested()

    def finish(self) -> None:
        """Close after all is sent."""
        self._closing = True
        self.lingering = False
        self._transport.close()

    def linger(self) -> None:
        """End the stream after all is sent, but go on reading: on unread input a close would become a reset, which may
        destroy a response on its way."""
        self._closing = True
        self.lingering = True
        self._transport.resume_reading()
        self._transport.write_eof()

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self.lingering = False
        self._transport.abort()

    def reset(self) -> None:
        """Close at once with a reset (RST), even if all is sent."""
        link: socket.socket = self._transport.get_extra_info("socket")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.abort()

    # Reading.

    def is_reading(self) -> bool:
        """Whether data is received."""
        return self._transport.is_reading()

    def pause_reading(self) -> None:
        """Receive no data until `resume_reading`, if the owner allows it."""
        if self._owner.may_pause_reading():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Receive data again."""
        self._transport.resume_reading()

    # The rest.

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Of the event loop's transport."""
        return self._transport.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Tell the owner, who stays the protocol of the event loop's transport."""
        self._owner.set_protocol(protocol)
