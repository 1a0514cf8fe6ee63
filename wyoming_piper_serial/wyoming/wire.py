"""Wyoming framing: converts bytes to events and events to bytes. Does no I/O.

An event is a line of JSON (`type`; optionally `data`, `data_length`, `payload_length`), followed by `data_length` bytes
of JSON that are merged into `data`, and `payload_length` bytes of payload.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from wyoming import version as wyoming_version

from wyoming_piper_serial.exceptions import BadEvent, HttpRequest, PiperSerialError
from wyoming_piper_serial.network.json_bounds import json_fault
from wyoming_piper_serial.network.proxy_header import UNEXPECTED, starts_proxy_header
from wyoming_piper_serial.settings import Limits
from wyoming_piper_serial.wyoming.misdirected import http_method, is_binary

Data = dict[str, Any]

_BLANK = b" \t\r\n"
_HINT = 'Each event is one line such as {"type": "describe"}.'


@dataclass(frozen=True)
class Event:
    """A received event. Its payload is dropped, because payloads contain audio, which this server only sends."""

    type: str
    data: Data = field(default_factory=dict)


class EventReader:
    """Converts bytes, which may be split anywhere, to events. Buffers no more bytes than `limits` allow for one event,
    plus the bytes of the last `feed`.

    While a data block is incomplete, its header line is kept as bytes, because the parsed values can take more than ten
    times as much memory. The line is parsed again when the block is complete.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._searched = 0  # Number of bytes at the start of the buffer that are known to contain no newline.
        self._line = b""  # The header line of an event whose data block is incomplete.
        self._awaited = 0  # Length in bytes of the data block that is incomplete.
        self._to_skip = 0
        self._ended = False
        self._completed = 0

    @property
    def unfinished(self) -> int | None:
        """Zero-based index of the event that has begun to arrive but is not complete, or `None` between two events.

        A complete event also counts as incomplete until `next_event` has returned it.
        """
        begun = self._to_skip or self._line or self._buffer
        return self._completed if begun else None

    @property
    def held(self) -> int:
        """Number of buffered bytes, that is, the bytes of events that `next_event` has not returned."""
        return len(self._line) + len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Adds received bytes to the buffer. Payload bytes are dropped."""
        self._buffer += data
        if self._to_skip:
            self._skip_payload()

    def close(self) -> None:
        """Drops all buffered bytes. The reader must not be used afterwards."""
        self._buffer.clear()
        self._line = b""

    def feed_eof(self) -> None:
        """Records the end of input. The last line need not end with a newline, because `printf` and some scripts omit
        the newline."""
        self._ended = True

    def next_event(self) -> Event | None:
        """Returns the next event, or `None` if more bytes are needed.

        Raises BadEvent. After this error, the reader must not be used again.
        """
        if self._to_skip and not self._skip_payload():
            return None
        if len(self._buffer) < self._awaited:
            return None
        line = self._line or self._next_line()
        if line is None:
            return None
        header = self._parse_header(line)
        if len(self._buffer) < header.data_length:
            self._line, self._awaited = line, header.data_length
            return None
        self._line, self._awaited = b"", 0
        data = header.data
        if header.data_length:
            data = data | _parse_object(self._take(header.data_length), "data block")
        self._to_skip = header.payload_length
        self._completed += not self._to_skip
        return Event(header.type, data)

    def _next_line(self) -> bytes | None:
        """Removes the next header line from the buffer and returns it, or returns `None` if the line is incomplete.
        Drops all whitespace before the line at once. telnet and echo send a few empty lines, but an attacker may send
        many."""
        if self._buffer[:1].isspace():
            blank = len(self._buffer) - len(self._buffer.lstrip(_BLANK))
            del self._buffer[:blank]
        return self._take_line()

    def _skip_payload(self) -> bool:
        skipped = min(self._to_skip, len(self._buffer))
        del self._buffer[:skipped]
        self._to_skip -= skipped
        self._completed += not self._to_skip
        return not self._to_skip

    def _take_line(self) -> bytes | None:
        if self._buffer and is_binary(self._buffer[0]):
            # Version 2 of the PROXY protocol begins with line breaks, which have been dropped, and a zero byte.
            kind = "TLS" if self._buffer[0] else f"SMB or {UNEXPECTED}"
            raise BadEvent(f"The input is binary data, such as {kind}, not text. {_HINT}")
        end = self._buffer.find(b"\n", self._searched)
        length = end if end >= 0 else len(self._buffer)
        if length > self._limits.max_header:
            raise BadEvent(f"The header line is longer than {self._limits.max_header} bytes.")
        if end >= 0:
            self._searched = 0
            return self._take(end + 1)
        if self._ended and self._buffer:
            return self._take(len(self._buffer))
        self._searched = len(self._buffer)
        return None

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._searched = 0
        return taken

    def _parse_header(self, line: bytes) -> "_Header":
        if self._completed == 0 and (method := http_method(line)):
            raise HttpRequest(method)
        if self._completed == 0 and starts_proxy_header(line):
            raise BadEvent(f"The connection begins with {UNEXPECTED}.")
        header = _parse_object(line, "header line")
        event_type = header.get("type")
        if not isinstance(event_type, str):
            raise BadEvent("The type of an event is missing or is not a string.")
        data = header.get("data")
        if data is not None and not isinstance(data, dict):
            raise BadEvent("The data of an event must be a JSON object.")
        return _Header(
            type=event_type,
            data=data or {},
            data_length=_length(header, "data_length", self._limits.max_data),
            payload_length=_length(header, "payload_length", self._limits.max_payload),
        )


@dataclass(frozen=True, kw_only=True)
class _Header:
    type: str
    data: Data
    data_length: int
    payload_length: int


def encode(event_type: str, data: Data | None = None, payload: bytes = b"") -> bytes:
    """Returns an event encoded as bytes."""
    header: Data = {"type": event_type, "version": wyoming_version.__version__}
    block = b""
    if data:
        block = json.dumps(data, ensure_ascii=False).encode("utf-8", errors="replace")
        header["data_length"] = len(block)
    if payload:
        header["payload_length"] = len(payload)
    return json.dumps(header).encode() + b"\n" + block + payload


def error_event(error: PiperSerialError) -> bytes:
    """Returns the encoded `error` event for `error`."""
    return encode("error", {"text": str(error), "code": error.code})


def _length(header: Data, key: str, limit: int) -> int:
    length = header.get(key)
    if length is None:
        return 0
    if isinstance(length, bool) or not isinstance(length, int) or length < 0:
        raise BadEvent(f"{key} must be a whole number, 0 or more.")
    if length > limit:
        raise BadEvent(f"{key} is more than {limit} bytes.")
    return length


def _parse_object(raw: bytes, what: str) -> Data:
    if fault := json_fault(raw):
        raise BadEvent(f"The {what} {fault}.")
    try:
        parsed = json.loads(raw)
    except ValueError as error:
        raise BadEvent(f"The {what} is not JSON. {_HINT}") from error
    if not isinstance(parsed, dict):
        raise BadEvent(f"The {what} must be a JSON object.")
    return parsed
