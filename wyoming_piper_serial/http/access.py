"""Access control: decides which requests may use or change voices, limits the size of requests, and adds headers to
responses.

`AccessMiddleware` decides for every request, on any path, whether it may use a voice. It also decides whether the
request may change voices, presets or the lexicon. The endpoint then applies the decision: an endpoint that uses a voice
declares `MAY_SPEAK` or calls `speaking_client`, and an endpoint that changes data declares `MAY_CHANGE`.
"""

import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from fastapi import Depends
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wyoming_piper_serial.exceptions import (
    BadRequest,
    ChangesNotAllowed,
    ForeignHost,
    ForeignOrigin,
    NotFound,
    PiperSerialError,
    Unauthorized,
)
from wyoming_piper_serial.http.body import BODY_KEY, Body
from wyoming_piper_serial.http.errors import CHANGE_ERRORS, refusing
from wyoming_piper_serial.http.scopes import connection_of
from wyoming_piper_serial.observe.reporter import Client, Reporter

_REFUSAL_KEY = "refusal"
_CHANGE_REFUSAL_KEY = "change_refusal"
_HEAD_KEY = "head"

# Maximum number of fields in a query. The endpoints have at most 14 query parameters, but clients may add others.
_MAX_QUERY_FIELDS = 64

# Maximum number of characters in an origin: at most 253 for the DNS name, plus the scheme and the port.
_MAX_ORIGIN = 300

_HOST_NAME = re.compile(r"[a-z0-9_.-]+")

# Maximum number of values in X-Forwarded-Host. Each proxy adds one, and there are rarely more than two proxies.
_MAX_FORWARDED = 8

# Headers that proxies add. If one is present, a request from a loopback address may come from a client on another
# machine.
_PROXY_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")

