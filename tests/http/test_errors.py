"""Errors of the bench as HTTP tells them."""

from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.http.errors import body_of, headers_of, status_of


def test_download_that_failed_is_worth_another_try() -> None:
    """The reason is told, where from is not."""
    error = DownloadFailed("The voice joe", "the disk is full", "/secret/folder")
    assert status_of(error) == 503
    assert "Retry-After" in headers_of(error)
    told = body_of(error)["error"]
    assert told["code"] == "download-failed"
    assert told["message"] == "The voice joe cannot be downloaded: the disk is full."
