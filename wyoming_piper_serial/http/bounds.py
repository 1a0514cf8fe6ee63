"""Limits the number of parts in a client's data before a library parses the data. Does no I/O.

h11 and websockets handle each part (a field, a chunk, a frame) in Python, so many small parts would block the event
loop. Some of h11's regular expressions take quadratic time for input that they do not match.
"""

import re

MAX_FIELDS = 100
"""Maximum number of header fields in a request, and of trailer fields in its body. Browsers and proxies send about 30.
Apache's limit is 100."""

MAX_LINE = 8192
"""Maximum number of bytes in a header field, as in websockets, nginx and Apache. The request target is limited by
`--max-header` instead."""

MAX_MEMBERS = 1000
"""Maximum number of commas in all header fields together. Each item of a comma-separated list is processed several
times. A browser sends about 30 commas."""

MAX_INVALID_ESCAPES = 64
"""Maximum number of percent signs in a target that are not followed by two hexadecimal digits. Text typed into the
address bar may contain a few. Decoding them takes five times as long as decoding valid escapes: 20 ms for 60,000."""

MAX_CHUNK_LINE = 256
"""Maximum number of bytes in the line before a chunk. The line contains the size of the chunk and optional extensions,
which no client uses."""

MAX_FRAGMENTS = 1000
"""Maximum number of frames in a WebSocket message. Browsers send each message in one frame or in frames of 128 KiB."""

READ_SIZE = 2048
"""Maximum number of bytes read from a socket at once. uvicorn parses them without interruption, which takes 3 ms for
300 pings or chunks. With asyncio's default of 256 KiB, parsing could take half a second."""

MAX_DISCARDED = 1024 * 1024
"""Maximum number of bytes that are read and discarded after the last output of a connection. If the client sends more,
the connection is aborted."""

UNCOUNTED_REPLIES = 160 * 1024
"""Number of bytes that can be buffered for a WebSocket whose client reads slowly: asyncio's limit of 64 KiB, one
message with 64 KiB of audio, and some short messages. Further bytes, such as pongs, count towards `--max-buffered`."""

MAX_REPLIES = 1024 * 1024
"""Maximum number of bytes that are buffered for a WebSocket. Above this number, the connection is aborted."""

# Characters that an HTTP head must not contain. A carriage return is allowed only before a line feed.
_ILLEGAL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r[^\n]")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_OVERLAP = 2  # number of bytes at the end of the received data that may be the start of a blank line
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,20}")
_LINE_END = b"\r\n"
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_INVALID_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPE_OVERLAP = 2  # number of bytes at the end of the received data that may be the start of an escape

_FINAL = 0x80  # this and the next three are bit masks for the head of a frame (RFC 6455, section 5.2)
_CONTROL = 0x08
_LENGTH = 0x7F
_MASKED = 0x80
_MASK = 4  # length of a masking key in bytes


class BlankLine:
    """Finds the blank line at the end of an HTTP head that arrives in pieces."""

    def __init__(self, before: bytes = b"") -> None:
        """`before` contains the bytes that precede the first piece."""
        self._before = before

    def end(self, data: bytes) -> int | None:
        """Returns the number of bytes in `data` up to the end of the blank line, or `None` if the blank line is not
        complete."""
        searched = self._before + data
        found = _BLANK_LINE.search(searched)
        end = found and found.end() - len(self._before)
        self._before = searched[-_OVERLAP:]
        return end


class RequestLine:
    """Percent-encodes the target of a request, because h11 accepts only ASCII, but users paste raw UTF-8 into curl."""

    def __init__(self) -> None:
        self._ended = False

    def encoded(self, head: bytes) -> bytes:
        """Returns the next bytes of a head. In the request line, non-ASCII bytes are percent-encoded."""
        if self._ended:
            return head
        line, newline, rest = head.partition(b"\n")
        self._ended = bool(newline)
        return _NOT_ASCII.sub(lambda found: b"%%%02X" % found[0][0], line) + newline + rest


class FieldBounds:
    """Checks the header or trailer fields of a request."""

    def __init__(self, *, request_line: bool) -> None:
        """`request_line` says whether a request line precedes the fields. The limits for length and commas do not apply
        to the request line."""
        self._lines = 0
        self._allowed = MAX_FIELDS + request_line
        self._request_line = request_line
        self._line_length = 0
        self._members = 0
        self._invalid_escapes = 0
        self._target_end = b""  # The last received bytes of the request line.
        self._before = b""  # A carriage return if the previous data ended with one, otherwise empty.

    def fault(self, data: bytes) -> str | None:
        """Returns a description of the fault in the next bytes, such as an exceeded bound, or `None` if there is no
        fault."""
        self._lines += data.count(b"\n")
        if self._lines > self._allowed + 1:  # plus one line for the blank line after the fields
            return f"more than {MAX_FIELDS} header fields"
        if _ILLEGAL.search(self._before + data):
            return "control characters in its head"
        self._before = data[-1:] if data.endswith(b"\r") else b""
        for number, line in enumerate(data.split(b"\n")):
            if number:
                self._request_line = False
                self._line_length = 0
            if self._request_line:
                self._count_escapes(line)
            else:
                self._line_length += len(line)
                self._members += line.count(b",")
            if self._line_length > MAX_LINE:
                return f"a header field of more than {MAX_LINE} bytes"
        if self._invalid_escapes > MAX_INVALID_ESCAPES:
            return f"more than {MAX_INVALID_ESCAPES} invalid escapes in its target"
        return f"more than {MAX_MEMBERS} commas in its header fields" if self._members > MAX_MEMBERS else None

    def _count_escapes(self, piece: bytes) -> None:
        """Counts the invalid escapes in the received bytes. Skips the last two bytes, which may be the start of a valid
        escape."""
        searched = self._target_end + piece
        self._target_end = searched[-_ESCAPE_OVERLAP:]
        last = len(searched) - _ESCAPE_OVERLAP
        self._invalid_escapes += sum(found.start() < last for found in _INVALID_ESCAPE.finditer(searched))


