"""The composer: what is answered while the server comes up and goes down."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from wyoming.event import Event, async_read_event, async_write_event

from tests.fakes import FakeVoice, Gate, voice_entry
from wyoming_piper_serial.app import App
from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.store.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.store.store import Instances, Loader


def app(path: os.PathLike[str], load: Loader) -> App:
    entry = voice_entry()
    return App(Settings(uri=f"unix://{path}", voice=entry.name), Catalogue([entry]), entry, load)


async def test_describe_is_answered_while_the_voice_loads(tmp_path: Path) -> None:
    """The load holds up neither the loop nor the port; a stop signal does not wait for it."""
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
    """A client that is there already, and reads nothing, does not keep the error from the operator."""
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
