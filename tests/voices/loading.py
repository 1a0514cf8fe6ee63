"""Helpers for the pool tests: a fake loader, and requests that acquire a voice."""

import asyncio
from collections.abc import Callable

from tests.fakes import FakeVoice, Gate
from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.model.protocols import Voice
from wyoming_piper_serial.voices.catalogue import VoiceEntry
from wyoming_piper_serial.voices.pool import Instances, VoicePool


class Loading:
    """A loader that records its calls. If `gate` is given, each call waits until the gate is opened. The first
    `failures` calls fail."""

    def __init__(self, gate: Gate | None = None, failures: int = 0) -> None:
        self.loaded: list[str] = []
        self.gate = gate
        self.failures = failures

    def __call__(self, entry: VoiceEntry) -> Instances:
        self.loaded.append(entry.name)
        if self.gate is not None:
            self.gate.hold()
        if self.failures:
            self.failures -= 1
            raise VoiceFileError(entry.name, "amy.onnx: torn")
        return (FakeVoice(config=entry.config),)


async def lent(pool: VoicePool, entry: VoiceEntry, deadline: float | None = None) -> Voice:
    """Acquire a voice, release it immediately, and return it."""
    async with pool.acquire(entry, deadline=deadline) as instances:
        return instances[0]


def waiting(pool: VoicePool, entry: VoiceEntry, count: int) -> list["asyncio.Task[Voice]"]:
    return [asyncio.create_task(lent(pool, entry)) for _ in range(count)]


async def entered(gate: Gate) -> None:
    """Wait until the loader has started in its thread."""
    assert await asyncio.to_thread(gate.entered.wait, 10)


def sized(**megabytes: int) -> Callable[[VoiceEntry], int]:
    """Return a function that returns the size of a voice. `megabytes` maps voice names to sizes."""
    return lambda entry: megabytes[entry.name]


async def loop_turns(count: int = 10) -> None:
    """Run `count` iterations of the event loop, so that other tasks run until they wait for a thread or for each
    other."""
    for _ in range(count):
        await asyncio.sleep(0)
