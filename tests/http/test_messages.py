"""Functions that change the ASGI messages of a response."""

import asyncio

import pytest
from starlette.types import Message

from wyoming_piper_serial.http.messages import websocket_receive, websocket_send, with_close, without

_START: Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"Connection", b"keep-alive"), (b"content-length", b"2")],
}


def test_last_response_of_a_connection_says_so() -> None:
    """The last response has the header `Connection: close` and no other Connection header. The message that is
    passed in is not modified."""
    assert with_close(_START)["headers"] == [(b"content-length", b"2"), (b"connection", b"close")]
    assert len(_START["headers"]) == 2
    assert without(b"content-length", _START)["headers"] == [(b"Connection", b"keep-alive")]
    assert without(b"x", {"type": "http.response.start"})["headers"] == []


async def test_message_waits_until_the_client_reads() -> None:
    """A message is sent only when the connection is writable. The header Content-Length is removed from a response that
    refuses a WebSocket, because uvicorn adds this header itself."""
    sent: list[Message] = []
    writable = asyncio.Event()

    async def send(message: Message) -> None:
        sent.append(message)

    async def refuse() -> None:
        await websocket_send(send, writable)({**_START, "type": "websocket.http.response.start"})

    waiting = asyncio.create_task(refuse())
    await asyncio.sleep(0)  # lets the task run until it waits
    assert sent == []
    writable.set()
    await waiting
    assert sent[0]["headers"] == [(b"Connection", b"keep-alive")]


@pytest.mark.parametrize(("text", "size"), [("Hello", 5), ("Grüße", 20), (None, 0)])
async def test_message_of_the_client_waits_for_its_turn(text: str | None, size: int) -> None:
    """A message from the client is passed on when it is its turn, which takes longer for a large message. All other
    messages are passed on at once."""
    waiting: list[asyncio.Event] = []
    messages: list[Message] = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": text}]

    async def receive() -> Message:
        return messages.pop(0)

    async def turn(announced: int) -> None:
        assert announced == size
        waiting.append(asyncio.Event())
        await waiting[-1].wait()

    receive_in_turn = websocket_receive(receive, turn)
    assert (await receive_in_turn())["type"] == "websocket.connect"
    receiving = asyncio.ensure_future(receive_in_turn())
    await asyncio.sleep(0)  # lets the task run until it waits
    assert not receiving.done()
    waiting[0].set()
    assert (await receiving)["type"] == "websocket.receive"
