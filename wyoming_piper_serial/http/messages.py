"""Functions that modify or delay the ASGI messages of a connection."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Message, Receive, Send

_MOST_BYTES = 4  # maximum number of bytes of a character in UTF-8


def with_close(start: Message) -> Message:
    """Returns the `http.response.start` message with the header `Connection: close` (RFC 9112, section 9.6)."""
    start = without(b"connection", start)
    return {**start, "headers": [*start["headers"], (b"connection", b"close")]}


def without(name: bytes, start: Message) -> Message:
    """Returns the `http.response.start` message without the header `name`, which must be in lower case."""
    return {**start, "headers": [header for header in start.get("headers", ()) if header[0].lower() != name]}


def http_receive(receive: Receive, at_end: Callable[[], Awaitable[None]]) -> Receive:
    """Returns a `receive` that awaits `at_end` before it returns the end of a request's body."""

    async def receive_until_end() -> Message:
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body"):
            await at_end()
        return message

    return receive_until_end


def websocket_receive(receive: Receive, turn: Callable[[int], Awaitable[None]]) -> Receive:
    """Returns a `receive` that awaits `turn`, with the approximate number of bytes of the message, before it returns a
    message from the client. Without this wait, hundreds of WebSockets could each handle a message in the same iteration
    of the event loop."""

    async def receive_in_turn() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive":
            text = message.get("text") or ""
            await turn(len(text) * (1 if text.isascii() else _MOST_BYTES))
        return message

    return receive_in_turn


def websocket_send(send: Send, writable: asyncio.Event) -> Send:
    """Returns a `send` that waits until `writable` is set. Also compensates for differences between versions of
    uvicorn."""

    async def send_when_writable(message: Message) -> None:
        await writable.wait()  # uvicorn before 0.52.4 does not wait for a slow client
        if message["type"] == "websocket.http.response.start":
            # uvicorn adds this header. Before 0.52.4, it did so even if the message already had the header.
            message = without(b"content-length", message)
        await send(message)

    return send_when_writable
