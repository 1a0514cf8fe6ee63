"""Access control: decides which requests may use the voice, limits the size of requests, and adds headers to responses.

`AccessMiddleware` decides for every request whether it may use the voice, without looking at its path. The endpoint
then applies the decision: an endpoint that uses the voice declares `MAY_SPEAK` or calls `speaking_client`.
"""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from fastapi import Depends
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wyoming_piper_serial.exceptions import (
    BadRequest,
    BodyTooLong,
    ForeignOrigin,
    NotFound,
    PiperSerialError,
    Unauthorized,
)
from wyoming_piper_serial.http.errors import refusing
from wyoming_piper_serial.http.scopes import connection_of
from wyoming_piper_serial.network.json_bounds import json_fault
from wyoming_piper_serial.observe.reporter import Client, Reporter

_REFUSAL_KEY = "refusal"
_HEAD_KEY = "head"

# Maximum number of fields in a query. The endpoints have at most six query parameters, but clients may add others.
_MAX_QUERY_FIELDS = 64

# Maximum number of characters in an origin: at most 253 for the DNS name, plus the scheme and the port.
_MAX_ORIGIN = 300

# Maximum number of values in X-Forwarded-Host. Each proxy adds one, and there are rarely more than two proxies.
_MAX_FORWARDED = 8

# The page may load files only from this server, so that text injected into the page cannot load or send anything.
_POLICY = (
    "default-src 'self'; media-src 'self' blob:; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors "
)
_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True, kw_only=True)
class Access:
    """The rules that decide whether a request may use the voice."""

    cors: Collection[str] = ()
    """Origins of other sites whose pages may use the voice."""

    token: str | None = None
    """The token that a client must send, or `None` if no token is required."""

    local: bool = False
    """Whether only this machine can reach the server. If so, the Host header must contain `localhost`, an IP address or
    a host in `cors`. This prevents DNS rebinding, in which another site's name resolves to this machine so that its
    pages pass as pages of this server."""

    embed_anywhere: bool = False
    """Whether pages of all origins may show this server's page in a frame."""

    @property
    def headers(self) -> dict[str, str]:
        """Headers that are added to every response.

        Pages of this server and of the origins in `cors` may show the page in a frame. Home Assistant's ingress shows
        it under Home Assistant's own origin.
        """
        ancestors = "*" if self.embed_anywhere else " ".join(["'self'", *self.cors])
        return {"Content-Security-Policy": _POLICY + ancestors, **_HEADERS}

    def refusal(self, scope: Scope) -> PiperSerialError | None:
        """Returns the reason why a request may not use the voice, or `None` if it may.

        The token of a WebSocket is checked later. It is sent in a message, because a browser cannot set a WebSocket's
        headers.
        """
        headers = Headers(scope=scope)
        try:
            if scope["type"] == "http":
                self.check_token(bearer(headers))
            self.check_origin(headers)
        except PiperSerialError as error:
            return error
        return None

    def check_origin(self, headers: Headers) -> None:
        """Raises ForeignOrigin if a page of another site caused the request.

        Browsers apply CORS before a page reads a response, but not before they send a simple request or open a
        WebSocket, so the server must check the origin. Programs other than browsers send neither Origin nor
        Sec-Fetch-Site.
        """
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin in self.cors:
            return
        if self.local and not self._is_own_name(headers.get("host", "")):
            raise ForeignOrigin
        if site in {"same-origin", "none"}:
            return  # scripts of a page cannot set this header
        if site is not None or (origin is not None and not _is_same_origin(origin, headers)):
            raise ForeignOrigin

    def check_token(self, given: str | None) -> None:
        """Raises Unauthorized if the token is wrong. The comparison takes constant time."""
        if self.token is not None and not hmac.compare_digest(_bytes(self.token), _bytes(given or "")):
            raise Unauthorized

    def _is_own_name(self, host: str) -> bool:
        if len(host) > _MAX_ORIGIN:
            return False
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
    """Returns the token in an `Authorization` header (RFC 6750, section 2.1)."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def speaking_client(scope: Scope) -> Client:
    """Returns the client of a request. Raises ForeignOrigin or Unauthorized if the request may not use the voice."""
    refusal: PiperSerialError | None = scope["state"][_REFUSAL_KEY]  # `AccessMiddleware` always sets this key
    if refusal is not None:
        raise refusal
    return connection_of(scope).client


def is_head(scope: Scope) -> bool:
    """Returns whether the client sent a HEAD request. The application sees a GET request instead."""
    found: bool = scope["state"][_HEAD_KEY]
    return found


async def _may_speak(connection: HTTPConnection) -> None:
    speaking_client(connection.scope)


MAY_SPEAK = Depends(_may_speak)
"""FastAPI dependency of each HTTP endpoint that uses the voice. It runs before the parameters are validated."""


class AccessMiddleware:
    """Decides which requests may use the voice, limits queries and bodies, and adds headers to every response."""

    def __init__(self, app: ASGIApp, *, access: Access, max_body: int, reporter: Reporter) -> None:
        """`max_body` is in bytes."""
        self._app = app
        self._access = access
        self._headers = access.headers
        self._max_body = max_body
        self._reporter = reporter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the application (ASGI)."""
        if scope["type"] == "http":
            send = _with_headers(send, self._headers)
        _drop_cookies(scope)
        refusal = self._access.refusal(scope)
        head = scope.get("method") == "HEAD"
        scope["state"].update({_REFUSAL_KEY: refusal, _HEAD_KEY: head})
        try:
            _check_target(scope)
            if scope["type"] == "http":
                receive = self._bounded(refusal, Headers(scope=scope), receive)
        except PiperSerialError as error:
            self._reporter.error_sent(error, connection_of(scope).client)
            await refusing(error)(scope, receive, send)
            return
        if head:
            scope = {**scope, "method": "GET"}  # some monitors send HEAD; uvicorn omits the body
        await self._app({**scope, "path": _without_slash(scope["path"])}, receive, send)

    def _bounded(self, refusal: PiperSerialError | None, headers: Headers, receive: Receive) -> Receive:
        """Returns a `receive` that raises `refusal` if it is not `None`, and otherwise checks the body.

        The returned `receive` raises BodyTooLong or BadRequest if the body exceeds a limit. It must raise `refusal`,
        because FastAPI reads the body before it runs the dependencies of an endpoint.

        Raises BodyTooLong at once if the Content-Length is too large.
        """
        length = headers.get("content-length", "")
        too_long = BodyTooLong(f"The request is longer than {self._max_body} bytes.")
        if refusal is None and length.isascii() and length.isdigit() and int(length) > self._max_body:
            raise too_long
        content_type = headers.get("content-type", "")
        # FastAPI before 0.132 treats a missing type as JSON.
        is_json = not content_type or "json" in content_type.lower()
        total = 0

        async def receive_bounded() -> Message:
            nonlocal total
            if refusal is not None:
                raise refusal
            message = await receive()
            if message["type"] == "http.request":
                piece = message.get("body", b"")
                total += len(piece)
                if total > self._max_body:
                    raise too_long
            return message

        return _whole_json(receive_bounded) if is_json else receive_bounded


