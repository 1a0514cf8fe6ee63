"""The server of voices: files by HTTP, bounded and in time."""

import contextlib
import http.client
import threading
import time
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urljoin, urlsplit

from wyoming_piper_serial import __version__
from wyoming_piper_serial.exceptions import ShuttingDown

BLOCK = 256 * 1024  # bytes
_REDIRECTS = 5  # Hugging Face needs one
_SLOWEST = 1024  # bytes a second; a medium voice would take 17 hours


class Failure(Exception):
    """Why it did not work: plain words for anybody, and what only the operator may see."""

    def __init__(self, reason: str, detail: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = str(detail)


class Cut(Failure):
    """The connection has ended early: what has arrived is right as far as anyone knows."""


class Source:
    """Files at a base address. Waits `timeout` seconds for a connection and for each answer.

    Raises Failure, and ShuttingDown once `stop` is set.
    """

    def __init__(self, base_url: str, timeout: float, stop: threading.Event) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._stop = stop
        self._opener = urllib.request.build_opener(_NoRedirects)

    def read(self, path: str, most: int) -> bytes:
        """A small file without a known size."""
        content = bytearray()
        with self.get(path, 0) as response:
            for block in self.blocks(response):
                content += block
                if len(content) > most:
                    raise Failure("what arrived is too long", f"{path}: more than {most} bytes")
        return bytes(content)

    def get(self, path: str, begin: int) -> http.client.HTTPResponse:
        """The answer that holds the file from the byte `begin` on, or from its own begin."""
        try:
            return self._answer(f"{self._base_url}/{quote(path)}", begin)
        except HTTPError as error:
            error.close()
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and begin:
                return self.get(path, 0)
            raise Failure(f"the server of voices answers {_status(error.code)}", error.url) from error
        except TimeoutError as error:
            raise Failure("the server of voices does not answer", f"{self._base_url}/{path}") from error
        except URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise Failure("the server of voices does not answer", f"{self._base_url}/{path}") from error
            reason = getattr(error.reason, "strerror", None) or error.reason
            raise Failure("no connection to the server of voices", f"{self._base_url}: {reason}") from error
        except (http.client.RemoteDisconnected, OSError) as error:
            raise Cut("the connection was cut", f"{self._base_url}/{path}: before an answer") from error
        except (http.client.HTTPException, ValueError) as error:
            raise Failure("the server of voices does not speak HTTP", f"{self._base_url}: {error!r}") from error

    def _answer(self, url: str, begin: int) -> http.client.HTTPResponse:
        """Follows redirects itself: urllib would read their bodies whatever their length."""
        headers = {"User-Agent": f"wyoming-piper-serial/{__version__}"}
        if begin:
            headers["Range"] = f"bytes={begin}-"
        for _ in range(_REDIRECTS + 1):
            self.check_stop()
            request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme is looked at
            try:
                response: http.client.HTTPResponse = self._opener.open(request, timeout=self._timeout)
                return response
            except HTTPError as error:
                target = error.headers.get("Location")
                if not 300 <= error.code < 400 or target is None:
                    raise
                error.close()
                before, url = url, urljoin(url, target)
                if urlsplit(url).scheme not in {"https", urlsplit(before).scheme}:
                    raise Failure("the server of voices sends elsewhere, less safely", url) from error
        raise Failure("the server of voices sends in circles", url)

    def blocks(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        """What arrives, until it ends in whatever way; the caller knows whether it is all."""
        begin, count = time.monotonic(), 0
        while True:
            self.check_stop()
            try:
                block = response.read1(BLOCK)
            except TimeoutError as error:
                raise Failure("the server of voices has stopped sending", response.url) from error
            except (http.client.HTTPException, OSError):
                return
            if not block:
                return
            yield block
            count += len(block)
            now = time.monotonic()
            if now - begin > self._timeout:
                if count < _SLOWEST * (now - begin):
                    raise Failure(
                        "the server of voices is too slow", f"{response.url}: {count} bytes in {now - begin:.1f} s"
                    )
                begin, count = now, 0

    def check_stop(self) -> None:
        if self._stop.is_set():
            raise ShuttingDown


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """None: let the answer be told as an error."""


def continues(response: http.client.HTTPResponse, begin: int) -> bool:
    """Whether the answer is the rest, not the whole file."""
    content_range = response.headers.get("Content-Range", "")
    return response.status == HTTPStatus.PARTIAL_CONTENT and content_range.startswith(f"bytes {begin}-")


def _status(code: int) -> str:
    with contextlib.suppress(ValueError):
        return f"{code} ({HTTPStatus(code).phrase})"
    return str(code)
