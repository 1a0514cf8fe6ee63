"""Finds the connection of an ASGI scope."""

from starlette.types import ASGIApp, Receive, Scope, Send

from wyoming_piper_serial.http.connection import STATE_KEY, HttpConnection


def connection_of(scope: Scope) -> HttpConnection:
    """Returns the connection of an ASGI scope."""
    connection: HttpConnection = scope["state"][STATE_KEY]
    return connection


def run_by_connection(app: ASGIApp) -> ASGIApp:
    """Returns the outermost ASGI application. It calls `HttpConnection.run` with `app` for each request.

    After the request, the state of its scope is cleared. The state refers to the scope through the request's body.
    Without this reference cycle, a request is freed at once, and garbage collections have less to do.
    """

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await connection_of(scope).run(app, scope, receive, send)
        finally:
            scope["state"].clear()

    return run
