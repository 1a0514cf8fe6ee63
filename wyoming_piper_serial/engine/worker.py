"""A worker thread, which has its own instance of each voice and runs one batch of steps at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from wyoming_piper_serial.engine.speech_job import JobStep, StepResult, run_step
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.observe.reporter import RequestLabel

_LOGGER = logging.getLogger(__name__)


class Batch(NamedTuple):
    """The steps of one model run: a step of the chosen utterance, and the steps of other utterances that can run
    together with it."""

    utterances: tuple[Utterance, ...]
    steps: tuple[JobStep, ...]
    """One step for each utterance."""

    begin: float
    """Start of the batch on the engine's clock."""

    @property
    def label(self) -> RequestLabel:
        """Label that names the requests of this batch in log lines and traces."""
        return RequestLabel(tuple(utterance.number for utterance in self.utterances))


class Worker:
    """A thread that runs steps with its own instances of the voices, which no other worker uses."""

    def __init__(self, number: int) -> None:
        self.number = number
        """Index of the instance for this worker in the `instances` of `Engine.submit`."""

        self.batch: Batch | None = None
        """The running batch, or `None` between two batches."""

        self.gave_up = False
        """Whether the running batch has exceeded the time limit, so that its utterances were ended."""

        self._executor = self._new_executor()
        self._wake = asyncio.Event()

    def _new_executor(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"voice-{self.number}")

    async def serve(self, step: Callable[[], Awaitable[bool]]) -> None:
        """Calls `step` repeatedly until cancelled. If `step` returns false, waits until `wake` is called.

        If `step` raises an error, logs it, and waits for `wake` unless it has been called since the last wait.
        """
        try:
            while True:
                try:
                    stepped = await step()
                except Exception:
                    _LOGGER.exception("the next step could not be run")
                    await asyncio.sleep(0)  # lets other tasks run, because `step` may fail without ever suspending
                    await self._wake.wait()
                    self._wake.clear()
                else:
                    if not stepped:
                        await self.wait()
                    else:
                        # Yielding lets the connection write the audio of this step before the next step competes for
                        # the processor.
                        await asyncio.sleep(0)
        finally:
            self.close()

    def wake(self) -> None:
        """Wakes the worker, because there may be a step for it."""
        self._wake.set()

    async def wait(self) -> None:
        """Waits until `wake` is called."""
        self._wake.clear()
        await self._wake.wait()

    async def run(self, batch: Batch) -> list[StepResult]:
        """Runs `batch` in the thread and returns the result of each step. Raises RuntimeError without running the steps
        if no thread can be started."""
        self.batch, self.gave_up = batch, False
        try:
            results = await asyncio.get_running_loop().run_in_executor(self._executor, run_step, batch.steps)
        except Exception:
            self.batch = None
            # An executor that cannot start its thread keeps its queued steps and would run them before the next batch.
            self.close()
            self._executor = self._new_executor()
            raise
        self.batch = None
        return results

    def step_seconds(self, now: float) -> float:
        """Returns how many seconds the running batch has taken so far, or 0 between two batches."""
        return 0.0 if self.batch is None else now - self.batch.begin

    def close(self) -> None:
        """Stops the thread when the running batch has ended."""
        self._executor.shutdown(wait=False, cancel_futures=True)
