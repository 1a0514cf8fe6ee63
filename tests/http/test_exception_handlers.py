"""All exceptions become error responses in the same format."""

import asyncio
import json
from typing import Any, cast

import pytest

from tests.http.serving import error_of, serve


async def test_unexpected_exception_is_an_internal_error(caplog: pytest.LogCaptureFixture) -> None:
    """An unexpected exception becomes a 500 response. The traceback and the client are logged, but not sent."""
    async with serve() as bench:
        state, bench.state = bench.state, cast("Any", None)
        failed = await bench.get("/health")
        assert error_of(failed) == (500, "internal-error")
        bench.state = state
        assert (await bench.get("/health")).status_code == 200
        assert bench.engine.snapshot().errors == {"internal-error": 1}
    assert "AttributeError" in caplog.text
    assert "AttributeError" not in failed.text
    assert any(message.startswith("http 127.0.0.1 #1: an HTTP request could") for message in caplog.messages)


@pytest.mark.parametrize(
    ("body", "media_type", "message"),
    [
        (b"{", "application/json", "The request is not JSON."),
        (b'"text"', "application/json", "The request must be a JSON object"),
        (b'{"input": "Hi.", "speed": "secret"}', "application/json", "speed: "),
        (b"\xff", "application/json", "The request cannot be read."),
    ],
)
async def test_invalid_body_is_a_bad_request(body: bytes, media_type: str, message: str) -> None:
    """An invalid body gets an error. If a field is invalid, the message contains the name of the field, but not its
    value."""
    async with serve() as bench:
        response = await bench.post("/v1/audio/speech", content=body, headers={"Content-Type": media_type})
    assert error_of(response) == (422, "bad-request")
    assert response.json()["error"]["message"].startswith(message)
    assert "secret" not in response.text


_UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
_KEY = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


@pytest.mark.parametrize(
    ("line", "headers", "expected"),
    [
        ("GET /nothing HTTP/1.1", "", (404, "not-found")),
        ("GET /docs HTTP/1.1", "", (404, "not-found")),
        ("GET /page/nothing HTTP/1.1", "", (404, "not-found")),
        ("GET /api/stream HTTP/1.1", "", (404, "not-found")),
        ("OPTIONS * HTTP/1.1", "", (404, "not-found")),
        ("GET /%0a HTTP/1.1", "", (404, "not-found")),
        ("TRACE / HTTP/1.1", "", (405, "bad-request")),
        ("PUT /v1/audio/speech HTTP/1.1", "", (405, "bad-request")),
        ("POST /api/text-to-speech HTTP/1.1", "Content-Length: 9999999\r\n", (413, "text-too-long")),
        ("GET /", "", (400, "bad-request")),
        ("GET / HTTP/1.1", "Bad Name: x\r\n", (400, "bad-request")),
        ("GET / HTTP/1.1", "A: b\r\n" * 200, (400, "bad-request")),
        ("GET /nothing HTTP/1.1", _UPGRADE + _KEY, (404, "not-found")),
        ("GET /v1/models HTTP/1.1", _UPGRADE + _KEY, (404, "not-found")),
        ("GET /api/stream HTTP/1.1", _UPGRADE, (400, "bad-request")),
        ("GET /api/stream HTTP/1.1", _UPGRADE + _KEY + "Origin: http://evil.example\r\n", (403, "foreign-origin")),
    ],
)
async def test_every_refusal_has_the_same_form(line: str, headers: str, expected: tuple[int, str]) -> None:
    """Regardless of the stage at which a request is refused, the body of the response is an error in the usual format.
    Each error is counted once.
    """
    async with serve() as bench:
        reader, writer = await bench.connect()
        close = "" if "Upgrade" in headers else "Connection: close\r\n"
        writer.write(f"{line}\r\nHost: localhost\r\n{close}{headers}\r\n".encode())
        async with asyncio.timeout(10):
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        assert b"content-type: application/json" in head.lower()
        error = json.loads(body)["error"]
        assert (int(head.split()[1]), error["code"]) == expected
        assert set(error) == {"code", "message", "type", "param"}
        assert bench.engine.snapshot().errors == {expected[1]: 1}
