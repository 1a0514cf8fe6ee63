"""Errors as HTTP tells them: a status, and JSON in the shape that OpenAI's clients read."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from wyoming_piper_serial.exceptions import (
    AccessError,
    BadRequest,
    BodyTooLong,
    DownloadFailed,
    EventTimeout,
    ForeignOrigin,
    InternalError,
    NotFound,
    PiperSerialError,
    QueueFull,
    QueueTimeout,
    RequestError,
    RequestTimeout,
    ShuttingDown,
    TooManyConnections,
    UnknownSpeaker,
    UnknownVoice,
    VoiceFileError,
    VoiceNeedsExtra,
)

_LOGGER = logging.getLogger(__name__)

_RETRY_AFTER = 2  # seconds: a short answer is over by then

# The first that fits; what stands nowhere is a fault of this server.
_STATUS: tuple[tuple[type[PiperSerialError], int], ...] = (
    (ForeignOrigin, 403),
    (AccessError, 401),
    (UnknownVoice, 404),
    (UnknownSpeaker, 404),
    (NotFound, 404),
    (EventTimeout, 408),
    (BodyTooLong, 413),
    (DownloadFailed, 503),
    (QueueFull, 503),
    (QueueTimeout, 503),
    (RequestTimeout, 503),
    (ShuttingDown, 503),
    (TooManyConnections, 503),
    (VoiceNeedsExtra, 501),  # not 503: to ask again in a moment would not help
    (RequestError, 422),
)


class ErrorItem(BaseModel):
    """One error."""

    code: str
    message: str
    type: str
    param: str | None


class ErrorBody(BaseModel):
    """What the body of every error is."""

    error: ErrorItem


ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody, "description": description}
    for status, description in {
        401: "The token is missing or wrong.",
        403: "A web page of another site asks.",
        404: "No such voice or speaker.",
        413: "The request is too long.",
        422: "The request makes no sense.",
        500: "A fault of the server, or of the voice with this text.",
        501: "The voice needs something that is not installed.",
        503: "Too many are waiting, the voice cannot be downloaded, or the server is ending; try again in a moment.",
    }.items()
}
"""For the description of an endpoint that speaks."""


def status_of(error: PiperSerialError) -> int:
    """The HTTP status that tells `error`."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def headers_of(error: PiperSerialError) -> dict[str, str]:
    """Headers that go with `error`."""
    status = status_of(error)
    if status == 503 and not isinstance(error, RequestTimeout):  # the same request would take as long again
        return {"Retry-After": str(_RETRY_AFTER)}
    return {"WWW-Authenticate": "Bearer"} if status == 401 else {}


def body_of(error: PiperSerialError) -> dict[str, Any]:
    """The JSON that tells `error`."""
    kind = "server_error" if status_of(error) >= 500 else "invalid_request_error"
    item = ErrorItem(code=error.code, message=str(error), type=kind, param=None)
    return ErrorBody(error=item).model_dump()


def refusing(error: PiperSerialError) -> ASGIApp:
    """An ASGI application that answers everything with `error`. No body is read, so the connection ends with it."""

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {**headers_of(error), "Connection": "close"}
        await JSONResponse(body_of(error), status_of(error), headers)(scope, receive, send)

    return refuse


def note_error(error: PiperSerialError, error_sent: Callable[[str], None]) -> None:
    """Log and count an error that a client is told."""
    if isinstance(error, VoiceFileError):
        _LOGGER.warning("Voice %s cannot be used: %s", error.voice, error.detail)
    _LOGGER.info("error told: %s (%s)", error.code, error)
    error_sent(error.code)


def answer_errors(app: FastAPI, error_sent: Callable[[str], None]) -> None:
    """Let `app` answer every error in this one shape."""
    answers = _Answers(error_sent)
    app.add_exception_handler(PiperSerialError, answers.on_own)
    app.add_exception_handler(RequestValidationError, answers.on_invalid)
    app.add_exception_handler(HTTPException, answers.on_http)
    app.add_exception_handler(ClientDisconnect, answers.on_leaving)
    app.add_exception_handler(Exception, answers.on_fault)


class _Answers:
    def __init__(self, error_sent: Callable[[str], None]) -> None:
        self._error_sent = error_sent

    async def on_own(self, _request: Request, error: Exception) -> Response:
        return self._answer(error if isinstance(error, PiperSerialError) else InternalError())

    async def on_invalid(self, _request: Request, error: Exception) -> Response:
        first = error.errors()[0] if isinstance(error, RequestValidationError) else {}
        return self._answer(BadRequest(in_words(first)))

    async def on_leaving(self, _request: Request, _error: Exception) -> Response:
        return Response()  # nobody is there to read it

    async def on_http(self, request: Request, error: Exception) -> Response:
        # FastAPI makes its own of whatever goes wrong while a body is read.
        if isinstance(error.__cause__, ClientDisconnect):
            return Response()
        if isinstance(error.__cause__, PiperSerialError):
            return self._answer(error.__cause__)
        status = error.status_code if isinstance(error, HTTPException) else 400
        headers = error.headers if isinstance(error, HTTPException) else None
        if status == 404:
            # The path is not repeated: somebody may have written a text into it, and this is logged.
            return self._answer(NotFound("Nothing is at this path; /openapi.json lists what is."))
        if status == 405:
            # Starlette names the methods of one route only, and a path may have several.
            known = request.app.openapi()["paths"].get(request.scope["path"], {})
            headers = {"Allow": ", ".join(method.upper() for method in known)} if known else headers
            return self._answer(BadRequest(f"{request.method} is not what this path takes."), status, headers)
        return self._answer(BadRequest("The request cannot be read."), headers=headers)

    async def on_fault(self, _request: Request, error: Exception) -> Response:
        _LOGGER.error("an HTTP request could not be handled", exc_info=error)
        return self._answer(InternalError())

    def _answer(
        self, error: PiperSerialError, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        note_error(error, self._error_sent)
        return JSONResponse(body_of(error), status or status_of(error), {**headers_of(error), **(headers or {})})


def in_words(error: Mapping[str, Any]) -> str:
    """What a validation error says, with the name of the field and without the value: it may be private."""
    if error.get("type") == "json_invalid":
        return "The request is not JSON."
    if error.get("type") == "model_attributes_type":
        return "The request must be a JSON object, with the header Content-Type: application/json."
    where = ".".join(str(part) for part in error.get("loc", ()) if part not in {"body", "query"})
    what = str(error.get("msg", "The request is not valid"))
    return f"{where}: {what}." if where else f"{what}."
