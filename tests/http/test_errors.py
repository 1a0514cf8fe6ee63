"""Errors are converted to HTTP responses."""

import json
from http import HTTPStatus

from wyoming_piper_serial.exceptions import BadRequest, DownloadFailed
from wyoming_piper_serial.http.errors import body_of, headers_of, raw_response, status_of


def test_failed_download_may_be_tried_again() -> None:
    """A failed download becomes a 503 response with Retry-After. Its message contains the reason, but no address or
    path."""
    error = DownloadFailed("The voice joe", "the disk is full", "/secret/folder")
    assert status_of(error) == 503
    assert "Retry-After" in headers_of(error)
    sent = body_of(error)["error"]
    assert sent["code"] == "download-failed"
    assert sent["message"] == "The voice joe cannot be downloaded: the disk is full."


def test_raw_response_is_complete() -> None:
    """`raw_response` returns a complete HTTP/1.1 response with `Connection: close`."""
    head, _, body = raw_response(HTTPStatus.BAD_REQUEST, BadRequest("Naïve.")).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 400 Bad Request"
    assert f"Content-Length: {len(body)}" in lines
    assert "Connection: close" in lines
    assert json.loads(body) == body_of(BadRequest("Naïve."))