# The page may load files only from this server, and must not submit forms. Elements that are injected into the page
# therefore cannot load files from other servers, and injected inline scripts do not run.
_POLICY = (
    "default-src 'self'; media-src 'self' blob:; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors "
)
_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True, kw_only=True)
class Access:
    """The rules that decide whether a request may use a voice or change the server's data."""

    cors: Collection[str] = ()
    """Origins of other sites whose pages may use a voice."""

    hosts: Collection[str] = ()
    """Host names under which reverse proxies offer this server, in lower case."""

    token: str | None = None
    """The token that a client must send, or `None` if no token is required."""

    local: bool = False
    """Whether only this machine can reach the server. If so, the Host header must contain `localhost`, an IP address, a
    name in `hosts` or a host in `cors`. This prevents DNS rebinding, in which another site's name resolves to this
    machine, so that browsers treat the site's pages as pages of this server."""

    embed_anywhere: bool = False
    """Whether pages of all origins may show this server's page in a frame."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers that `AccessMiddleware` adds to HTTP responses.

        Unless `embed_anywhere` is true, only pages of this server and of the origins in `cors` may show the page in a
        frame. Home Assistant's ingress shows it under Home Assistant's own origin.
        """
        ancestors = "*" if self.embed_anywhere else " ".join(["'self'", *self.cors])
        return {"Content-Security-Policy": _POLICY + ancestors, **_HEADERS}

    def refusal(self, scope: Scope) -> PiperSerialError | None:
        """Returns the reason why a request may not use a voice, or `None` if it may.

        The token of a WebSocket is checked later. The client sends it in a message, because a browser cannot set a
        WebSocket's headers.
        """
        headers = Headers(scope=scope)
        try:
            if scope["type"] == "http":
                self.check_token(bearer(headers))
            self.check_origin(headers)
        except PiperSerialError as error:
            return error
        return None

    def change_refusal(self, scope: Scope) -> PiperSerialError | None:
        """Returns the reason why a request may not change the server's data, or `None` if it may.

        If the server has a token, the request must contain the token. Otherwise, the request must come from this
        machine. Pages of other sites may never change data, even if their origins are in `cors`.
        """
        headers = Headers(scope=scope)
        try:
            self.check_origin(headers)
            self._check_own_page(headers)
            if self.token is None:
                self._check_this_machine(scope, headers)
            else:
                self.check_token(bearer(headers))
        except PiperSerialError as error:
            return error
        return None

    def _check_own_page(self, headers: Headers) -> None:
        """Raises ForeignOrigin if a page of another site caused the request, even if the site is in `cors`."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if site not in {None, "same-origin", "none"}:
            raise ForeignOrigin
        if site is None and origin is not None and not _is_same_origin(origin, headers):
            raise ForeignOrigin

    def _check_this_machine(self, scope: Scope, headers: Headers) -> None:
        """Raises ChangesNotAllowed unless the client is on this machine, uses a loopback address or `localhost`, and
        sends none of the headers that proxies add."""
        address = connection_of(scope).client.address
        is_here = address is not None and address.is_loopback
        if not is_here or not _is_loopback_name(headers.get("host", "")) or any(map(headers.get, _PROXY_HEADERS)):
            raise ChangesNotAllowed

    def check_origin(self, headers: Headers) -> None:
        """Raises ForeignOrigin if a page of another site caused the request. If the server is `local`, also raises
        ForeignHost if the Host header does not name this server. A request from a page whose origin is in `cors`
        passes both checks.

        Browsers apply CORS before a page reads a response, but not before they send a simple request or open a
        WebSocket, so the server must check the origin. Programs other than browsers usually send neither Origin
        nor Sec-Fetch-Site.
        """
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin in self.cors:
            return
        if self.local and not self._is_own_name(host := headers.get("host", "")):
            raise ForeignHost(_name_of(f"//{host}"))
        if site in {"same-origin", "none"}:
            return  # Sec-Fetch-Site can be trusted, because scripts of a page cannot set it.
        if site is not None:
            raise ForeignOrigin
        if origin is not None and not self._is_offered_at(origin) and not _is_same_origin(origin, headers):
            raise ForeignOrigin(_name_of(origin))

    def check_token(self, given: str | None) -> None:
        """Raises Unauthorized if the token `given` is wrong. Tokens are compared in constant time."""
        if self.token is not None and not hmac.compare_digest(_bytes(self.token), _bytes(given or "")):
            raise Unauthorized

    def _is_offered_at(self, origin: str) -> bool:
        """Returns whether `origin` contains one of the host names under which reverse proxies offer this server."""
        return bool(self.hosts) and _name_of(origin) in self.hosts

    def _is_own_name(self, host: str) -> bool:
        if len(host) > _MAX_ORIGIN:
            return False
        name = _name_in(host)
        return (
            _is_localhost(name)
            or name in self.hosts
            or _address_in(name) is not None
            or (name is not None and host in {urlsplit(one).netloc for one in self.cors})
        )


def _is_loopback_name(host: str) -> bool:
    """Returns whether a Host header contains `localhost`, a name that ends with `.localhost`, or a loopback address. An
    empty header counts as `localhost`."""
    name = _name_in(host) if len(host) <= _MAX_ORIGIN else None
    address = _address_in(name)
    return _is_localhost(name) or (address is not None and address.is_loopback)


def _name_in(host: str) -> str | None:
    """Returns the name or address in a Host header without the port, or `None` if the header is malformed. If the
    header is empty, returns `localhost`."""
    try:
        return urlsplit(f"//{host}").hostname or "localhost"
    except ValueError:
        return None


def _is_localhost(name: str | None) -> bool:
    return name is not None and (name == "localhost" or name.endswith(".localhost"))


def _address_in(name: str | None) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name or "")
    except ValueError:
        return None


def bearer(headers: Headers) -> str | None:
    """Returns the bearer token in the `Authorization` header (RFC 6750, section 2.1), or `None` if there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def speaking_client(scope: Scope) -> Client:
    """Returns the client of a request. Raises ForeignOrigin, ForeignHost or Unauthorized if the request may not use a
    voice."""
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
"""FastAPI dependency of each HTTP endpoint that uses a voice. It runs before the parameters are validated."""


