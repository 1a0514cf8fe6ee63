"""Downloads files from a web server. Resumes downloads, checks digests, and limits the size, duration, redirects and
memory usage of a download.

This module is imported only when the first download starts, because importing urllib3 takes 30 ms.
"""

import io
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPResponse, responses
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from urllib3 import (
    BaseHTTPResponse,
    HTTPConnectionPool,
    HTTPSConnectionPool,
    PoolManager,
    ProxyManager,
    exceptions,
    make_headers,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import parse_url

from wyoming_piper_serial import __version__
from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.voices.remote.index import PublicFile, md5

_BLOCK = 256 << 10  # Maximum number of bytes per read.
# Maximum number of connections per file. After three lost connections, an immediate retry is unlikely to succeed.
_ATTEMPTS = 3
_REDIRECTS = 5  # Maximum number of redirects. Hugging Face needs one.
_SLOWEST = 1024  # Minimum speed in bytes per second. At this speed, the download of a medium voice takes 17 hours.


class _Part:
    """A file that is being downloaded, with the size and the MD5 hash of its current content."""

    def __init__(self, stream: io.FileIO) -> None:
        self._stream = stream
        self.size, self.digest = stream.seek(0), md5()
        while block := stream.read(_BLOCK):
            self._count(block)

    def append(self, block: bytes) -> None:
        rest = memoryview(block)
        while rest:  # a write to a nearly full disk may be partial
            rest = rest[self._stream.write(rest) :]
        self._count(block)

    def clear(self) -> None:
        self._stream.truncate(0)
        self.size, self.digest = 0, md5()

    def _count(self, block: bytes) -> None:
        self.size += len(block)
        self.digest.update(block)


class Source:
    """Downloads files from URLs below `base_url`. Waits up to `timeout` seconds for a connection and for each read.

    The methods block, and raise ShuttingDown or DownloadFailed. `what` describes the download in error messages.
    """

    def __init__(self, what: str, base_url: str, timeout: float, shutdown: Stage) -> None:
        self._failed = partial(DownloadFailed, what)
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._shutdown = shutdown

    def read(self, path: str, most: int) -> bytes:
        """Returns the content of the file at `path` on the server. Raises DownloadFailed if the file has more than
        `most` bytes."""
        content = bytearray()
        with self._get(path) as response:
            for block in self._blocks(response):
                content += block
                if len(content) > most:
                    raise self._failed("the file is too long", f"{path}: more than {most} bytes")
            if response.length_remaining:
                raise self._failed(
                    "the connection was interrupted", f"{path}: {response.length_remaining} bytes are missing"
                )
        return bytes(content)

    def complete(self, stream: io.FileIO, file: PublicFile, progress: Callable[[int], object]) -> None:
        """Downloads `file` to `stream`, resuming after the bytes that `stream` already contains.

        Calls `progress` with the current size of `stream`. Also raises OSError.
        """
        part, problem = _Part(stream), ""
        for _ in range(_ATTEMPTS):
            before = part.size
            progress(before)
            problem = self._append(part, file, progress) if before < file.size else ""
            if not problem:
                if part.digest.hexdigest() == file.md5:
                    return
                problem = "the file does not match the digest in the list"
                part.clear()
            if part.size == before:  # no progress was made, so another attempt would have the same result
                break
        raise self._failed(problem, f"{file.path}: {part.size} of {file.size} bytes are stored")

    def _append(self, part: _Part, file: PublicFile, progress: Callable[[int], object]) -> str:
        """Downloads the missing bytes of `file` to `part`.

        Returns the reason why the part is incomplete, or an empty string if it is complete. Empties `part` if the
        download cannot be resumed.
        """
        with self._get(file.path, part.size) as response:
            resumed = response.headers.get("Content-Range", "").startswith(f"bytes {part.size}-")
            if response.length_remaining not in {None, file.size - (part.size if resumed else 0)}:
                # A response that starts at byte 0 may be the login page of a public Wi-Fi network, so the existing
                # bytes are kept.
                if resumed:
                    part.clear()
                return "the server has a file of another size"
            if not resumed:
                part.clear()
            for block in self._blocks(response):
                if part.size + len(block) > file.size:
                    part.clear()
                    return "the server sends more than the list says"
                part.append(block)
                progress(part.size)
        return "the connection was interrupted" if part.size < file.size else ""

    def _get(self, path: str, begin: int = 0) -> BaseHTTPResponse:
        """Requests the file at `path` from byte `begin` onwards. Returns the response.

        If the server does not support ranges, the response starts at the beginning of the file.
        """
        url = f"{self._base_url}/{quote(path)}"
        try:
            response = self._follow(url, {"Range": f"bytes={begin}-"} if begin else {})
        except (exceptions.NewConnectionError, exceptions.SSLError, exceptions.ProxyError) as error:
            raise self._failed("no connection to the download server", f"{url}: {_cause(error)}") from error
        except exceptions.TimeoutError as error:
            raise self._failed("the download server does not answer", url) from error
        except (exceptions.HTTPError, ValueError) as error:
            cut = any(isinstance(cause, OSError) for cause in error.args)
            reason = "the connection was interrupted" if cut else "the download server does not speak HTTP"
            raise self._failed(reason, f"{url}: {error}") from error
        if 200 <= response.status < 300:
            return response
        response.close()
        if response.status == 416 and begin:
            return self._get(path)
        status = f"{response.status} ({responses.get(response.status, 'unknown')})"
        raise self._failed(f"the download server responded with status {status}", url)

    def _follow(self, url: str, headers: dict[str, str]) -> BaseHTTPResponse:
        """Requests `url`, follows redirects, and returns the last response.

        This method is used instead of urllib3's own redirect handling, which reads bodies of any size and accepts
        redirects from HTTPS to HTTP.
        """
        headers["User-Agent"] = f"wyoming-piper-serial/{__version__}"
        for _ in range(_REDIRECTS + 1):
            self._shutdown.check()
            response = _connections(url, self._timeout).request(
                "GET", url, headers=headers, redirect=False, retries=False, preload_content=False
            )
            target = response.get_redirect_location()
            if not target:
                return response
            response.close()
            before, url = url, urljoin(url, target)
            if urlsplit(url).scheme not in {"https", urlsplit(before).scheme}:
                raise self._failed("the download server redirects to an unsafe protocol", url)
        raise self._failed("the download server redirects too often", url)

    def _blocks(self, response: BaseHTTPResponse) -> Iterator[bytes]:
        """Yields the body of a response in blocks, until it ends or the connection is lost.

        The caller must check whether the body is complete.
        """
        start, count = time.monotonic(), 0
        try:
            while block := response.read1(_BLOCK, decode_content=False):
                self._shutdown.check()
                yield block
                count += len(block)
                if (seconds := time.monotonic() - start) > self._timeout:
                    if count < _SLOWEST * seconds:
                        raise self._failed("the download server is too slow", f"{count} bytes in {seconds:.1f} s")
                    start, count = time.monotonic(), 0
        except exceptions.TimeoutError as error:
            raise self._failed("the download server has stopped sending", str(response.url)) from error
        except exceptions.HTTPError:
            return


def _connections(url: str, timeout: float) -> PoolManager:
    """Returns a connection pool for `url`. The pool uses the proxy that the environment sets for `url`, if any."""
    proxy = None if proxy_bypass(urlsplit(url).netloc) else getproxies().get(urlsplit(url).scheme)
    if proxy:
        proxy = proxy if "://" in proxy else f"http://{proxy}"
        login = parse_url(proxy).auth
        headers = make_headers(proxy_basic_auth=unquote(login)) if login else None
        pools: PoolManager = ProxyManager(proxy, timeout=timeout, proxy_headers=headers)
    else:
        pools = PoolManager(timeout=timeout)
    pools.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return pools


class _Response(HTTPResponse):
    """A response with a time limit: the head and each piece of the body must arrive within the socket's timeout.

    The socket's timeout alone is not sufficient. The socket's timeout starts again with each byte, so a server could
    send endless headers, trailers or interim responses.
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._bytes = _TimedBytes(self.fp.detach(), sock.gettimeout())
        self.fp = io.BufferedReader(self._bytes)

    def read(self, amt: int | None = None) -> bytes:
        self._bytes.restart()
        return super().read(amt)

    def read1(self, n: int = -1) -> bytes:
        self._bytes.restart()
        return super().read1(n)


class _TimedBytes(io.RawIOBase):
    """Reads bytes from a socket. Raises TimeoutError if all reads since the last `restart` take longer than the time
    limit."""

    def __init__(self, received: io.RawIOBase, seconds: float | None) -> None:
        """`seconds` is the time limit from now or from the last `restart`; `None` means no limit."""
        self._received = received
        self._seconds = seconds
        self._since = time.monotonic()

    def restart(self) -> None:
        self._since = time.monotonic()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._seconds is not None and time.monotonic() - self._since > self._seconds:
            raise TimeoutError("the time limit has passed")
        return self._received.readinto(buffer)

    def close(self) -> None:
        self._received.close()
        super().close()


class _HttpConnection(HTTPConnection):
    response_class = _Response


class _HttpsConnection(HTTPSConnection):
    response_class = _Response


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


def _cause(error: exceptions.HTTPError) -> str:
    """Returns the message of the error that caused the urllib3 error `error`, because urllib3's own messages contain
    the `repr` of a connection."""
    if isinstance(error, exceptions.ProxyError):
        return f"proxy: {error.original_error.__cause__ or error.original_error}"
    return str(error.__cause__ or error)
