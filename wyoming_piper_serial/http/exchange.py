"""How far one HTTP request and its response have come. Pure: sees bytes and ASGI messages, does no I/O.

This is no parser. uvicorn parses; an exchange only counts, so that a connection knows what it waits for:

    request    IDLE  --first byte-->  HEAD  --application called-->  BODY  --last byte-->  DONE
    response   not started  --http.response.start-->  started  --last http.response.body-->  complete

The head ends at the first blank line, and the body has the length that the head announces. Should this differ from what
uvicorn makes of the bytes, the connection ends after the response.
"""

import re
from collections.abc import Iterable
from enum import Enum

_BLANK_LINE = re.compile(rb"\n\r?\n")
_OVERLAP = 2  # bytes of a blank line that the bytes before may hold


class RequestState(Enum):
    """What has arrived of a request."""

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
        """No request can follow on this connection."""

        self._end_of_head = b""  # the last bytes of an unfinished head
        self._after_head: int | None = None  # bytes that followed the head; `None` while the head is unfinished
        self._left: int | None = 0  # bytes of the body that are still to come; `None` if the head does not say

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
        """These bytes have arrived."""
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
        """The head is complete: the application was called with these headers, whose names are in lower case."""
        self.request = RequestState.BODY
        self._left = body_length(headers)
        if self._left is None:
            self.last = True  # how much of what arrives belongs to the body is not known
        self._take_body(self._after_head or 0)

    def body_read(self) -> None:
        """The application has received the end of the body."""
        self.request = RequestState.DONE

    def start_response(self) -> None:
        """The application sends the head of its response."""
        self.response_started = True
        if self.request is not RequestState.DONE:
            self.last = True  # nobody will read the rest of the body

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
    """Bytes of a request's body (RFC 9112, section 6.3), by headers that are valid; `None` for a chunked body."""
    length = 0
    for name, value in headers:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            length = int(value)
    return length
