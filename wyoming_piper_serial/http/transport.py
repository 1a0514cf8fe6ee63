"""The transport that uvicorn's protocols use instead of the event loop's transport."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator
from enum import Enum
from typing import Any

from wyoming_piper_serial.http.bounds import MAX_REPLIES, UNCOUNTED_REPLIES
from wyoming_piper_serial.http.owners import TransportOwner


class Hold(Enum):
    """Reasons to pause reading from a connection."""

    PROTOCOL = "protocol"
    """uvicorn has paused reading."""

    TURN = "turn"
    """The bytes of the last read have not been handled yet (see `Pacer`)."""

    HEAD = "head"
    """The head of a request is complete, but the application has not been called yet."""


class HttpTransport(asyncio.Transport):
    """Sends and counts the bytes that uvicorn writes.

    The `owner`, an `HttpConnection`, decides when and how the connection is closed: if uvicorn calls `close`, the owner
    calls `finish` or `linger`. The owner may also call these methods, `abort` or `reset` at any other time.
    """

    def __init__(self, transport: asyncio.Transport, owner: TransportOwner) -> None:
        super().__init__()
        self._transport = transport
        self._owner: TransportOwner | None = owner
        self._written = 0  # number of bytes written to the event loop's transport
        self._held: list[bytes] | None = None
        self._gathered: list[bytes] | None = None
        self._holds: set[Hold] = set()
        self._closing = False
        self.lingering = False
        """Whether the output has ended, but input is still being read and discarded."""

    # The part of the asyncio transport interface that writes.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Sends `data`, or collects it within `hold` or `gather`. Does nothing if the connection is closing."""
        if self._held is not None:
            self._held.append(bytes(data))
        elif self._gathered is not None:
            self._gathered.append(bytes(data))
        elif not self.is_closing():
            self._written += len(data)
            self._transport.write(data)

    @contextlib.contextmanager
    def gather(self) -> Iterator[None]:
        """Collects the replies that are written within the context. Sends the replies together when the context ends or
        the connection is closed. Aborts the connection if the client has left too many bytes unread."""
        self._gathered = []
        try:
            yield
        finally:
            self._send_gathered()
        if self.backlog > MAX_REPLIES:
            self.abort()

    def _send_gathered(self) -> None:
        gathered, self._gathered = self._gathered, None
        if gathered:
            self.write(b"".join(gathered))

    @contextlib.contextmanager
    def hold(self) -> Iterator[list[bytes]]:
        """Collects the bytes that are written within the context instead of sending them. A call to `close` adds
        `b""`."""
        held = self._held = []
        try:
            yield held
        finally:
            self._held = None

    @property
    def backlog(self) -> int:
        """Number of bytes that are buffered for the client."""
        return self._transport.get_write_buffer_size()

    @property
    def unread_replies(self) -> int:
        """Number of buffered bytes above `UNCOUNTED_REPLIES`, the maximum that the audio of a WebSocket can use."""
        return max(0, self.backlog - UNCOUNTED_REPLIES)

    @property
    def taken(self) -> int:
        """Number of bytes that have been passed to the kernel."""
        return self._written - self.backlog

    def get_write_buffer_size(self) -> int:
        """Returns the number of bytes that are buffered for the client."""
        return self.backlog

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Returns the limits of the write buffer of the event loop's transport."""
        return self._transport.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Sets the limits of the write buffer of the event loop's transport."""
        self._transport.set_write_buffer_limits(high, low)

    def can_write_eof(self) -> bool:
        """Returns false, because only the owner, not uvicorn, may end the output."""
        return False

    # Methods that close the connection.

    def is_closing(self) -> bool:
        """Returns whether the connection is closing. If so, nothing more can be sent."""
        return self._closing or self._transport.is_closing()

    def close(self) -> None:
        """Asks the owner to close the connection. Within `hold`, only records the call."""
        if self._held is not None:
            self._held.append(b"")
        elif not self._closing and self._owner is not None:
            self._owner.close_requested()

    def finish(self) -> None:
        """Closes the connection after all output is sent."""
        self._send_gathered()
        self._closing = True
        self.lingering = False
        self._transport.close()

    def linger(self) -> None:
        """Ends the output after all bytes are sent, but continues to read.

        Closing the connection with unread input would send a reset, and the client could lose the response.
        """
        self._send_gathered()
        self._closing = True
        self.lingering = True
        self._holds.clear()
        self._transport.resume_reading()
        self._transport.write_eof()

    def abort(self) -> None:
        """Closes the connection at once."""
        self._closing = True
        self.lingering = False
        self._transport.abort()

    def reset(self) -> None:
        """Closes the connection at once with a reset (RST), even if all output has been sent."""
        link: socket.socket = self._transport.get_extra_info("socket")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.abort()

    def detach(self) -> None:
        """Removes the reference to the owner after the connection is closed."""
        self._owner = None

    # Methods that pause and resume reading.

    def is_reading(self) -> bool:
        """Returns whether reading is not paused."""
        return self._transport.is_reading()

    def pause_reading(self) -> None:
        """Pauses reading until `resume_reading` is called, if the owner allows it."""
        if self._owner is not None and self._owner.may_pause_reading():
            self.hold_reading(Hold.PROTOCOL)

    def resume_reading(self) -> None:
        """Ends the pause that `pause_reading` began."""
        self.release_reading(Hold.PROTOCOL)

    def hold_reading(self, reason: Hold) -> None:
        """Pauses reading for `reason`. Reading resumes when `release_reading` has been called for all reasons."""
        self._holds.add(reason)
        self._transport.pause_reading()

    def release_reading(self, reason: Hold) -> None:
        """Removes `reason` from the reasons to pause reading. Resumes reading if no reason is left."""
        self._holds.discard(reason)
        if not self._holds:
            self._transport.resume_reading()

    # The remaining methods of the asyncio transport interface.

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Returns information about the event loop's transport."""
        return self._transport.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Passes uvicorn's new `protocol` to the owner, which remains the protocol of the event loop's transport."""
        if self._owner is not None:
            self._owner.set_protocol(protocol)