def _whole_json(receive: Receive) -> Receive:
    """Returns a `receive` that returns a JSON body in one message, or raises BadRequest if the JSON has too many
    parts."""
    body = bytearray()

    async def receive_whole() -> Message:
        message = await receive()
        while message["type"] == "http.request":
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                whole = bytes(body)
                body.clear()
                if fault := json_fault(whole):
                    raise BadRequest(f"The request {fault}.")
                return {**message, "body": whole}
            message = await receive()
        return message

    return receive_whole


def _without_slash(path: str) -> str:
    """Returns the path of an endpoint without a trailing slash, which some clients add."""
    return path[:-1] if path.startswith(("/api/", "/v1/")) and path.endswith("/") else path


def _drop_cookies(scope: Scope) -> None:
    """Removes the Cookie headers. No endpoint uses cookies, but FastAPI would parse them. In Python 3.11, parsing
    57 kB of quoted escapes takes half a second."""
    scope["headers"] = [header for header in scope["headers"] if header[0] != b"cookie"]


def _check_target(scope: Scope) -> None:
    """Raises NotFound for a path with control characters, or BadRequest for a query with too many fields.

    The path is checked, because the router may match a path that ends with a newline.
    """
    if not scope["path"].isprintable():
        raise NotFound("A path must not contain control characters.")
    if scope["query_string"].count(b"&") >= _MAX_QUERY_FIELDS:
        raise BadRequest(f"The query has more than {_MAX_QUERY_FIELDS} fields.")


def _is_same_origin(origin: str, headers: Headers) -> bool:
    """Returns whether the host of `origin` is the host in the request's Host header or in a proxy's X-Forwarded-Host
    header."""
    forwarded = headers.get("x-forwarded-host", "")
    if len(origin) > _MAX_ORIGIN or len(forwarded) > _MAX_ORIGIN * _MAX_FORWARDED:
        return False
    hosts = [headers.get("host", ""), *forwarded.split(",", _MAX_FORWARDED)[:_MAX_FORWARDED]]
    try:
        parts = urlsplit(origin)
        return any(_is_same_host(parts, urlsplit(f"{parts.scheme}://{host.strip()}")) for host in hosts)
    except ValueError:
        return False


def _is_same_host(origin: SplitResult, asked: SplitResult) -> bool:
    """Returns whether both URLs have the same host and port. The port may be missing, because proxies often omit it."""
    default = {"http": 80, "https": 443}.get(origin.scheme)
    ports = {asked.port, origin.port or default} if asked.port else set()
    return bool(origin.hostname) and origin.hostname == asked.hostname and (len(ports) < 2 or None in ports)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _with_headers(send: Send, added: Mapping[str, str]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(added)
            headers.setdefault("Cache-Control", "no-cache")
        await send(message)

    return send_with_headers
