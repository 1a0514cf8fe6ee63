"""Exception handlers for FastAPI, which convert every exception to a response in the same format (see `errors`)."""

import logging
from collections.abc import Mapping, Set

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from wyoming_piper_serial.exceptions import BadRequest, InternalError, NotFound, PiperSerialError
from wyoming_piper_serial.http.errors import body_of, describe_validation_error, headers_of, refusing, status_of
from wyoming_piper_serial.http.scopes import connection_of
from wyoming_piper_serial.observe.bounded_log import shown
from wyoming_piper_serial.observe.reporter import Reporter

_LOGGER = logging.getLogger(__name__)

# Maximum number of characters of an HTTP method in an error message. The longest standard method has 17 characters.
_MAX_METHOD = 20
_NOTHING_HERE = "There is nothing at this path. /openapi.json lists all paths."


def add_exception_handlers(app: FastAPI, reporter: Reporter, methods: Mapping[str, Set[str]]) -> None:
    """Adds handlers to `app` that respond with an error to every exception, unless the client has disconnected, and to
    WebSockets at unknown paths. Each error is reported to `reporter`. `methods` contains the allowed methods of each
    path, by the path's template."""
    handlers = _ExceptionHandlers(reporter, methods)
    not_found = app.router.default

    async def on_unknown_path(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # Starlette would refuse the WebSocket without a reason.
            error = NotFound(_NOTHING_HERE)
            reporter.error_sent(error, connection_of(scope).client)
            await refusing(error)(scope, receive, send)
        else:
            await not_found(scope, receive, send)

    app.router.default = on_unknown_path
    app.add_exception_handler(PiperSerialError, handlers.on_own_error)
    app.add_exception_handler(RequestValidationError, handlers.on_validation_error)
    app.add_exception_handler(HTTPException, handlers.on_http_exception)
    app.add_exception_handler(ClientDisconnect, handlers.on_disconnect)
    app.add_exception_handler(Exception, handlers.on_unexpected)


class _ExceptionHandlers:
    def __init__(self, reporter: Reporter, methods: Mapping[str, Set[str]]) -> None:
        self._reporter = reporter
        self._methods = methods

    async def on_own_error(self, request: Request, error: Exception) -> Response:
        return self._answer(request, error if isinstance(error, PiperSerialError) else InternalError())

    async def on_validation_error(self, request: Request, error: Exception) -> Response:
        first = error.errors()[0] if isinstance(error, RequestValidationError) else {}
        return self._answer(request, BadRequest(describe_validation_error(first)))

    async def on_disconnect(self, _request: Request, _error: Exception) -> Response:
        return Response()  # this response is never sent, because the connection is closed

    async def on_http_exception(self, request: Request, error: Exception) -> Response:
        # If an exception is raised while a body is read, FastAPI replaces it with an HTTPException.
        if isinstance(error.__cause__, ClientDisconnect):
            return Response()
        if isinstance(error.__cause__, PiperSerialError):
            return self._answer(request, error.__cause__)
        status = error.status_code if isinstance(error, HTTPException) else 400
        headers = error.headers if isinstance(error, HTTPException) else None
        if status == 404:
            # The message is logged, so it must not contain the path, which may contain text to speak.
            return self._answer(request, NotFound(_NOTHING_HERE))
        if status == 405:
            # Starlette's Allow header lists the methods of only one route, but a path may have several routes.
            template = getattr(request.scope.get("route"), "path_format", "")
            allowed = self._methods.get(request.scope["path"]) or self._methods.get(template)
            headers = {"Allow": ", ".join(sorted(allowed))} if allowed else headers
            refused = BadRequest(f"This path does not allow the method {shown(request.method, _MAX_METHOD)}.")
            return self._answer(request, refused, status, headers)
        return self._answer(request, BadRequest("The request cannot be read."), headers=headers)

    async def on_unexpected(self, request: Request, error: Exception) -> Response:
        _LOGGER.error("%s: an HTTP request could not be handled", connection_of(request.scope).client, exc_info=error)
        return self._answer(request, InternalError())

    def _answer(
        self,
        request: Request,
        error: PiperSerialError,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        self._reporter.error_sent(error, connection_of(request.scope).client)
        return JSONResponse(body_of(error), status or status_of(error), {**headers_of(error), **(headers or {})})
