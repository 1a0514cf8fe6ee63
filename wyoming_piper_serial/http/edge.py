"""What happens to every HTTP request before it is looked at, and to every answer: pure ASGI."""

import hmac
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wyoming_piper_serial.exceptions import BodyTooLong, ForeignOrigin, Unauthorized
from wyoming_piper_serial.http.errors import body_of, status_of
from wyoming_piper_serial.http.services import Services

# Nothing but this server's own files: the page needs no other, and a text that gets into it can do nothing.
# Home Assistant shows the page in a frame of its own origin.
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; media-src 'self' blob:; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def check_origin(headers: Headers, allowed: Collection[str]) -> None:
    """Raises ForeignOrigin for a request that a web page of another site makes a browser send.

    Browsers ask before they let a page read an answer (CORS), not before they send a simple POST or open a
    WebSocket; so the server looks itself. A page of ours comes from the host it was asked for, as the browser or a
    proxy in between names it. Programs that are no browser send no origin.
    """
    origin = headers.get("origin")
    if origin is None or origin in allowed:
        return
    ours = {headers.get("host", ""), *(host.strip() for host in headers.get("x-forwarded-host", "").split(","))}
    if urlsplit(origin).netloc not in ours - {""}:
        raise ForeignOrigin


def check_token(wanted: str | None, given: str | None) -> None:
    """Raises Unauthorized. Takes the same time wherever the first wrong letter stands."""
    if wanted is not None and not hmac.compare_digest(wanted.encode(), (given or "").encode()):
        raise Unauthorized


def bearer(headers: Headers) -> str | None:
    """The token in an `Authorization` header (RFC 6750, section 2.1)."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def guarded(services: Services) -> list[Any]:
    """What FastAPI must check before an endpoint that speaks."""

    async def token(request: Request) -> None:
        check_token(services.settings.http.token, bearer(request.headers))

    return [Depends(token)]


class Edge:
    """Refuses what other sites' pages send, bounds bodies, and adds headers to each answer."""

    def __init__(self, app: ASGIApp, *, cors: Collection[str], max_body: int) -> None:
        self._app = app
        self._cors = cors
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            if scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
                check_origin(headers, self._cors)
            bounded = self._bounded(headers, receive)
        except (ForeignOrigin, BodyTooLong) as error:
            await _refuse(error, scope, receive, send)
            return
        await self._app(scope, bounded, send if scope["type"] == "websocket" else _with_headers(send))

    def _bounded(self, headers: Headers, receive: Receive) -> Receive:
        """`receive` that raises BodyTooLong beyond the limit, as this does at once for a length that is announced."""
        announced = headers.get("content-length", "")
        error = BodyTooLong(f"The request is longer than {self._max_body} bytes.")
        if announced.isascii() and announced.isdigit() and int(announced) > self._max_body:
            raise error
        taken = 0

        async def take() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self._max_body:
                    raise error
            return message

        return take


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(_HEADERS)
        await send(message)

    return send_with_headers


async def _refuse(error: ForeignOrigin | BodyTooLong, scope: Scope, receive: Receive, send: Send) -> None:
    response = JSONResponse(body_of(error), status_of(error))
    await response(scope, receive, send)