def change_refusal(scope: Scope) -> PiperSerialError | None:
    """Returns the reason why a request may not change the server's data, or `None` if it may."""
    refusal: PiperSerialError | None = scope["state"][_CHANGE_REFUSAL_KEY]
    return refusal


async def _may_change(connection: HTTPConnection) -> None:
    refusal = change_refusal(connection.scope)
    if refusal is not None:
        raise refusal


MAY_CHANGE = Depends(_may_change)
"""FastAPI dependency of each HTTP endpoint that changes data. It runs before the parameters are validated."""

CHANGES: dict[str, Any] = {"responses": CHANGE_ERRORS, "dependencies": [MAY_CHANGE]}
"""Arguments for the FastAPI decorator of each endpoint that changes data."""


class AccessMiddleware:
    """Decides which requests may speak or make changes, limits queries and bodies, and adds headers to responses."""

    def __init__(self, app: ASGIApp, *, access: Access, max_body: int, reporter: Reporter) -> None:
        """`max_body` is the maximum length of a request body in bytes."""
        self._app = app
        self._access = access
        self._headers = access.headers
        self._max_body = max_body
        self._reporter = reporter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Checks a request or WebSocket handshake, and passes it to the application (ASGI)."""
        if scope["type"] == "http":
            send = _with_headers(send, self._headers)
        _drop_cookies(scope)
        refusal = self._access.refusal(scope)
        head = scope.get("method") == "HEAD"
        scope["state"].update(
            {_REFUSAL_KEY: refusal, _CHANGE_REFUSAL_KEY: self._access.change_refusal(scope), _HEAD_KEY: head}
        )
        try:
            _check_target(scope)
            if scope["type"] == "http":
                body = Body(Headers(scope=scope), receive, max_bytes=self._max_body, refusal=refusal)
                scope["state"][BODY_KEY] = body
                receive = body.receive
        except PiperSerialError as error:
            self._reporter.error_sent(error, connection_of(scope).client)
            await refusing(error)(scope, receive, send)
            return
        if head:
            scope = {**scope, "method": "GET"}  # some monitors send HEAD; uvicorn omits the body
        await self._app({**scope, "path": _without_slash(scope["path"])}, receive, send)


def _without_slash(path: str) -> str:
    """Returns the path of an endpoint without a trailing slash, which some clients add."""
    return path[:-1] if path.startswith(("/api/", "/v1/")) and path.endswith("/") else path


def _drop_cookies(scope: Scope) -> None:
    """Removes the Cookie headers. No endpoint uses cookies, but FastAPI would parse them. In Python 3.11, parsing
    57 kB of quoted escapes takes half a second."""
    scope["headers"] = [header for header in scope["headers"] if header[0] != b"cookie"]


def _check_target(scope: Scope) -> None:
    """Raises NotFound if the path has control characters or is not UTF-8. Raises BadRequest if the query has too many
    fields.

    The path is checked because the router may match a path that ends with a newline.
    """
    if not scope["path"].isprintable() or "\ufffd" in scope["path"]:  # uvicorn replaces invalid UTF-8 with U+FFFD
        raise NotFound("A path must be UTF-8 and must not contain control characters.")
    if scope["query_string"].count(b"&") >= _MAX_QUERY_FIELDS:
        raise BadRequest(f"The query has more than {_MAX_QUERY_FIELDS} fields.")


def _name_of(url: str) -> str | None:
    """Returns the host name in a URL, or `None` if the URL has no valid host name or is too long."""
    try:
        name = urlsplit(url).hostname if len(url) <= _MAX_ORIGIN else None
    except ValueError:
        return None
    return name if name and _HOST_NAME.fullmatch(name) else None


def _is_same_origin(origin: str, headers: Headers) -> bool:
    """Returns whether the host and the port of `origin` are those in the request's Host header or in a proxy's
    X-Forwarded-Host header (see `_is_same_host`)."""
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
    """Returns whether both URLs have the same host and port. `asked` may lack a port, because proxies often omit it."""
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
