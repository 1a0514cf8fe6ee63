"""Reads the body of a request and limits its size."""

from collections.abc import AsyncIterator

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from wyoming_piper_serial.exceptions import BadRequest, BodyTooLong, PiperSerialError, UploadTooLong
from wyoming_piper_serial.http.scopes import connection_of
from wyoming_piper_serial.network.json_bounds import json_fault

BODY_KEY = "body"
"""The key of the `Body` in the `state` of an ASGI scope."""


class Body:
    """The body of one request. It is read either by the application with `receive`, or in pieces with `pieces`."""

    def __init__(
        self, headers: Headers, receive: Receive, *, max_bytes: int, refusal: PiperSerialError | None = None
    ) -> None:
        """`max_bytes` is the limit for `receive`. If `refusal` is not `None`, `receive` raises it instead of reading.

        A dependency of the endpoint could not prevent reading, because FastAPI runs dependencies after it has read the
        body.
        """
        self._receive = receive
        self._max_bytes = max_bytes
        self._refusal = refusal
        self._length = announced_length(headers)
        content_type = headers.get("content-type", "")
        # FastAPI before 0.132 treats a body without a Content-Type as JSON.
        self._is_json = not content_type or "json" in content_type.lower()
        self._total = 0
        self._json = bytearray()

    async def receive(self) -> Message:
        """Returns the next message (ASGI). A JSON body is returned in one message.

        Raises the `refusal` if there is one. Raises BodyTooLong as soon as the body is too long, or before reading
        anything if the Content-Length is too large. Raises BadRequest if a JSON body has too many values, is nested too
        deeply, or contains a null byte.
        """
        if self._refusal is not None:
            raise self._refusal
        if self._length is not None and self._length > self._max_bytes:
            raise self._too_long()
        message = await self._bounded()
        while self._is_json and message["type"] == "http.request":
            self._json += message.get("body", b"")
            if not message.get("more_body"):
                whole = bytes(self._json)
                self._json.clear()
                if fault := json_fault(whole):
                    raise BadRequest(f"The request {fault}.")
                return {**message, "body": whole}
            message = await self._bounded()
        return message

    async def pieces(self, max_bytes: int, limit: str) -> AsyncIterator[bytes]:
        """Yields the body in pieces of at most about 64 KiB as it arrives.

        Raises UploadTooLong as soon as the body is longer than `max_bytes`, or before reading anything if the
        Content-Length is too large. Raises ClientDisconnect if the client disconnects before the end.

        `limit` is a description of `max_bytes` for the error message.
        """
        too_long = UploadTooLong(f"The file is larger than {limit}.")
        if self._length is not None and self._length > max_bytes:
            raise too_long
        more, total = True, 0
        while more:
            message = await self._receive()
            if message["type"] != "http.request":
                raise ClientDisconnect
            piece, more = message.get("body", b""), message.get("more_body", False)
            total += len(piece)
            if total > max_bytes:
                raise too_long
            if piece:
                yield piece

    async def _bounded(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._total += len(message.get("body", b""))
            if self._total > self._max_bytes:
                raise self._too_long()
        return message

    def _too_long(self) -> BodyTooLong:
        return BodyTooLong(f"The request is longer than {self._max_bytes} bytes.")


def pieces_of(scope: Scope, max_bytes: int, limit: str) -> AsyncIterator[bytes]:
    """Returns the pieces of a request's body (see `Body.pieces`).

    Such a body may be much longer than other requests. At most 80 KiB of it count towards the memory limit for all
    clients, because the earlier bytes are no longer in memory. The event timeout limits the time until the next bytes
    arrive, not the time for the whole body.
    """
    connection_of(scope).stream_body()
    body: Body = scope["state"][BODY_KEY]
    return body.pieces(max_bytes, limit)


def announced_length(headers: Headers) -> int | None:
    """Returns the length of a body in bytes, or `None` if there is no valid Content-Length header."""
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else None
