"""Errors as HTTP responses."""

from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.http.errors import body_of, headers_of, status_of


def test_failed_download_may_be_tried_again() -> None:
    """The message has the reason, but no address or path."""
    error = DownloadFailed("The voice joe", "the disk is full", "/secret/folder")
    assert status_of(error) == 503
    assert "Retry-After" in headers_of(error)
    sent = body_of(error)["error"]
    assert sent["code"] == "download-failed"
    assert sent["message"] == "The voice joe cannot be downloaded: the disk is full."
