"""The lock over one instance of every voice: a thread that runs one step after the other."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from wyoming_piper_serial.engine.speech_job import JobStep, StepResult, run_step
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.observe.reporter import RequestLabel


class Batch(NamedTuple):
    """Steps that one model run makes: of the utterance that was chosen, and of others that can take part."""

    utterances: tuple[Utterance, ...]
    steps: tuple[JobStep, ...]
    """One of each utterance."""

    begin: float
    """When it begins, by the engine's clock."""

    @property
    def label(self) -> RequestLabel:
        """Names the requests in log lines and traces."""
        return RequestLabel(tuple(utterance.number for utterance in self.utterances))


class Worker:
    """A thread, and the instance of each voice that is called in this thread only."""

    def __init__(self, number: int) -> None:
        self.number = number
        """Place of its instances in the sequence that each utterance is submitted with."""

        self.batch: Batch | None = None
        """What is running; `None` between two batches."""

        self.gave_up = False
        """Whether the running batch has taken so long that its utterances were ended."""

        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"voice-{number}")
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Tells the worker that there may be a step for it."""
        self._wake.set()

    async def wait(self) -> None:
        """Wait until `wake` is called."""
        self._wake.clear()
        await self._wake.wait()

    async def run(self, batch: Batch) -> list[StepResult]:
        """Run `batch` in the thread. Returns a result for each of its steps."""
        self.batch, self.gave_up = batch, False
        results = await asyncio.get_running_loop().run_in_executor(self._executor, run_step, batch.steps)
        self.batch = None
        return results

    def step_seconds(self, now: float) -> float:
        """Returns how long the running batch has taken; 0 between two batches."""
        return 0.0 if self.batch is None else now - self.batch.begin

    def close(self) -> None:
        """Let the thread end after the running step."""
        self._executor.shutdown(wait=False, cancel_futures=True)
