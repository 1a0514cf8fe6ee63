"""Reads files from a web server: resumed, checked while they arrive, limited in size, time, redirects and memory.

This module is imported when the first download starts, because urllib3 takes 30 ms.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from http.client import responses
from io import FileIO
from urllib.parse import quote, unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, exceptions, make_headers
from urllib3.util import parse_url

from wyoming_piper_serial import __version__
from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.voices.remote.index import PublicFile, md5

_BLOCK = 256 << 10  # bytes of a block
_ATTEMPTS = 3  # maximum connections for one file; if a line drops that often, a later attempt is better
_REDIRECTS = 5  # maximum redirects; Hugging Face needs one
_SLOWEST = 1024  # minimum bytes per second; at this speed a medium voice takes 17 hours


class _Part:
    """A file that is not complete yet, with its size and MD5 so far."""

    def __init__(self, stream: FileIO) -> None:
        self._stream = stream
        self.size, self.digest = stream.seek(0), md5()
        while block := stream.read(_BLOCK):
            self._count(block)

    def append(self, block: bytes) -> None:
        rest = memoryview(block)
        while rest:  # if the disk is nearly full, fewer bytes are written than were passed in
            rest = rest[self._stream.write(rest) :]
        self._count(block)

    def clear(self) -> None:
        self._stream.truncate(0)
        self.size, self.digest = 0, md5()

    def _count(self, block: bytes) -> None:
        self.size += len(block)
        self.digest.update(block)


class Source:
    """Files below `base_url`. Waits `timeout` seconds for a connection and for each read.

    The methods block. They raise DownloadFailed, which says that `what` cannot be downloaded, and ShuttingDown.
    """

    def __init__(self, what: str, base_url: str, timeout: float, shutdown: Stage) -> None:
        self._failed = partial(DownloadFailed, what)
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._shutdown = shutdown

    def read(self, path: str, most: int) -> bytes:
        """Read a file of at most `most` bytes."""
        content = bytearray()
        with self._get(path) as response:
            for block in self._blocks(response):
                content += block
                if len(content) > most:
                    raise self._failed("what arrived is too long", f"{path}: more than {most} bytes")
            if response.length_remaining:
                raise self._failed("the connection was cut", f"{path}: {response.length_remaining} bytes are missing")
        return bytes(content)

    def complete(self, stream: FileIO, file: PublicFile, progress: Callable[[int], object]) -> None:
        """Append to `stream` until it is complete. Calls `progress` with its size. Also raises OSError."""
        part, problem = _Part(stream), ""
        for _ in range(_ATTEMPTS):
            before = part.size
            progress(before)
            problem = self._append(part, file, progress) if before < file.size else ""
            if not problem:
                if part.digest.hexdigest() == file.md5:
                    return
                problem = "what arrived is not the file of the list"
                part.clear()
            if part.size == before:  # another attempt would have the same result
                break
        raise self._failed(problem, f"{file.path}: {part.size} of {file.size} bytes are here")

    def _append(self, part: _Part, file: PublicFile, progress: Callable[[int], object]) -> str:
        """Append to `part`. Returns why it does not have the right size yet; empty if it has.

        A part that cannot be continued is emptied.
        """
        with self._get(file.path, part.size) as response:
            resumed = response.headers.get("Content-Range", "").startswith(f"bytes {part.size}-")
            if response.length_remaining not in {None, file.size - (part.size if resumed else 0)}:
                # Without `resumed`, the answer may be the login page of a network, which says nothing about the part.
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
        return "the connection was cut" if part.size < file.size else ""

    def _get(self, path: str, begin: int = 0) -> BaseHTTPResponse:
        """An answer with the file, from byte `begin` on or from its start."""
        url = f"{self._base_url}/{quote(path)}"
        try:
            response = self._follow(url, {"Range": f"bytes={begin}-"} if begin else {})
        except (exceptions.NewConnectionError, exceptions.SSLError, exceptions.ProxyError) as error:
            raise self._failed("no connection to the server of voices", str(error)) from error
        except exceptions.TimeoutError as error:
            raise self._failed("the server of voices does not answer", url) from error
        except (exceptions.HTTPError, ValueError) as error:
            cut = any(isinstance(cause, OSError) for cause in error.args)
            reason = "the connection was cut" if cut else "the server of voices does not speak HTTP"
            raise self._failed(reason, f"{url}: {error}") from error
        if 200 <= response.status < 300:
            return response
        response.close()
        if response.status == 416 and begin:
            return self._get(path)
        status = f"{response.status} ({responses.get(response.status, 'unknown')})"
        raise self._failed(f"the server of voices answers {status}", url)

    def _follow(self, url: str, headers: dict[str, str]) -> BaseHTTPResponse:
        """The answer after all redirects.

        urllib3 is not used for this: it would read bodies of any size, and follow redirects from https to http.
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
                raise self._failed("the server of voices sends elsewhere, less safely", url)
        raise self._failed("the server of voices sends in circles", url)

    def _blocks(self, response: BaseHTTPResponse) -> Iterator[bytes]:
        """The blocks of an answer until it ends or is cut. The caller checks whether it is complete."""
        start, count = time.monotonic(), 0
        try:
            while block := response.read1(_BLOCK, decode_content=False):
                self._shutdown.check()
                yield block
                count += len(block)
                if (seconds := time.monotonic() - start) > self._timeout:
                    if count < _SLOWEST * seconds:
                        raise self._failed("the server of voices is too slow", f"{count} bytes in {seconds:.1f} s")
                    start, count = time.monotonic(), 0
        except exceptions.TimeoutError as error:
            raise self._failed("the server of voices has stopped sending", str(response.url)) from error
        except exceptions.HTTPError:
            return


def _connections(url: str, timeout: float) -> PoolManager:
    """Connections through the proxy that the environment names for `url`, or without one."""
    proxy = None if proxy_bypass(urlsplit(url).netloc) else getproxies().get(urlsplit(url).scheme)
    if not proxy:
        return PoolManager(timeout=timeout)
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    login = parse_url(proxy).auth
    headers = make_headers(proxy_basic_auth=unquote(login)) if login else None
    return ProxyManager(proxy, timeout=timeout, proxy_headers=headers)
