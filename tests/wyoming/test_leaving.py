"""A closed connection leaves no resources behind, however it ended."""

import asyncio
import gc
import weakref

import pytest

from tests.fakes import Gate
from tests.garbage import cyclic_garbage
from tests.wyoming.peers import Open
from wyoming_piper_serial.settings import Limits, Timeouts
from wyoming_piper_serial.wyoming import writer
from wyoming_piper_serial.wyoming.wire import encode

_SPEAK = encode("synthesize", {"text": "This sentence is said again. " * 100})
_SENT = {
    "nothing": b"",
    "blank lines": b"\r\n\n",
    "half a line": b'{"type": "desc',
    "half a payload": b'{"type": "x", "payload_length": 99}\nabc',
    "garbage": b"garbage\n",
    "http": b"GET / HTTP/1.1\r\n\r\n",
    "tls": b"\x16\x03\x01\x02",
    "an open stream": encode("synthesize-start") + encode("synthesize-chunk", {"text": "Hello"}),
    "much speech": _SPEAK,
    "speech and garbage": _SPEAK + b"garbage\n",
    "many questions": encode("describe") * 2000,
}
_AT_ONCE = 1e-9


@pytest.mark.parametrize("sent", _SENT.values(), ids=_SENT)
@pytest.mark.parametrize("ending", ["leaves", "resets", "stalls"])
async def test_nothing_stays_behind(
    serving: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, sent: bytes, ending: str
) -> None:
    """After a connection has ended, none of its tasks, utterances and other objects remain, not even for the garbage
    collector. Only a few lines have been logged."""
    monkeypatch.setattr(writer, "LINGER", 0)
    patience = _AT_ONCE if ending == "stalls" else 0
    timeouts = Timeouts(event=patience, idle=patience, stall=patience)
    with cyclic_garbage() as garbage:
        async with serving(limits=Limits(max_ahead=1), timeouts=timeouts) as server:
            for _ in range(3):
                await asyncio.sleep(0)  # gives the engine time to create its own tasks
            before = asyncio.all_tasks()
            client = await server.connect()
            client.writer.write(sent)
            if ending == "leaves":
                client.writer.close()
            elif ending == "resets":
                await client.writer.drain()
                client.writer.transport.abort()
            elif sent.startswith(encode("synthesize-start")):
                client.writer.write_eof()  # ends the stream, because a text stream has no timeout
            async with asyncio.timeout(20):
                await asyncio.gather(*server.tasks)
            assert repr(server.engine) == "<Engine serving []>"
            assert asyncio.all_tasks() == before
            connection = weakref.ref(server.connections.pop())
            server.tasks.clear()
    assert garbage == []
    assert connection() is None
    assert len(caplog.messages) < 10


@pytest.mark.usefixtures("quick_collection")
@pytest.mark.parametrize("last", [{}, {"text": "x" * 101}], ids=["ignored", "refused"])
async def test_event_is_freed_when_it_has_been_handled(serving: Open, last: dict[str, str]) -> None:
    """An event does not stay in memory until the next one, because the client may send nothing more for hours. An event
    that is refused is freed, too, even if its error must wait for the response to an earlier request."""
    gate = Gate()
    async with serving(on_run=lambda _: gate.hold(), limits=Limits(max_text=100)) as server:
        client = await server.connect()
        client.speak("First.")
        assert await asyncio.to_thread(gate.entered.wait, 10)
        client.writer.write(
            encode("ping") + encode("synthesize" if last else "unknown", {**last, "more": [["a mark"]]})
        )
        assert (await client.next()).type == "pong"
        for _ in range(20):
            await asyncio.sleep(0)  # lets the server handle the event
        assert not [found for found in gc.get_objects() if found == ["a mark"]]
        gate.open()
