"""What happens to every HTTP request before it is looked at, and to every answer: pure ASGI."""

import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wyoming_piper_serial.exceptions import BadRequest, BodyTooLong, ForeignOrigin, PiperSerialError, Unauthorized
from wyoming_piper_serial.http.errors import note_error, refusing
from wyoming_piper_serial.settings import MAX_BRACKETS

SPEAKING = ("/api/text-to-speech", "/v1/audio/speech", "/api/stream")
"""Paths that make the voice work."""

# Nothing but this server's own files: the page needs no other, and a text that gets into it can do nothing.
# Home Assistant shows the page in a frame of its own origin. A page is asked for anew after an upgrade.
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; media-src 'self' blob:; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may make the voice work."""

    cors: Collection[str] = ()
    """Origins of other sites that may."""

    token: str | None = None
    local: bool = False
    """Only this machine can reach the server: then it must be asked for by a name of this machine. Another name that
    leads here has been made to, by a page that wants to pass for one of ours (DNS rebinding)."""

    def check_origin(self, headers: Headers) -> None:
        """Raises ForeignOrigin for a request that a web page of another site makes a browser send.

        Browsers ask before they let a page read an answer (CORS), not before they send a simple request or open a
        WebSocket; so the server looks itself. Programs that are no browser send neither header.
        """
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin in self.cors:
            return
        if self.local and not self._is_own_name(headers.get("host", "")):
            raise ForeignOrigin
        if site in {"same-origin", "none"}:
            return  # so says the browser, which no page can make lie
        if site is not None or (origin is not None and not _is_ours(origin, headers)):
            raise ForeignOrigin

    def check_token(self, given: str | None) -> None:
        """Raises Unauthorized. Takes the same time wherever the first wrong letter stands."""
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
    """Refuses who may not ask, bounds bodies, and adds headers to each answer."""

    def __init__(self, app: ASGIApp, *, access: Access, max_body: int, error_sent: Callable[[str], None]) -> None:
        self._app = app
        self._access = access
        self._max_body = max_body
        self._error_sent = error_sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http":
            send = _with_headers(send)
        headers = Headers(scope=scope)
        try:
            self._check(scope, headers)
            if scope["type"] == "http":
                receive = self._bounded(headers, receive)
        except PiperSerialError as error:
            note_error(error, self._error_sent)
            await refusing(error)(scope, receive, send)
            return
        if scope.get("method") == "HEAD" and scope["path"] not in SPEAKING:
            scope = {**scope, "method": "GET"}  # the server leaves out the body: monitors ask for the head alone
        await self._app(scope, receive, send)

    def _check(self, scope: Scope, headers: Headers) -> None:
        if scope["path"] not in SPEAKING or scope.get("method") == "OPTIONS":
            return
        self._access.check_origin(headers)
        if scope["type"] == "http":  # a browser's WebSocket cannot send the header: its first message has the token
            self._access.check_token(bearer(headers))

    def _bounded(self, headers: Headers, receive: Receive) -> Receive:
        """`receive` that raises beyond the limits, as this does at once for a length that is announced."""
        announced = headers.get("content-length", "")
        too_long = BodyTooLong(f"The request is longer than {self._max_body} bytes.")
        if announced.isascii() and announced.isdigit() and int(announced) > self._max_body:
            raise too_long
        is_json = "json" in headers.get("content-type", "").lower()
        taken = brackets = 0

        async def take() -> Message:
            nonlocal taken, brackets
            message = await receive()
            if message["type"] == "http.request":
                body = message.get("body", b"")
                taken += len(body)
                if taken > self._max_body:
                    raise too_long
                if is_json:
                    brackets += body.count(b"[") + body.count(b"{")
                if brackets > MAX_BRACKETS:
                    raise BadRequest(f"The request holds more than {MAX_BRACKETS} brackets.")
            return message

        return take


def _is_ours(origin: str, headers: Headers) -> bool:
    """Whether a page came from the host that was asked, as the browser or a proxy in between names it."""
    try:
        theirs = urlsplit(origin)
        hosts = [headers.get("host", ""), *headers.get("x-forwarded-host", "").split(",")]
        return any(_is_same(theirs, urlsplit(f"{theirs.scheme}://{host.strip()}")) for host in hosts)
    except ValueError:
        return False


def _is_same(origin: SplitResult, asked: SplitResult) -> bool:
    """Proxies often leave out the port."""
    usual = {"http": 80, "https": 443}.get(origin.scheme)
    ports = {asked.port, origin.port or usual} if asked.port else set()
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
