"""Tracks the progress of an HTTP request and its response. Pure: it processes bytes and ASGI messages, but does no I/O.

uvicorn parses the request. An `Exchange` only counts bytes, so the connection knows which part comes next:

    request    IDLE  --first byte-->  HEAD  --application called-->  BODY  --last byte-->  DONE
    response   not started  --http.response.start-->  started  --last http.response.body-->  complete

The head ends at the first blank line, and the head determines the length of the body. If uvicorn finds a different end
of the request, the connection is closed after the response.
"""

from collections.abc import Iterable
from enum import Enum

from wyoming_piper_serial.http.bounds import BlankLine, ChunkBounds, FieldBounds, RequestLine
from wyoming_piper_serial.network.proxy_header import UNEXPECTED, starts_proxy_header

# Maximum number of buffered bytes of a streamed body. uvicorn stops reading after 64 KiB.
_STREAMED = 80 * 1024


class RequestState(Enum):
    """The part of a request that is arriving."""

    IDLE = "idle"
    HEAD = "head"
    BODY = "body"
    DONE = "done"


class Exchange:
    """One request and its response."""

    def __init__(self) -> None:
        self.request = RequestState.IDLE
        self.size = 0
        """Number of bytes of the request that have arrived."""

        self.response_started = False
        self.response_complete = False
        self.last = False
        """Whether this is the last request on its connection."""

        self.fault: str | None = None
        """Description of the fault of the request, such as a bound that it exceeds, or `None` if there is no fault."""

        self._blank_line = BlankLine()
        self._fields = FieldBounds(request_line=True)
        self._request_line = RequestLine()
        self._chunks: ChunkBounds | None = None
        # Number of bytes received after the head and before the application was called; `None` until the head is
        # complete.
        self._after_head: int | None = None
        self._left: int | None = 0  # number of bytes still missing from the body; `None` if the length is unknown
        self._is_streamed = False

    def __repr__(self) -> str:
        response = "complete" if self.response_complete else "started" if self.response_started else "not started"
        return f"<Exchange request {self.request.value}, response {response}{', last' if self.last else ''}>"

    @property
    def arriving(self) -> bool:
        """Whether only a part of the request has arrived."""
        return self.request in {RequestState.HEAD, RequestState.BODY}

    @property
    def held(self) -> int:
        """Upper bound for the number of bytes of the request that are in memory now."""
        return min(self.size, _STREAMED) if self._is_streamed else self.size

    @property
    def awaited(self) -> object:
        """The item that must arrive within the event timeout: the request, or the next bytes of a streamed body. `None`
        if nothing is arriving."""
        if not self.arriving:
            return None
        return self.size if self._is_streamed else self

    @property
    def complete(self) -> bool:
        """Whether the request and the response are complete."""
        return self.request is RequestState.DONE and self.response_complete

    @property
    def head_complete(self) -> bool:
        """Whether the head is complete and the application has not been called."""
        return self._after_head is not None and self.request is RequestState.HEAD

    def received(self, data: bytes) -> int:
        """Counts received bytes. Returns the number of these bytes that belong to the head."""
        if self.request is RequestState.DONE:
            self.last = True  # the client has sent its next request early
            return 0
        self.size += len(data)
        if self.request is RequestState.BODY:
            self._take_body(len(data))
        elif self._after_head is not None:
            self._after_head += len(data)
        else:
            begins_with_proxy_header = self.request is RequestState.IDLE and starts_proxy_header(data)
            self.request = RequestState.HEAD
            taken = self._take_head(data)
            if begins_with_proxy_header:
                self.fault = UNEXPECTED
            return taken
        return 0

    def parsable(self, head: bytes) -> bytes:
        """Returns the next bytes of the request head. The request line is converted to ASCII, as uvicorn requires."""
        return self._request_line.encoded(head)

    def parsing(self, body: bytes) -> None:
        """Checks the bytes of the body that will be parsed next. Sets `fault` if they are not valid."""
        if self._chunks is not None:
            self.fault = self._chunks.fault(body)

    def called(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Records that the application was called with `headers`, whose names must be in lower case."""
        self.request = RequestState.BODY
        self._left = body_length(headers)
        if self._left is None:
            self.last = True  # It is not known where the body ends and the next request begins.
            self._chunks = ChunkBounds()
        self._take_body(self._after_head or 0)

    def stream_body(self) -> None:
        """Records that the application handles the body in pieces as it arrives."""
        self._is_streamed = True

    def body_read(self) -> None:
        """Records that the application has received the end of the body."""
        self.request = RequestState.DONE

    def start_response(self) -> None:
        """Records that the application is sending the head of the response."""
        self.response_started = True
        if self.request is not RequestState.DONE:
            self.last = True  # The application will not read the rest of the body.

    def complete_response(self) -> None:
        """Records that the application has sent the end of the response."""
        self.response_complete = True

    def _take_head(self, data: bytes) -> int:
        end = self._blank_line.end(data)
        head = data[:end]
        self.fault = self._fields.fault(head)
        if end is not None:
            self._after_head = len(data) - end
        return len(head)

    def _take_body(self, count: int) -> None:
        if self._left is None:
            return
        self._left -= count
        if self._left <= 0:
            self.request = RequestState.DONE
        if self._left < 0:
            self.last = True  # the client has sent its next request early


def body_length(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    """Returns the length of a request's body in bytes (RFC 9112, section 6.3), or `None` for a chunked body.

    `headers` must be valid.
    """
    length = 0
    for name, value in headers:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            length = int(value)
    return length
