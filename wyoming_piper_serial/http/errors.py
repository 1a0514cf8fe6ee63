"""Converts errors to HTTP responses. Each response has a status and a JSON body in OpenAI's error format."""

import json
import struct
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from wyoming_piper_serial.exceptions import (
    AccessError,
    BodyTooLong,
    BuffersFull,
    ChangesNotAllowed,
    Conflict,
    DownloadFailed,
    EventTimeout,
    ForeignOrigin,
    NotFound,
    NotStored,
    PiperSerialError,
    QueueFull,
    QueueTimeout,
    RequestError,
    RequestTimeout,
    ShuttingDown,
    TooManyConnections,
    UnknownSpeaker,
    UnknownVoice,
    UnreachableRange,
    UnsupportedType,
    UploadTooLong,
    VoiceLoadTimeout,
    VoiceNeedsExtra,
)
from wyoming_piper_serial.observe.bounded_log import shown

# Status codes for closing a WebSocket (RFC 6455, section 7.4.1).
_POLICY_VIOLATION = 1008
_INTERNAL_ERROR = 1011

_TEXT_FRAME = 0x81
_CLOSE_FRAME = 0x88

_RETRY_AFTER = 2  # in seconds: about the time needed to synthesize a short text

# The first matching class determines the status. Errors without a matching class get status 500.
_STATUS: tuple[tuple[type[PiperSerialError], int], ...] = (
    (ForeignOrigin, 403),
    (ChangesNotAllowed, 403),
    (AccessError, 401),
    (UnknownVoice, 404),
    (UnknownSpeaker, 404),
    (NotFound, 404),
    (EventTimeout, 408),
    (Conflict, 409),
    (BodyTooLong, 413),
    (UploadTooLong, 413),
    (UnsupportedType, 415),
    (UnreachableRange, 416),
    (DownloadFailed, 503),
    (QueueFull, 503),
    (BuffersFull, 503),
    (QueueTimeout, 503),
    (RequestTimeout, 503),
    (ShuttingDown, 503),
    (TooManyConnections, 503),
    (VoiceLoadTimeout, 503),
    (NotStored, 507),
    (VoiceNeedsExtra, 501),  # not 503, because the same request would fail again
    (RequestError, 422),
)


class ErrorItem(BaseModel):
    """The error in a response body."""

    code: str
    message: str
    type: str
    param: str | None


class ErrorBody(BaseModel):
    """The body of every error response."""

    error: ErrorItem


_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody, "description": description}
    for status, description in {
        401: "The token is missing or wrong.",
        403: "The request comes from a web page of another site.",
        404: "No such voice or speaker.",
        409: "The change conflicts with an operator option or with the state of the voice.",
        413: "The request is too long.",
        415: "The type of the body is not supported.",
        416: "The audio does not have the requested bytes.",
        422: "The request is not valid.",
        500: "The server failed, or the voice cannot speak this text.",
        501: "The voice needs a package that is not installed.",
        503: "Too many requests are waiting, the voice cannot be downloaded, or the server is shutting down.",
        507: "The change could not be stored, for example because the disk is full.",
    }.items()
}
"""The error responses of all endpoints, for the OpenAPI description."""

_CHANGES_ONLY = {409, 507}

ERRORS: dict[int | str, dict[str, Any]] = {
    status: response for status, response in _RESPONSES.items() if status not in _CHANGES_ONLY
}
"""The error responses of a speech endpoint."""

CHANGE_ERRORS: dict[int | str, dict[str, Any]] = {
    status: _RESPONSES[status] for status in (401, 403, 404, 409, 413, 422, 500, 503, 507)
}
"""The error responses of an endpoint that changes voices."""


def status_of(error: PiperSerialError) -> int:
    """Returns the HTTP status of `error`."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def close_code_of(error: PiperSerialError) -> int:
    """Returns the WebSocket close code for `error`. The code indicates whether the client or the server caused the
    error."""
    return _INTERNAL_ERROR if status_of(error) >= 500 else _POLICY_VIOLATION


def retry_after(error: PiperSerialError) -> int | None:
    """Returns the number of seconds after which a client should repeat the request, or `None` if the response does not
    state it."""
    # After a RequestTimeout, the same request would time out again.
    return _RETRY_AFTER if status_of(error) == 503 and not isinstance(error, RequestTimeout) else None


def headers_of(error: PiperSerialError) -> dict[str, str]:
    """Returns the additional headers of a response with `error`."""
    if (seconds := retry_after(error)) is not None:
        return {"Retry-After": str(seconds)}
    headers = {"WWW-Authenticate": "Bearer"} if status_of(error) == 401 else {}
    if isinstance(error, UnreachableRange):
        headers["Content-Range"] = f"bytes */{error.size}"
    if isinstance(error, AccessError):
        headers["Connection"] = "close"  # The request body has not been read.
    return headers


def body_of(error: PiperSerialError) -> dict[str, Any]:
    """Returns the JSON body of a response with `error`."""
    kind = "server_error" if status_of(error) >= 500 else "invalid_request_error"
    item = ErrorItem(code=error.code, message=str(error), type=kind, param=None)
    return ErrorBody(error=item).model_dump()


def refusing(error: PiperSerialError) -> ASGIApp:
    """Returns an ASGI application that always responds with `error`.

    The application does not read the request body, so the connection is closed after the response.
    """

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {**headers_of(error), "Connection": "close"}
        await JSONResponse(body_of(error), status_of(error), headers)(scope, receive, send)

    return refuse


def raw_response(status: HTTPStatus, error: PiperSerialError) -> bytes:
    """Returns the bytes of an HTTP/1.1 response with `error`. The connection must be closed after it."""
    body = json.dumps(body_of(error)).encode()
    headers = {"Content-Type": "application/json", "Content-Length": len(body), "Connection": "close"}
    lines = [f"{name}: {value}\r\n" for name, value in {**headers_of(error), **headers}.items()]
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{''.join(lines)}\r\n".encode() + body


def text_of_page(page: bytes) -> str:
    """Returns the text of an error page. `page` is an HTTP response that a library has generated."""
    return shown(page.partition(b"\r\n\r\n")[2].decode(errors="replace").strip())


def raw_frames(error: PiperSerialError) -> bytes:
    """Returns the bytes of a WebSocket message with `error` and a close frame (RFC 6455, sections 5.2 and 7.4.1)."""
    message = json.dumps({"type": "error", "code": error.code, "text": str(error)}).encode()
    head = (
        bytes([_TEXT_FRAME, len(message)])
        if len(message) < 126
        else struct.pack("!BBH", _TEXT_FRAME, 126, len(message))
    )
    return head + message + struct.pack("!BBH", _CLOSE_FRAME, 2, close_code_of(error))


def describe_validation_error(error: Mapping[str, Any]) -> str:
    """Returns a sentence that describes a pydantic error. It may contain the name of the field, but not the value,
    which may be private.
    """
    if error.get("type") == "json_invalid":
        return "The request is not JSON."
    if error.get("type") == "model_attributes_type":
        return "The request must be a JSON object, with the header Content-Type: application/json."
    if error.get("type") == "extra_forbidden":  # the name may be part of a text with an unescaped `&`
        return "The request has an unknown field. In a URL or a form, write & in a text as %26."
    field = ".".join(str(part) for part in error.get("loc", ()) if part not in {"body", "query"})
    message = str(error.get("msg", "The request is not valid"))
    return f"{field}: {message}." if field else f"{message}."
