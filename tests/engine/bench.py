"""An engine with a fake voice and a manually advanced clock, and functions that use the engine like a connection."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from tests.fakes import UNHELD, FakeClock, FakeVoice, Gate, ids_of
from wyoming_piper_serial.engine.admission import Deadlines
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.engine.tracing import Record
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.settings import Limits, Priority, Sharing, SynthesisSettings
from wyoming_piper_serial.settings.sharing import Release
from wyoming_piper_serial.shutdown import Shutdown


class EngineBench:
    """An engine under test, with its clock, its metrics and its voice."""

    def __init__(
        self,
        limits: Limits | None = None,
        on_run: Callable[[str], None] = lambda text: None,
        sharing: Sharing | None = None,
        release: Release = UNHELD.release,
        trace: Callable[[Record], None] | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.metrics = Metrics(self.clock)
        self.voice = FakeVoice(on_run=on_run)
        self.limits = limits or Limits()
        self.shutdown = Shutdown()
        self.engine = Engine(
            self.limits,
            self.metrics,
            sharing=replace(sharing or Sharing(), release=release),
            shutdown=self.shutdown.over,
            trace=trace,
            clock=self.clock,
        )

    def submit(
        self,
        synthesis: SynthesisSettings | None = None,
        priority: Priority = Priority.NORMAL,
        client: Client | None = None,
    ) -> Utterance:
        """Submit an utterance. Its deadlines are the timeouts in `limits`, counted from the current time."""
        deadlines = Deadlines.after(
            self.clock(), queue_timeout=self.limits.queue_timeout, request_timeout=self.limits.request_timeout
        )
        options = SynthesisOptions(synthesis=synthesis or SynthesisSettings())
        return self.engine.submit([self.voice], options, priority=priority, deadlines=deadlines, client=client)

    async def say(
        self, *sentences: str, synthesis: SynthesisSettings | None = None, client: Client | None = None
    ) -> bytes:
        """Speak `sentences` and return the complete PCM. If the utterance fails, its error is raised."""
        async with contextlib.aclosing(self.submit(synthesis, client=client)) as utterance:
            feeding = asyncio.create_task(feed(utterance, *sentences))
            try:
                return b"".join([pcm async for pcm in utterance])
            finally:
                await feeding


async def feed(utterance: Utterance, *sentences: str) -> None:
    for sentence in sentences:
        await utterance.feed(ids_of(sentence))
    utterance.end_text()


@contextlib.asynccontextmanager
async def working(bench: EngineBench) -> AsyncIterator[EngineBench]:
    """Run the engine while the context is open."""
    task = asyncio.create_task(bench.engine.run())
    try:
        yield bench
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def entered(gate: Gate) -> None:
    """Wait until the worker thread has entered a step."""
    assert await asyncio.to_thread(gate.entered.wait, 10)
