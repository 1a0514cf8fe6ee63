"""A local download server that can simulate server and network faults, and small voices for this server."""

import contextlib
import hashlib
import json
import ssl
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from tests.fakes import raw_config
from wyoming_piper_serial.voices.remote.index import PublicFile, PublicVoice

MODEL = b"\x08" + bytes(range(256)) * 2500  # large enough to be read in more than two blocks
NAME = "en_US-fake-medium"


def file_of(path: str, content: bytes) -> PublicFile:
    return PublicFile(path=path, size=len(content), md5=hashlib.md5(content, usedforsecurity=False).hexdigest())


def config_of(name: str = NAME) -> bytes:
    return json.dumps(raw_config(dataset=name.split("-")[1])).encode()


def public_voice(name: str = NAME, model: bytes = MODEL) -> PublicVoice:
    """Return a public list entry for the voice `name` with the given model file."""
    language, _, quality = name.split("-")
    folder = f"{language[:2]}/{language}/{quality}"
    return PublicVoice(
        name=name,
        language=language,
        quality=quality,
        num_speakers=1,
        speakers={},
        model=file_of(f"{folder}/{name}.onnx", model),
        config=file_of(f"{folder}/{name}.onnx.json", config_of(name)),
    )


class Mirror:
    """An HTTP server that serves `files` by path. The attributes of the server enable simulated faults.

    The faults affect only the model. The config, which is requested first, is always sent correctly.
    """

    def __init__(self, files: Mapping[str, bytes], *, tls: ssl.SSLContext | None = None) -> None:
        self.files = dict(files)
        self.requests: list[tuple[str, str | None]] = []
        """The path and the Range header of each request."""

        self.proxied: list[tuple[str, str | None]] = []
        """For each request for which this server acted as a proxy: the requested host, and the Proxy-Authorization
        header."""

        self.ranges = True
        self.range_status: int | None = None
        """The status code of responses to requests with a Range header. `None` means a normal response."""

        self.status: int | None = None
        self.cuts: list[int] = []
        """For each of the next responses, the number of bytes after which the connection closes."""

        self.stall_after: int | None = None
        """Number of bytes after which the server stops sending until `released` is set. `None` means never."""

        self.drip = False
        self.unknown_length = False
        self.chunked = False
        self.redirects: list[str] = []
        """Addresses to which the next responses redirect. Each response announces a body of 1 GB, which is never
        sent."""

        self.raw: bytes | None = None
        """Bytes that are sent instead of an HTTP response."""

        self.endless: tuple[bytes, bytes] | None = None
        """Bytes that are sent instead of an HTTP response, and bytes that are repeated after them until the
        connection closes."""

        self.stalled = threading.Event()
        self.released = threading.Event()
        self._scheme = "http" if tls is None else "https"
        mirror = self

        class Handler(_Handler):
            owner = mirror

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"{self.address}/some/where"

    @property
    def asked(self) -> list[str]:
        """The suffix of each requested path, such as `onnx.json`."""
        return [path.partition(".")[2] for path, _ in self.requests]

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def mirror_of(*voices: PublicVoice, model: bytes = MODEL, tls: ssl.SSLContext | None = None) -> Mirror:
    files: dict[str, bytes] = {}
    for voice in voices:
        files |= {voice.model.path: model, voice.config.path: config_of(voice.name)}
    return Mirror(files, tls=tls)


class _Handler(BaseHTTPRequestHandler):
    owner: Mirror

    def do_GET(self) -> None:
        owner = self.owner
        if self.path.startswith("http://"):
            server, _, rest = self.path.removeprefix("http://").partition("/")
            owner.proxied.append((server, self.headers.get("Proxy-Authorization")))
            self.path = f"/{rest}"
        path = unquote(self.path).removeprefix("/some/where/")
        wanted = self.headers.get("Range")
        owner.requests.append((path, wanted))
        special = path.endswith(".onnx")
        if special and owner.raw is not None:
            self.wfile.write(owner.raw)
        elif special and owner.endless:
            self._endless(*owner.endless)
        elif special and owner.redirects:
            self._head(302, {"Location": owner.redirects.pop(0), "Content-Length": str(1 << 30)})
        elif path not in owner.files or (special and owner.status):
            self._head(owner.status or 404, {"Content-Length": "0"})
        elif wanted and owner.range_status:
            self._head(owner.range_status, {"Content-Length": "0"})
        elif special and owner.chunked:
            self._chunks(owner.files[path])
        else:
            self._body(owner.files[path], wanted if owner.ranges else None, special=special)

    def _body(self, content: bytes, wanted: str | None, *, special: bool) -> None:
        begin = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        headers = {} if special and self.owner.unknown_length else {"Content-Length": str(len(content) - begin)}
        if wanted:
            headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        self._head(206 if wanted else 200, headers)
        body = content[begin:]
        if special and self.owner.cuts:
            body = body[: self.owner.cuts.pop(0)]
        if special and self.owner.drip:
            for byte in body[:1000]:
                self.wfile.write(bytes([byte]))
                if self.owner.released.wait(0.02):
                    return
        if special and self.owner.stall_after is not None:
            self.wfile.write(body[: self.owner.stall_after])
            self.owner.stalled.set()
            self.owner.released.wait(30)
            body = body[self.owner.stall_after :]
        self.wfile.write(body)

    def _chunks(self, content: bytes) -> None:
        self._head(200, {"Transfer-Encoding": "chunked"})
        for start in range(0, len(content), 50_000):
            chunk = content[start : start + 50_000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def _endless(self, first: bytes, rest: bytes) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write(first)
            while not self.owner.released.wait(0.01):
                self.wfile.write(rest)

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.protocol_version = "HTTP/1.1" if "Transfer-Encoding" in headers else "HTTP/1.0"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # the test has closed the connection
            super().handle()

    def log_message(self, *_: object) -> None:
        pass
