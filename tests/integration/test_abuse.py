"""Nothing a client does hurts another client, and nothing of it stays behind."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Iterator

import pytest
from wyoming.event import async_read_event

from tests.integration.abuse import back_at, connections, level, reset_in_mid_audio, stalled_readers
from tests.integration.conftest import ServerProcess, running_server
from tests.integration.peers import PATIENCE, describe, one_shot

_TEXT = "Somebody else is served."
_LONG = b"This goes on and on. " * 400
_GARBAGE = [
    b"",
    b"\n",
    b"{",
    b"\x16\x03\x01",
    b"GET / HTTP/1.1\r\n",
    b"\x00",
    b"[1, 2]\n",
    b'{"type": 1}\n',
    b"SSH-2.0-x\r\n",
]
_MORE_MEMORY = 32 * 1024 * 1024  # bytes a heap may keep after hundreds of connections; the voice has ten times that


@pytest.fixture(scope="module")
def server(small_voice: tuple[str, ...]) -> Iterator[ServerProcess]:
    """One whose patience is short, so that no test has to wait for it."""
    with running_server(
        *(*small_voice, "--seed", "5", "--max-ahead", "1", "--event-timeout", "0.5", "--stall-timeout", "1")
    ) as running:
        yield running


@pytest.fixture(scope="module")
def alone(server: ServerProcess) -> bytes:
    """What is heard while nobody does any harm."""
    return asyncio.run(one_shot(server.uri, _TEXT)).pcm


@pytest.fixture(autouse=True)
async def _nothing_stays_behind(server: ServerProcess, alone: bytes) -> AsyncIterator[None]:
    """Afterwards a fresh client hears the same as before, and all that was taken is given back."""
    pid = server.process.pid
    before = level(pid)
    yield
    assert (await one_shot(server.uri, _TEXT)).pcm == alone
    after = await back_at(before, pid)
    assert after.memory - before.memory < _MORE_MEMORY


async def error_sent(reader: asyncio.StreamReader) -> str | None:
    """The code of the error that comes first; `None` where the connection just ends."""
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        async with asyncio.timeout(PATIENCE):
            event = await async_read_event(reader)
        if event is not None:
            return str(event.data["code"])
    return None


async def answer_to_ping(port: int) -> str | None:
    """The type of the first event on a fresh connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b'{"type": "ping"}\n')
        event = await async_read_event(reader)
    except ConnectionError:
        return None
    finally:
        writer.close()
    return event.type if event else None


async def test_500_idle_connections(server: ServerProcess) -> None:
    """Add-ons and satellites keep theirs; somebody else is served meanwhile, and they are still there afterwards."""
    async with connections(server.port, 500) as idle:
        assert (await one_shot(server.uri, _TEXT)).pcm
        assert (await describe(server.uri)).tts
        assert level(server.process.pid).descriptors > 500
        reader, writer = idle[250]
        writer.write(b'{"type": "ping"}\n')
        async with asyncio.timeout(PATIENCE):
            event = await async_read_event(reader)
        assert event is not None
        assert event.type == "pong"


async def test_more_connections_than_there_are_places(server: ServerProcess) -> None:
    """Some of those above the limit are told so, the others are dropped; where some leave, there is room again."""
    async with connections(server.port, 700) as streams:
        answers = await asyncio.gather(*(error_sent(reader) for reader, _ in streams[512:]))
        assert set(answers) == {"too-many-connections", None}
    async with asyncio.timeout(PATIENCE):
        while await answer_to_ping(server.port) != "pong":  # until the server has seen enough of them leave
            pass


async def test_300_garbage_connections(server: ServerProcess) -> None:
    """All at once: each gets at most one error, and its end; others are served meanwhile."""
    chance = random.Random(300)
    garbage = [(chance.choice(_GARBAGE), chance.choice([0, 10, 1000, 100_000])) for _ in range(300)]

    async def throw(begin: bytes, length: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(begin + chance.randbytes(length))
        if length % 100 or not begin.strip():
            writer.write_eof()
        answer = b""
        # Who is still sending when the server has had enough may be reset.
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                answer = await reader.read()
        writer.close()
        return answer

    thrown = [asyncio.create_task(throw(*piece)) for piece in garbage]
    assert (await one_shot(server.uri, _TEXT)).pcm
    for answer in await asyncio.gather(*thrown):
        assert answer.count(b'"type": "error"') + answer.count(b"HTTP/1.1 400") <= 1


async def test_half_sent_events(server: ServerProcess) -> None:
    """Those who begin and do not go on are told and closed, without doing anything themselves."""
    async with connections(server.port, 50) as halves:
        for number, (_, writer) in enumerate(halves):
            writer.write(b'{"type": "synthesize", "data_length": 60}\n{"text": "Nobody'[: 10 + number])
        assert (await one_shot(server.uri, _TEXT)).pcm
        for reader, _ in halves:
            async with asyncio.timeout(PATIENCE):
                event = await async_read_event(reader)
                assert event is not None
                assert event.data["code"] == "event-timeout"
                assert await reader.read() == b""


async def test_stalled_readers(server: ServerProcess) -> None:
    """Others are served, and those who take nothing are cut off, without doing anything themselves."""
    before = level(server.process.pid)
    with stalled_readers(server.port, _LONG, 2):
        assert (await one_shot(server.uri, _TEXT)).pcm
        await back_at(before, server.process.pid)
    assert server.log.count("took nothing for 1s") >= 2


async def test_resets_in_mid_audio(server: ServerProcess) -> None:
    """Ten clients pull the plug; their work is dropped."""
    cancelled = server.log.count("synthesis cancelled")
    await asyncio.gather(*(reset_in_mid_audio(server.port, _LONG) for _ in range(10)))
    assert (await one_shot(server.uri, _TEXT)).pcm
    async with asyncio.timeout(PATIENCE):
        while server.log.count("synthesis cancelled") < cancelled + 10:
            await asyncio.sleep(0.05)  # another process: there is nothing else to wait for


async def test_client_that_asks_and_never_reads_the_answers(server: ServerProcess) -> None:
    """Replies are not piled up for it; it is cut off, and others are answered meanwhile."""
    before = level(server.process.pid)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(b'{"type": "describe"}\n' * 50_000)
    assert (await describe(server.uri)).tts
    await back_at(before, server.process.pid)
    assert level(server.process.pid).memory - before.memory < _MORE_MEMORY
    writer.transport.abort()
