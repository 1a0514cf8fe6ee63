"""All exceptions become error responses of the same form."""

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
