"""A single HTTP connection that becomes a WebSocket."""

import contextlib
import json

import pytest

from tests.http.connection_bench import UPGRADE, Bench, error_of
from wyoming_piper_serial.http.bounds import MAX_REPLIES, UNCOUNTED_REPLIES


async def test_malformed_handshake_is_answered_by_the_websocket(bench: Bench) -> None:
    """A malformed WebSocket handshake gets a 400 response in the usual format, which names the missing header."""
    peer = bench.connect()
    peer.send(UPGRADE.replace(b"Sec-WebSocket-Key", b"X"))
    response = await peer.received()
    assert response.startswith(b"HTTP/1.1 400 ")
    assert b"missing Sec-WebSocket-Key header." in response
    assert json.loads(response.partition(b"\r\n\r\n")[2])["error"]["code"] == "bad-request"
    assert peer.state() == "closing"
    peer.leave()


async def test_application_waits_for_a_slow_websocket(bench: Bench) -> None:
    """`send` waits while the client of the WebSocket does not read, and returns when the client reads or
    disconnects."""
    peer = bench.connect()
    peer.send(UPGRADE)
    assert (await peer.received()).startswith(b"HTTP/1.1 101 ")
    peer.connection.pause_writing()
    bench.messages.put_nowait("one")
    bench.messages.put_nowait("two")
    assert await peer.received() == b""
    assert bench.messages.qsize() == 1
    bench.look(1000)  # the timeout of requests does not apply to WebSockets
    assert peer.state() == "open"
    peer.connection.resume_writing()
    assert await peer.received() == b"\x81\x03one\x81\x03two"
    peer.connection.pause_writing()
    bench.messages.put_nowait("three")
    await peer.received()
    peer.leave()
    bench.messages.put_nowait("four")
    await peer.received()
    assert bench.messages.qsize() <= 1


@pytest.mark.parametrize(
    "upgrade",
    [
        UPGRADE[:-2] + b"a:b\r\n" * 200 + b"\r\n",
        UPGRADE[:-2] + b"Cookie: " + b"x" * 9000 + b"\r\n\r\n",
        UPGRADE[:-2] + b"Content-Length: 5\r\n\r\nHello",
        UPGRADE[:-2] + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        UPGRADE.replace(b"GET /", b"GET /" + b"x" * 9000),
        UPGRADE.replace(b"GET", b"POST"),
    ],
)
async def test_upgrade_that_cannot_be_parsed_is_answered(bench: Bench, upgrade: bytes) -> None:
    """A WebSocket handshake gets an error and the connection closes if the handshake has too many fields, a long field,
    a long target, a body, or a method other than GET."""
    peer = bench.connect()
    peer.send(upgrade)
    assert (await peer.received()).startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 405 "))
    assert peer.state() == "closing"
    assert bench.calls == []
    peer.leave()
    await bench.connections.wait_closed()


async def test_slow_upgrade_is_answered(bench: Bench) -> None:
    """A WebSocket handshake that is not complete in time gets the error `event-timeout`."""
    peer = bench.connect()
    peer.send(UPGRADE[:-2])
    bench.look(10)
    assert error_of(peer.transport.sent) == (408, "event-timeout")
    peer.leave()


_FRAGMENT = b"\x00\x80\0\0\0\0"  # an empty continuation frame; its mask is 0
_PING = b"\x89\x80\0\0\0\0"


def websocket_error(sent: bytes) -> str:
    """Return the code of a WebSocket error message, which must be followed by a close frame."""
    size = sent[1]
    assert (sent[0], sent[2 + size :]) == (0x81, b"\x88\x02\x03\xf0")
    code: str = json.loads(sent[2 : 2 + size])["code"]
    return code


async def test_message_of_many_fragments_is_refused(bench: Bench) -> None:
    """A WebSocket message with too many frames gets an error and a close frame, even if the frames are empty."""
    peer = bench.connect()
    peer.send(UPGRADE)
    await peer.received()
    peer.send(b"\x01\x80\0\0\0\0" + _FRAGMENT * 900)
    assert peer.state() == "open"
    with contextlib.suppress(AssertionError):  # the connection is closed before all frames are sent
        peer.send(_FRAGMENT * 1000)
    assert websocket_error(await peer.received()) == "bad-request"
    assert peer.state() == "closing"
    peer.leave()


async def test_message_must_arrive_in_time(bench: Bench) -> None:
    """An incomplete WebSocket message is refused after `--event-timeout`, even if pings and further frames arrive."""
    peer = bench.connect()
    peer.send(UPGRADE)
    await peer.received()
    bench.look(1000)
    peer.send(b"\x01\x80\0\0\0\0" + _FRAGMENT)
    bench.look(9)
    peer.send(_PING + _FRAGMENT)
    await peer.received()
    assert peer.state() == "open"
    bench.look(1)
    assert websocket_error(await peer.received()) == "event-timeout"
    peer.leave()


async def test_time_of_a_paused_websocket_does_not_count(bench: Bench) -> None:
    """The timeout of an incomplete message does not apply while the application does not read the WebSocket."""
    peer = bench.connect()
    peer.send(UPGRADE)
    await peer.received()
    peer.send(b"\x81\x80\0\0\0\0\x01\x80\0\0\0\0")  # the application does not read messages
    assert not peer.transport.reading
    bench.look(0)
    bench.look(1000)
    assert peer.state() == "open"
    peer.leave()


async def test_pings_are_answered_together(bench: Bench) -> None:
    """Each ping is answered, even if 100 pings arrive together."""
    peer = bench.connect()
    peer.send(UPGRADE)
    await peer.received()
    peer.send(_PING * 100)
    assert await peer.received() == b"\x8a\x00" * 100
    peer.leave()


async def test_unread_pongs_are_bounded(bench: Bench) -> None:
    """Pongs that the client does not read count towards --max-buffered. The bytes are released when the client has read
    the pongs. If the limit is reached, the client gets an error."""
    peer = bench.connect()
    peer.send(UPGRADE)
    await peer.received()
    peer.transport.backlog = UNCOUNTED_REPLIES + 10_000
    peer.send(_PING)
    assert 5000 < bench.buffers.input.used < 10_000
    await peer.received()
    peer.connection.resume_writing()
    assert bench.buffers.input.used == 0
    peer.transport.backlog = UNCOUNTED_REPLIES + bench.buffers.input.limit
    peer.send(_PING)
    assert b"buffers-full" in await peer.received()
    assert peer.state() == "lingering"
    peer.leave()


async def test_unread_pongs_of_a_websocket_end_it(bench: Bench) -> None:
    """If more than 1 MiB is buffered for a WebSocket, its connection is aborted."""
    bench.buffers.input.limit *= 100
    peer = bench.connect()
    peer.send(UPGRADE)
    await peer.received()
    peer.transport.backlog = MAX_REPLIES
    peer.send(_PING)
    assert peer.state() == "aborted"
    peer.leave()


async def test_message_that_is_not_text_closes_a_websocket(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """A message that is not UTF-8 closes its WebSocket. This also works if a close frame follows at once, although
    uvicorn does not expect such a frame."""
    bad, close = b"\x81\x81\0\0\0\0\xff", b"\x88\x80\0\0\0\0"
    for sent in (bad, bad * 2, bad + close, bad + _PING + close):
        peer = bench.connect()
        peer.send(UPGRADE)
        await peer.received()
        peer.send(sent)
        await peer.received()
        assert peer.state() in {"closing", "aborted"}
        peer.leave()
    assert [record for record in caplog.records if record.name.startswith("wyoming_piper_serial")] == []
