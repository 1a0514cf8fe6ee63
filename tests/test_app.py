"""The program as a whole: what is answered while the server starts and while it ends."""

import asyncio
import contextlib
import gc
import logging
import os
import re
import signal
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from wyoming.event import Event, async_read_event, async_write_event

from tests.fakes import FakeVoice, Gate, voice_entry
from wyoming_piper_serial.app import App
from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.settings import Limits, Settings
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.voices.pool import Instances, Loader
from wyoming_piper_serial.voices.registry import VoiceRegistry


def app(path: os.PathLike[str], load: Loader) -> App:
    entry = voice_entry()
    return App(Settings(uri=f"unix://{path}", voice=entry.name), VoiceRegistry(Catalogue([entry])), entry, load)


@contextlib.asynccontextmanager
async def running(caplog: pytest.LogCaptureFixture, **changes: Any) -> AsyncIterator[int]:
    """Run an app on a free port of the loopback interface; end it by SIGTERM."""
    entry = voice_entry()
    settings = Settings(uri="tcp://127.0.0.1:0", voice=entry.name, **changes)
    serving = App(settings, VoiceRegistry(Catalogue([entry])), entry, lambda entry: (FakeVoice(config=entry.config),))
    with caplog.at_level(logging.INFO):
        task = asyncio.create_task(serving.run())
        async with asyncio.timeout(10):
            while (ready := re.search(r"Ready: tcp://127\.0\.0\.1:(\d+)", caplog.text)) is None:
                await asyncio.sleep(0)  # lets the app start
        yield int(ready[1])
        os.kill(os.getpid(), signal.SIGTERM)
        await task


async def ping(port: int, own: str = "127.0.0.1") -> tuple[str, asyncio.StreamWriter]:
    """The answer to a ping from the address `own`: an event's type, an error's code, or `nothing`. And the open
    connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(own, 0))
    writer.write(b'{"type": "ping"}\n')
    async with asyncio.timeout(10):
        try:
            event = await async_read_event(reader)
        except ConnectionError:
            event = None
    return (event.data.get("code", event.type) if event else "nothing"), writer


async def test_only_allowed_networks_are_answered(caplog: pytest.LogCaptureFixture) -> None:
    """A connection from outside the allowed networks is closed without an answer, logged once and counted."""
    async with running(caplog, allow=(ip_network("127.0.0.8/29"),)) as port:
        answers = [await ping(port, own) for own in ("127.0.0.1", "127.0.0.9", "127.0.0.1", "127.0.0.16")]
        assert [answer for answer, _ in answers] == ["nothing", "pong", "nothing", "nothing"]
        for _, writer in answers:
            writer.close()
    assert caplog.text.count("127.0.0.1 is turned away") == 1
    assert "3 connections were turned away" in caplog.text


async def test_allowed_networks_do_not_concern_unix_sockets(tmp_path: Path) -> None:
    """`--allow` does not apply to Unix sockets, which have file permissions."""
    entry = voice_entry()
    settings = Settings(uri=f"unix://{tmp_path}/socket", voice=entry.name, allow=(ip_network("10.0.0.0/8"),))
    task = asyncio.create_task(
        App(settings, VoiceRegistry(Catalogue([entry])), entry, lambda entry: (FakeVoice(config=entry.config),)).run()
    )
    while not (tmp_path / "socket").exists():
        await asyncio.sleep(0)  # lets the app start
    reader, writer = await asyncio.open_unix_connection(tmp_path / "socket")
    await async_write_event(Event("ping"), writer)
    async with asyncio.timeout(10):
        event = await async_read_event(reader)
    assert event is not None
    assert event.type == "pong"
    writer.close()
    os.kill(os.getpid(), signal.SIGTERM)
    await task


async def test_one_address_has_its_own_limit(caplog: pytest.LogCaptureFixture) -> None:
    """An address over its connection limit gets an error; others are admitted, and it is again after a close."""
    async with running(caplog, limits=Limits(max_connections_per_address=2)) as port:
        answers = [await ping(port, own) for own in ("127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.2")]
        assert [answer for answer, _ in answers] == ["pong", "pong", "too-many-connections", "pong"]
        answers[0][1].close()
        async with asyncio.timeout(10):
            while (again := await ping(port))[0] != "pong":  # until the app has noticed the close
                again[1].close()
        for _, writer in [*answers, again]:
            writer.close()


async def test_collections_are_short_while_the_app_serves(caplog: pytest.LogCaptureFixture) -> None:
    """While the app serves, the garbage collector runs more often; afterwards its settings are as before."""
    before = gc.get_threshold()
    async with running(caplog) as port:
        _, writer = await ping(port)
        assert gc.get_threshold()[1:] < before[1:]
        writer.close()
    assert gc.get_threshold() == before


async def test_describe_is_answered_while_the_voice_loads(tmp_path: Path) -> None:
    """`describe` is answered while the voice loads, and SIGTERM ends the app without waiting for the load."""
    gate = Gate()

    def load(entry: VoiceEntry) -> Instances:
        gate.hold()
        return (FakeVoice(config=entry.config),)

    running = asyncio.create_task(app(tmp_path / "socket", load).run())
    assert await asyncio.to_thread(gate.entered.wait, 10)
    reader, writer = await asyncio.open_unix_connection(tmp_path / "socket")
    await async_write_event(Event("describe"), writer)
    async with asyncio.timeout(10):
        info = await async_read_event(reader)
        assert info is not None
        assert info.type == "info"
        os.kill(os.getpid(), signal.SIGTERM)
        await running
    gate.open()
    writer.close()
    await writer.wait_closed()


async def test_failed_load_ends_the_start_whoever_is_connected(tmp_path: Path) -> None:
    """A voice that fails to load ends the app with its error, although a connected client does not read."""
    gate = Gate()

    def load(entry: VoiceEntry) -> Instances:
        gate.hold()
        raise VoiceFileError(entry.name, "torn")

    running = asyncio.create_task(app(tmp_path / "socket", load).run())
    assert await asyncio.to_thread(gate.entered.wait, 10)
    _, writer = await asyncio.open_unix_connection(tmp_path / "socket")
    for _ in range(2000):
        writer.write(b'{"type": "describe"}\n')
    gate.open()
    async with asyncio.timeout(10):
        with pytest.raises(VoiceFileError):
            await running
    writer.close()