class ChunkBounds:
    """Checks a chunked body (RFC 9112, section 7.1)."""

    def __init__(self) -> None:
        self._line = bytearray()  # The received part of the line before a chunk.
        self._left = 0  # Number of bytes still missing from the chunk and the line end after it.
        self._trailer: FieldBounds | None = None
        self._end = BlankLine(b"\r\n")
        self._ended = False

    def fault(self, data: bytes) -> str | None:
        """Returns a description of the fault in the next bytes, or `None` if they are valid."""
        at = 0
        while at < len(data) and not self._ended:
            if self._trailer is not None:
                return self._trailer_fault(self._trailer, data[at:])
            if self._left:
                skipped = min(self._left, len(data) - at)
                self._left -= skipped
                at += skipped
                continue
            begin = len(self._line)
            self._line += data[at : at + MAX_CHUNK_LINE + len(_LINE_END)]
            end = self._line.find(_LINE_END, max(0, begin - 1))  # the two bytes of the line end may arrive separately
            if (end if end >= 0 else len(self._line) - 1) > MAX_CHUNK_LINE:
                return f"a chunk's line of more than {MAX_CHUNK_LINE} bytes"
            if end < 0:
                return None
            at += end + len(_LINE_END) - begin
            size = _CHUNK_SIZE.match(self._line)
            if size is None:
                return "a chunk without a size"
            self._left = int(size[0], 16)
            self._line.clear()
            if self._left:
                self._left += len(_LINE_END)
            else:
                self._trailer = FieldBounds(request_line=False)
        return None

    def _trailer_fault(self, trailer: FieldBounds, data: bytes) -> str | None:
        end = self._end.end(data)
        self._ended = end is not None
        return trailer.fault(data[:end])


class FrameBounds:
    """Checks the frames of a WebSocket (RFC 6455, section 5.2)."""

    def __init__(self) -> None:
        self._head = bytearray()  # the received part of a frame's head
        self._in_payload = False
        self._left = 0  # Number of bytes still missing from the payload of the current frame.
        self._frame = 0  # Number of received bytes of the current frame.
        self._is_data = False  # Whether the current frame is part of a message, not a control frame.
        self._completes = False  # Whether the current frame is the last one of its message.
        self._whole_frames = 0  # Number of bytes in the complete frames of the incomplete message.
        self._last_frame = 0  # Number of bytes in the last complete frame.
        self._fragments = 0  # Number of frames of the incomplete message.
        self._messages = 0  # Number of complete messages.

    @property
    def unfinished(self) -> int | None:
        """Zero-based index of the incomplete message, or `None` between messages."""
        return self._messages if self._head or self._in_payload or self._fragments else None

    @property
    def held(self) -> int:
        """Number of received bytes that may be in memory: those of the incomplete message or, between two messages, of
        the last frame. The WebSocket library keeps this frame until the next one is complete."""
        return self._frame + (self._whole_frames or self._last_frame)

    def fault(self, data: bytes) -> str | None:
        """Returns a description of the bound that the next bytes exceed, or `None` if they are within all bounds."""
        at = 0
        while at < len(data):
            if self._in_payload:
                taken = min(self._left, len(data) - at)
                self._left -= taken
            else:
                taken = min(self._head_length() - len(self._head), len(data) - at)
                self._head += data[at : at + taken]
                if len(self._head) == self._head_length():
                    self._begin_payload()
            at += taken
            self._frame += taken
            if self._in_payload and not self._left:
                self._end_frame()
            if self._fragments > MAX_FRAGMENTS:
                return f"a message of more than {MAX_FRAGMENTS} frames"
        return None

    def _head_length(self) -> int:
        if len(self._head) < 2:
            return 2
        extended = {126: 2, 127: 8}.get(self._head[1] & _LENGTH, 0)
        return 2 + extended + (_MASK if self._head[1] & _MASKED else 0)

    def _begin_payload(self) -> None:
        head, short = self._head, self._head[1] & _LENGTH
        self._left = short if short < 126 else int.from_bytes(head[2 : 4 if short == 126 else 10])
        self._is_data = not head[0] & _CONTROL
        self._fragments += self._is_data
        self._completes = self._is_data and bool(head[0] & _FINAL)
        self._in_payload = True
        self._head.clear()

    def _end_frame(self) -> None:
        self._in_payload = False
        if self._is_data:
            self._whole_frames += self._frame
        self._last_frame, self._frame = self._frame, 0
        if self._completes:
            self._whole_frames = 0
            self._fragments = 0
            self._messages += 1
