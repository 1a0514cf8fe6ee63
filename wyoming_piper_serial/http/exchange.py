"""The progress of one HTTP request and its response. Pure: it sees bytes and ASGI messages, and does no I/O.

This is not a parser. uvicorn parses; an exchange counts bytes, so that its connection knows what it waits for:

    request    IDLE  --first byte-->  HEAD  --application called-->  BODY  --last byte-->  DONE
    response   not started  --http.response.start-->  started  --last http.response.body-->  complete

The head ends at the first blank line, and the body has the length that the head states. If uvicorn reads the bytes
differently, the connection ends after the response.
"""

import re
from collections.abc import Iterable
from enum import Enum

_BLANK_LINE = re.compile(rb"\n\r?\n")
_OVERLAP = 2  # bytes at the end of a piece that may belong to a blank line


class RequestState(Enum):
    """The part of a request that has arrived."""

    IDLE = "idle"
    HEAD = "head"
    BODY = "body"
    DONE = "done"


class Exchange:
    """One request and its response."""

    def __init__(self) -> None:
        self.request = RequestState.IDLE
        self.response_started = False
        self.response_complete = False
        self.last = False
        """Whether this is the last request of its connection."""

        self._end_of_head = b""  # the last bytes of an unfinished head
        self._after_head: int | None = None  # bytes that followed the head; `None` while the head is unfinished
        self._left: int | None = 0  # bytes of the body that have not arrived; `None` if the head has no length

    def __repr__(self) -> str:
        response = "complete" if self.response_complete else "started" if self.response_started else "not started"
        return f"<Exchange request {self.request.value}, response {response}{', last' if self.last else ''}>"

    @property
    def arriving(self) -> bool:
        """Whether the request has begun to arrive and is not complete."""
        return self.request in {RequestState.HEAD, RequestState.BODY}

    @property
    def complete(self) -> bool:
        """Whether the request and the response are complete."""
        return self.request is RequestState.DONE and self.response_complete

    def received(self, data: bytes) -> None:
        """Count bytes that have arrived."""
        if self.request is RequestState.DONE:
            self.last = True  # sent ahead
        elif self.request is RequestState.BODY:
            self._take_body(len(data))
        elif self._after_head is not None:
            self._after_head += len(data)
        else:
            self.request = RequestState.HEAD
            self._search_end_of_head(self._end_of_head + data)

    def called(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """The head is complete: the application was called with these headers. Their names are in lower case."""
        self.request = RequestState.BODY
        self._left = body_length(headers)
        if self._left is None:
            self.last = True  # it is unknown which later bytes belong to the body
        self._take_body(self._after_head or 0)

    def body_read(self) -> None:
        """The application has received the end of the body."""
        self.request = RequestState.DONE

    def start_response(self) -> None:
        """The application sends the head of its response."""
        self.response_started = True
        if self.request is not RequestState.DONE:
            self.last = True  # the application does not read the rest of the body

    def complete_response(self) -> None:
        """The application has sent the end of its response."""
        self.response_complete = True

    def _search_end_of_head(self, head: bytes) -> None:
        if found := _BLANK_LINE.search(head):
            self._after_head = len(head) - found.end()
        self._end_of_head = head[-_OVERLAP:]

    def _take_body(self, count: int) -> None:
        if self._left is None:
            return
        self._left -= count
        if self._left <= 0:
            self.request = RequestState.DONE
        if self._left < 0:
            self.last = True  # sent ahead


def body_length(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    """The length of a request's body in bytes (RFC 9112, section 6.3), from valid headers; `None` for a chunked
    body."""
    length = 0
    for name, value in headers:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            length = int(value)
    return length
