"""Recognizes clients that use another protocol on the Wyoming port, such as browsers and port scanners. Creates the
response to an HTTP request."""

import re

# RFC 9112, section 3. HTTP/2 begins with a different line and is not recognized.
_REQUEST_LINE = re.compile(rb"([A-Z]{3,20}) \S+ HTTP/1\.[0-9]")
# Code of the first printable character; TLS, SOCKS, SMB and RDP begin with a smaller byte, but JSON does not.
_FIRST_PRINTABLE = 0x20

_HTTP_TEXT = b"""\
This port uses the Wyoming protocol, not HTTP. The server converts text to speech for voice assistants.

In Home Assistant, add the integration "Wyoming Protocol" and enter this address and port there.
To test the server: echo '{"type": "describe"}' | nc -w 1 ADDRESS PORT
"""


def http_method(line: bytes) -> str | None:
    """Returns the method of the request if `line` is an HTTP/1 request line, and `None` otherwise."""
    match = _REQUEST_LINE.fullmatch(line.strip())
    return match[1].decode() if match else None


def http_answer(method: str) -> bytes:
    """Returns the bytes of the HTTP response for a client that has sent an HTTP request to the Wyoming port. If the
    method is HEAD, the response has no body (RFC 9110, section 9.3.2)."""
    head = (
        "HTTP/1.1 400 Bad Request\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(_HTTP_TEXT)}\r\n"
        "Connection: close\r\n"
        "\r\n"
    )
    return head.encode() + (b"" if method == "HEAD" else _HTTP_TEXT)


def is_binary(first_byte: int) -> bool:
    """Returns whether `first_byte` cannot be the first byte of a line of text.

    If it is binary, the server must not wait for a newline, because a TLS ClientHello may not contain one. Newlines and
    tabs also count as binary, so the caller must skip them first.
    """
    return first_byte < _FIRST_PRINTABLE
