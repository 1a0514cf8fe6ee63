"""Clients that use other protocols on the Wyoming port, such as browsers and port scanners."""

import http.client
import io
import socket

import pytest

from wyoming_piper_serial.wyoming.misdirected import http_answer, http_method, is_binary


class _Received(socket.socket):
    """A fake socket whose input is a given response."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data

    def makefile(self, *_: object, **__: object) -> io.BytesIO:  # type: ignore[override]
        return io.BytesIO(self._data)


@pytest.mark.parametrize(("method", "has_body"), [("GET", True), ("POST", True), ("HEAD", False)])
def test_answer_is_a_whole_http_response(method: str, has_body: bool) -> None:
    """The reply to an HTTP request is a complete HTTP response that Python's HTTP client can read."""
    with _Received(http_answer(method)) as received:
        response = http.client.HTTPResponse(received, method=method)
        response.begin()
        assert (response.status, response.getheader("Connection")) == (400, "close")
        body = response.read().decode()
        assert ("Wyoming" in body) == has_body


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"GET /",
        b"GET / HTTP/2.0",
        b"PRI * HTTP/2.0",
        b"get / HTTP/1.1",
        b"GET a b HTTP/1.1",
        b"HTTP/1.1 200 OK",
        b'{"type": "GET / HTTP/1.1"}',
        b"SSH-2.0-OpenSSH",
        b"x" * 70_000,
    ],
)
def test_other_lines_are_not_http_requests(line: bytes) -> None:
    """Lines of other protocols and malformed HTTP request lines are not treated as HTTP requests."""
    assert http_method(line) is None


@pytest.mark.parametrize("hello", [b"\x16\x03\x01", b"\x05\x01\x00", b"\x00\x00\x00\x85", b"\x03\x00\x00\x13"])
def test_binary_protocols_are_recognized_by_their_first_byte(hello: bytes) -> None:
    """TLS, SOCKS, SMB and RDP are recognized as binary by their first byte."""
    assert is_binary(hello[0])


@pytest.mark.parametrize("text", ["{", " ", "GET", "é", "\ufeff{"])
def test_text_is_not_binary(text: str) -> None:
    """Text is not treated as binary, even with a byte order mark."""
    assert not is_binary(text.encode()[0])
