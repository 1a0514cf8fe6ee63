"""Attacks on the HTTP port, which are run by `stalls` and `soak`."""

import contextlib
import json
import struct
import time

from attacks import Attack, Target, ask, ask_on, ask_together, connected, many

_HOST = b"Host: localhost\r\n"
_CLOSE = b"Connection: close\r\n"
_JSON = b"Content-Type: application/json\r\n"
_UPGRADE = (
    b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)
_BODY = 500_000  # Size of a request body in bytes, slightly less than the default of --max-data.
_HEAD = 60_000  # Size of a request header in bytes, slightly less than the default of --max-header.
_CROWD = 400  # Number of connections in an attack, less than the default of --max-connections.
_PINGS = 20_000


def _get(target: bytes = b"/health", *headers: bytes) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + _HOST + _CLOSE + b"".join(headers) + b"\r\n"


def _post(body: bytes, *headers: bytes, path: bytes = b"/v1/audio/speech") -> bytes:
    head = b"POST " + path + b" HTTP/1.1\r\n" + _HOST + _CLOSE + b"".join(headers)
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _chunked(body: bytes) -> bytes:
    head = b"POST /api/text-to-speech HTTP/1.1\r\n" + _HOST + _CLOSE
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + body


def _frame(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """Return a WebSocket frame. The masking key is 0, so the payload is unchanged."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else struct.pack("!BH" if size < 1 << 16 else "!BQ", 0, size)
    if size >= 126:
        length = bytes([0x80 | (126 if size < 1 << 16 else 127)]) + length[1:]
    return bytes([(0x80 if final else 0) | opcode]) + length + b"\0\0\0\0" + payload


def _by_http(request: bytes) -> Attack:
    return lambda target: _discard(ask(target.http, request))


def _by_websocket(frames: bytes) -> Attack:
    def attack(target: Target) -> None:
        with connected(target.http) as connection:
            connection.sendall(_UPGRADE + b"\r\n")
            connection.recv(1 << 16)
            ask_on(connection, frames + _frame(8))

    return attack


def _together(request: bytes) -> Attack:
    return lambda target: ask_together(target.http, [request] * _CROWD)


def _discard(_answer: bytes) -> None:
    pass


def _connections(target: Target) -> None:
    """Open many connections at the same time, and then close all of them."""
    with many(target.http, _CROWD):
        time.sleep(0.01)


def _upgrades(target: Target) -> None:
    """Open many WebSockets, and then send a message on each of them."""
    with many(target.http, _CROWD // 2) as connections, contextlib.suppress(ConnectionError, TimeoutError):
        for connection in connections:
            connection.sendall(_UPGRADE + b"\r\n")
        for connection in connections:
            connection.recv(1 << 16)
        for connection in connections:
            connection.sendall(_frame(1, b'{"type": "nothing"}'))
        for connection in connections:
            connection.recv(1 << 16)


def _slow_pings(target: Target) -> None:
    """Send many WebSocket pings without reading the pongs."""
    with connected(target.http) as connection:
        connection.sendall(_UPGRADE + b"\r\n")
        connection.recv(1 << 16)
        with contextlib.suppress(ConnectionError, TimeoutError):
            connection.sendall(_frame(9, b"x" * 125) * _PINGS)


def _keys(count: int) -> bytes:
    return json.dumps({str(number): number for number in range(count)}).encode()


ATTACKS: dict[str, Attack] = {
    "X-Forwarded-Host of commas": _by_http(
        _get(
            b"/api/text-to-speech?text=Hello",
            b"Origin: http://evil.example\r\n",
            b"X-Forwarded-Host: " + b"," * _HEAD + b"\r\n",
        )
    ),
    "Connection of commas": _by_http(_get(b"/health", b"Connection: " + b"," * _HEAD + b"\r\n")),
    "lists of 8000 commas": _by_http(_get(b"/health", *(b"Connection: " + b"," * 8000 + b"\r\n" for _ in range(7)))),
    "Accept and Range of commas": _by_http(
        _get(b"/page/page.js", b"Accept: " + b"*/*," * 7000 + b"\r\n", b"Range: bytes=" + b"0-1," * 7000 + b"\r\n")
    ),
    "12,000 headers": _by_http(_get(b"/health", b"a:b\r\n" * 12_000)),
    "12,000 folded lines": _by_http(_get(b"/health", b"a: b\r\n" + b" c\r\n" * 12_000)),
    "cookies": _by_http(_get(b"/health", b"Cookie: " + b"a=b;" * 15_000 + b"\r\n")),
    "header of spaces": _by_http(_get(b"/health", b"a:" + b" x" * 30_000 + b"\x01\r\n")),
    "long method": _by_http(b"A" * _HEAD + b" / HTTP/1.1\r\n" + _HOST + _CLOSE + b"\r\n"),
    "long path": _by_http(_get(b"/page" + b"/a" * (_HEAD // 2))),
    "64 long paths": lambda target: ask_together(target.http, [_get(b"/page" + b"/a" * (_HEAD // 2))] * 64),
    "percent path": _by_http(_get(b"/" + b"%ff" * (_HEAD // 3))),
    "12,000 query fields": _by_http(_get(b"/api/text-to-speech?" + b"a=1&" * 12_000)),
    "long query": _by_http(_get(b"/api/text-to-speech?voice=" + b"%41" * 20_000)),
    "pipelined requests": _by_http(_get().replace(_CLOSE, b"") * 2000),
    "one-byte chunks": _by_http(_chunked(b"1\r\na\r\n" * 80_000 + b"0\r\n\r\n")),
    "chunk extension": _by_http(_chunked(b"5;" + b" " * _HEAD + b"\nx\r\nHello\r\n0\r\n\r\n")),
    "12,000 trailers": _by_http(_chunked(b"5\r\nHello\r\n0\r\n" + b"a:b\r\n" * 12_000 + b"\r\n")),
    "JSON of brackets": _by_http(_post(b'{"a":' + b"[]," * 160_000 + b"1}", _JSON)),
    "JSON of depth": _by_http(_post(b"[" * 900 + b"]" * 900, _JSON)),
    "JSON of numbers": _by_http(_post(b"[" + b"1e9," * (_BODY // 4) + b"1]", _JSON)),
    "JSON of long numbers": _by_http(_post(b"[" + b",".join([b"1" * 4300] * (_BODY // 4301)) + b"]", _JSON)),
    "JSON of keys": _by_http(_post(_keys(40_000), _JSON)),
    "JSON of escapes": _by_http(_post(b'{"input":"' + b"\\ud800" * (_BODY // 6) + b'"}', _JSON)),
    "JSON of quotes": _by_http(_post(b'{"input":"' + b'\\",' * (_BODY // 3), _JSON)),
    "JSON of wrong types": _by_http(_post(b'{"input":[' + b"1," * 9000 + b"1]}", _JSON)),
    "JSON in UTF-16": _by_http(_post(('["\\"", ' + "1e9," * 60_000 + "1]").encode("utf-16"), _JSON)),
    "text of half a megabyte": _by_http(_post("é".encode() * (_BODY // 2), path=b"/api/text-to-speech")),
    "multipart": _by_http(
        _post(
            b"--x\r\n\r\n" * 60_000, b"Content-Type: multipart/form-data; boundary=x\r\n", path=b"/api/text-to-speech"
        )
    ),
    "form fields": _by_http(_post(b"a=1&" * 120_000, b"Content-Type: application/x-www-form-urlencoded\r\n")),
    "400 GET /health": _together(_get()),
    "400 GET /metrics": _together(_get(b"/metrics")),
    "400 GET /api/activity": _together(_get(b"/api/activity")),
    "400 GET /openapi.json": _together(_get(b"/openapi.json")),
    "400 GET /": _together(_get(b"/")),
    "400 malformed": _together(b"\x16\x03\x01\r\n\r\n"),
    "400 connections": _connections,
    "200 WebSockets": _upgrades,
    "WebSocket of 240,000 brackets": _by_websocket(_frame(1, b"[" * 240_000 + b"]" * 240_000)),
    "WebSocket of 500 levels": _by_websocket(_frame(1, b'{"a":' * 500 + b"1" + b"}" * 500)),
    "WebSocket of numbers": _by_websocket(_frame(1, b"[" + b"1e9," * (_BODY // 4) + b"1]")),
    "WebSocket of wrong texts": _by_websocket(_frame(1, b'{"type": "text", "text": ""}') * 5000),
    "WebSocket starts": _by_websocket(_frame(1, b'{"type": "start"}') * 3000),
    "WebSocket text pieces": _by_websocket(
        _frame(1, b'{"type": "start"}') + _frame(1, b'{"type": "text", "text": "x"}') * 5000
    ),
    "pings": _by_websocket(_frame(9) * _PINGS),
    "long pings": _by_websocket(_frame(9, b"x" * 125) * _PINGS),
    "unread pings": _slow_pings,
    "pongs": _by_websocket(_frame(10) * _PINGS),
    "fragments": _by_websocket(_frame(1, b"x", final=False) + _frame(0, b"x", final=False) * 50_000),
    "empty continuation frames": _by_websocket(_frame(1, final=False) + _frame(0, final=False) * 50_000),
    "binary messages": _by_websocket(_frame(2, b"x") * 20_000),
    "reserved opcodes": _by_websocket(_frame(3) * 1000),
    "invalid UTF-8": _by_websocket(_frame(1, b"\xff" * _BODY)),
    "upgrade with 200 headers": _by_http(_UPGRADE + b"a: b\r\n" * 200 + b"\r\n"),
    "upgrade with a long cookie": _by_http(_UPGRADE + b"Cookie: " + b"a=b;" * 2500 + b"\r\n\r\n"),
    "upgrade with a body": _by_http(_UPGRADE + b"Content-Length: 5\r\n\r\nHello"),
    "upgrade with subprotocols": _by_http(_UPGRADE + b"Sec-WebSocket-Protocol: " + b"a," * 4000 + b"\r\n\r\n"),
}
