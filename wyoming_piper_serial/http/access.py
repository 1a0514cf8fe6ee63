"""Access control: which requests may use the voice, how long they may be, and the headers of every response."""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wyoming_piper_serial.exceptions import BadRequest, BodyTooLong, ForeignOrigin, PiperSerialError, Unauthorized
from wyoming_piper_serial.http.connection import connection_of
from wyoming_piper_serial.http.errors import refusing
from wyoming_piper_serial.observe.reporter import Reporter
from wyoming_piper_serial.settings import MAX_BRACKETS

SPEAKING = ("/api/text-to-speech", "/v1/audio/speech", "/api/stream")
"""Paths whose requests use the voice."""

# The page may load files of this server only, so a text that is injected into it can load and send nothing. Home
# Assistant shows the page in a frame of its own origin.
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; media-src 'self' blob:; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, kw_only=True)
class Access:
    """The rules by which a request may use the voice."""

    cors: Collection[str] = ()
    """Origins of other sites whose pages may use the voice."""

    token: str | None = None
    """The token that a client must send; `None` if none is required."""

    local: bool = False
    """Whether only this machine can reach the server. If so, the Host header must be a name of this machine: otherwise
    a page of another site whose name resolves to this machine would pass for a page of this server (DNS rebinding)."""

    def check_origin(self, headers: Headers) -> None:
        """Raises ForeignOrigin for a request that a page of another site has caused.

        Browsers apply CORS before a page may read a response, but not before they send a simple request or open a
        WebSocket, so the server must check. Programs other than browsers send neither header.
        """
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin in self.cors:
            return
        if self.local and not self._is_own_name(headers.get("host", "")):
            raise ForeignOrigin
        if site in {"same-origin", "none"}:
            return  # only the browser can set this header
        if site is not None or (origin is not None and not _is_same_origin(origin, headers)):
            raise ForeignOrigin

    def check_token(self, given: str | None) -> None:
        """Raises Unauthorized if the token is wrong. The comparison takes constant time."""
        if self.token is not None and not hmac.compare_digest(_bytes(self.token), _bytes(given or "")):
            raise Unauthorized

    def _is_own_name(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or "localhost"
        except ValueError:
            return False
        if name == "localhost" or name.endswith(".localhost") or host in {urlsplit(one).netloc for one in self.cors}:
            return True
        try:
            return bool(ip_address(name))
        except ValueError:
            return False


def bearer(headers: Headers) -> str | None:
    """The token in an `Authorization` header (RFC 6750, section 2.1)."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class AccessMiddleware:
    """Refuses requests that `Access` does not allow, limits bodies, and adds headers to every response."""

    def __init__(self, app: ASGIApp, *, access: Access, max_body: int, reporter: Reporter) -> None:
        """`max_body` is in bytes."""
        self._app = app
        self._access = access
        self._max_body = max_body
        self._reporter = reporter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application (ASGI)."""
        if scope["type"] == "http":
            send = _with_headers(send)
        headers = Headers(scope=scope)
        try:
            self._check(scope, headers)
            if scope["type"] == "http":
                receive = self._bounded(headers, receive)
        except PiperSerialError as error:
            self._reporter.error_sent(error, connection_of(scope).client)
            await refusing(error)(scope, receive, send)
            return
        if scope.get("method") == "HEAD" and scope["path"] not in SPEAKING:
            scope = {**scope, "method": "GET"}  # uvicorn then sends no body; monitors send HEAD
        await self._app(scope, receive, send)

    def _check(self, scope: Scope, headers: Headers) -> None:
        if scope["path"] not in SPEAKING or scope.get("method") == "OPTIONS":
            return
        self._access.check_origin(headers)
        if scope["type"] == "http":  # a browser cannot set headers of a WebSocket, so its messages have the token
            self._access.check_token(bearer(headers))

    def _bounded(self, headers: Headers, receive: Receive) -> Receive:
        """A `receive` that raises BodyTooLong or BadRequest beyond a limit. Raises BodyTooLong if the Content-Length is
        too large."""
        length = headers.get("content-length", "")
        too_long = BodyTooLong(f"The request is longer than {self._max_body} bytes.")
        if length.isascii() and length.isdigit() and int(length) > self._max_body:
            raise too_long
        is_json = "json" in headers.get("content-type", "").lower()
        total = brackets = 0

        async def receive_bounded() -> Message:
            nonlocal total, brackets
            message = await receive()
            if message["type"] == "http.request":
                body = message.get("body", b"")
                total += len(body)
                if total > self._max_body:
                    raise too_long
                if is_json:
                    brackets += body.count(b"[") + body.count(b"{")
                if brackets > MAX_BRACKETS:
                    raise BadRequest(f"The request holds more than {MAX_BRACKETS} brackets.")
            return message

        return receive_bounded


def _is_same_origin(origin: str, headers: Headers) -> bool:
    """Whether `origin` has the host of the request, as the browser or a proxy names it."""
    try:
        parts = urlsplit(origin)
        hosts = [headers.get("host", ""), *headers.get("x-forwarded-host", "").split(",")]
        return any(_is_same_host(parts, urlsplit(f"{parts.scheme}://{host.strip()}")) for host in hosts)
    except ValueError:
        return False


def _is_same_host(origin: SplitResult, asked: SplitResult) -> bool:
    """Whether both have the same host and port. The port may be missing, because proxies often omit it."""
    default = {"http": 80, "https": 443}.get(origin.scheme)
    ports = {asked.port, origin.port or default} if asked.port else set()
    return bool(origin.hostname) and origin.hostname == asked.hostname and (len(ports) < 2 or None in ports)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            headers.setdefault("Cache-Control", "no-cache")
        await send(message)

    return send_with_headers
