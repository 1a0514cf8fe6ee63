"""The queue, and the locks over the voices' instances.

A lock is a worker thread: whoever's step runs there has the instance, everyone else waits. Each lane
is such a thread and a task on the event loop that chooses, runs and updates, one step after the
other; nothing else ever calls a voice. A step cannot be interrupted. A cancellation takes hold
between two steps.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH
from wyoming_piper_serial.engine.admission import expiry, refusal
from wyoming_piper_serial.engine.costs import StepCosts
from wyoming_piper_serial.engine.scheduler import Step, choose, choose_fifo
from wyoming_piper_serial.engine.speech_job import Made, decode_together, run_step
from wyoming_piper_serial.engine.utterance import Utterance, UtteranceHooks
from wyoming_piper_serial.exceptions import PiperSerialError, ShuttingDown, SynthesisFailed
from wyoming_piper_serial.model.voice import SynthesisOptions, Voice
from wyoming_piper_serial.observe.metrics import Metrics, QueueFigures, Snapshot
from wyoming_piper_serial.observe.timeline import Activity, Timeline
from wyoming_piper_serial.settings import Limits, Priority, Sharing, SynthesisSettings

_LOGGER = logging.getLogger(__name__)

_EXPIRY_PERIOD = 1.0  # seconds between two looks at who has waited too long


class Engine:
    """Gives steps to utterances. `run` must be running for audio to be made."""

    def __init__(
        self,
        limits: Limits,
        metrics: Metrics,
        *,
        sharing: Sharing | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._metrics = metrics
        self._sharing = sharing or Sharing()
        self._clock = clock
        self._costs = StepCosts()
        self._timeline = Timeline()
        self._utterances: dict[int, Utterance] = {}
        self._next_number = 1
        self._draining = False
        self._workers = [_Worker(number) for number in range(self._sharing.instances)]

    def __repr__(self) -> str:
        return f"<Engine {'draining' if self._draining else 'serving'} {list(self._utterances.values())}>"

    def submit(
        self,
        instances: Sequence[Voice],
        synthesis: SynthesisSettings,
        speaker: int | None = None,
        priority: Priority = Priority.NORMAL,
    ) -> Utterance:
        """Let a new utterance in. Raises QueueFull or ShuttingDown. Whoever takes it must close it.

        `instances` of the voice: one for each lane.
        """
        queued = sum(utterance.needs_voice for utterance in self._utterances.values())
        refused = refusal(queued=queued, max_queue=self._limits.max_queue, draining=self._draining)
        if refused is not None:
            self._metrics.request_refused(refused.code)
            raise refused
        hooks = UtteranceHooks(
            clock=self._clock,
            ready=self._wake,
            begun=self._metrics.waited,
            heard=self._metrics.first_audio,
            underrun=self._metrics.underrun,
            closed=self._forget,
        )
        utterance = Utterance(
            self._next_number,
            instances,
            SynthesisOptions(synthesis=synthesis, speaker=speaker),
            priority=priority,
            max_ahead=self._limits.max_ahead,
            hooks=hooks,
        )
        self._utterances[utterance.number] = utterance
        self._next_number += 1
        self._metrics.request_accepted()
        return utterance

    async def run(self) -> None:
        """Give steps until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._expire_now_and_then())
            for worker in self._workers:
                tasks.create_task(self._serve(worker))

    def expire(self) -> None:
        """End those whose time is over."""
        now = self._clock()
        for utterance in list(self._utterances.values()):
            error = expiry(waited=utterance.waited(now), age=utterance.age(now), limits=self._limits)
            if error is not None:
                utterance.fail(error)
        for worker in self._workers:
            if worker.speaking and self._is_overdue(worker.step_seconds(now)):
                self._give_up(worker)

    def _is_overdue(self, seconds: float) -> bool:
        return 0 < self._limits.step_timeout <= seconds

    def _give_up(self, worker: "_Worker") -> None:
        """Tell all whom this lane speaks to. Its thread cannot be stopped, so its lock stays taken."""
        numbers = [one.number for one in worker.speaking]
        _LOGGER.error("%s: a step has not come back within %gs", numbers, self._limits.step_timeout)
        worker.speaking = ()
        for utterance in list(self._utterances.values()):
            if utterance.worker == worker.number:
                utterance.fail(SynthesisFailed("The voice did not finish in time."))

    @property
    def unhealthy_reason(self) -> str | None:
        """What keeps the voice from speaking, in plain words; `None` if nothing does."""
        hung = max(worker.step_seconds(self._clock()) for worker in self._workers)
        if not self._is_overdue(hung):
            return None
        return f"a step of the voice has taken {hung:.0f} seconds and has not come back"

    def drain(self) -> None:
        """Let those who speak finish; those who wait, and all who come later, are told to go."""
        self._draining = True
        self._end(utterance for utterance in self._utterances.values() if not utterance.started)

    def stop(self) -> None:
        """End every utterance now."""
        self._draining = True
        self._end(self._utterances.values())

    def snapshot(self) -> Snapshot:
        """All figures of this moment."""
        now = self._clock()
        queue = self._utterances.values()
        waits = [(one.priority, waited) for one in queue if (waited := one.waited(now)) is not None]
        figures = QueueFigures(
            waiting=Counter(priority for priority, _ in waits),
            oldest_wait=max((waited for _, waited in waits), default=0.0),
            playing=sum(one.playing for one in queue),
        )
        return self._metrics.snapshot(figures)

    def activity(self) -> Activity:
        """What utterances go through, and those that are over lately have."""
        return self._timeline.activity((one.trace for one in self._utterances.values()), self._clock())

    async def _expire_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_EXPIRY_PERIOD)
            self.expire()

    def _wake(self) -> None:
        for worker in self._workers:
            worker.wake.set()

    async def _serve(self, worker: "_Worker") -> None:
        try:
            while True:
                step = self._choose(worker)
                if step is None:
                    worker.wake.clear()
                    await worker.wake.wait()
                else:
                    await self._step(worker, self._utterances[step.number], step)
        finally:
            worker.executor.shutdown(wait=False, cancel_futures=True)

    def _choose(self, worker: "_Worker") -> Step | None:
        candidates = (utterance.candidate for utterance in self._for(worker))
        if self._sharing.schedule == "fifo":
            return choose_fifo(candidates)
        return choose(candidates, self._clock(), self._costs)

    def _for(self, worker: "_Worker") -> Iterable[Utterance]:
        """Those that want steps of this lane. Once its first was given, an utterance stays with its instance."""
        return (one for one in self._utterances.values() if one.is_candidate and one.worker in {None, worker.number})

    async def _step(self, worker: "_Worker", utterance: Utterance, step: Step) -> None:
        """Run one step in the worker thread: the only place where loop and thread meet."""
        others = self._companions(worker, utterance, step)
        work, run = utterance.take_step(step, worker.number)
        run_all = partial(_run_one, run)
        if others:
            run_all = partial(decode_together, [one.join() for one in (utterance, *others)], work.size)
        together = (utterance, *others)
        begin = worker.begin(together, self._clock())
        made = await asyncio.get_running_loop().run_in_executor(worker.executor, run_all)
        busy = self._clock() - begin
        if not worker.speaking:
            _LOGGER.warning("%s: the step has come back after %.1fs", [one.number for one in together], busy)
        elif len(together) == 1 and isinstance(made[0], bytes):
            self._costs.add(work, busy)
        worker.end()
        self._update(begin, busy, list(zip(together, made, strict=True)))

    def _companions(self, worker: "_Worker", utterance: Utterance, step: Step) -> list[Utterance]:
        """Who else of those who play can take part in a step: whose next chunk has the same shape, soonest deadline
        first. Exact speech is made alone: sums of a larger run may round otherwise.
        """
        most = (self._sharing.batch_max or 1) - 1
        if not most or step.frames is None or self._sharing.schedule == "fifo" or utterance.exact:
            return []
        shape = utterance.batch_key(step.frames)
        others = [
            (other.candidate.deadline, other.number, other)
            for other in self._for(worker)
            if other is not utterance and other.playing and not other.exact
            if other.instances[worker.number] is utterance.instances[worker.number]
            if shape is not None and other.batch_key(step.frames) == shape
        ]
        return [other for *_, other in sorted(others)[:most]]

    def _update(self, begin: float, busy: float, made: list[tuple[Utterance, Made]]) -> None:
        total = 0.0
        for utterance, pcm in made:
            audio = len(pcm) / SAMPLE_WIDTH / utterance.format.rate if isinstance(pcm, bytes) else 0.0
            utterance.trace.step(begin, busy, audio)
            total += audio
        self._metrics.step_done(busy_seconds=busy, audio_seconds=total)
        for utterance, pcm in made:
            if isinstance(pcm, bytes):
                utterance.apply(pcm, busy / len(made))
            else:
                utterance.fail(_reason(utterance, pcm))

    def _end(self, utterances: Iterable[Utterance]) -> None:
        for utterance in list(utterances):
            utterance.fail(ShuttingDown())

    def _forget(self, utterance: Utterance, outcome: str) -> None:
        del self._utterances[utterance.number]
        self._timeline.add(utterance.trace, self._clock())
        if outcome == "completed":
            self._metrics.request_completed()
        elif outcome == "cancelled":
            self._metrics.request_cancelled()
        else:
            self._metrics.request_failed(outcome)
        self._wake()


class _Worker:
    """One instance of every voice, and the thread that is its lock."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"voice-{number}")
        self.wake = asyncio.Event()
        self.speaking: tuple[Utterance, ...] = ()
        """Who takes part in the running step, and has not been told that it hangs."""

        self._begun: float | None = None

    def begin(self, speaking: tuple[Utterance, ...], now: float) -> float:
        """A step of these begins; returns `now`."""
        self.speaking, self._begun = speaking, now
        return now

    def end(self) -> None:
        self.speaking, self._begun = (), None

    def step_seconds(self, now: float) -> float:
        """How long the running step has taken; 0 between steps."""
        return 0.0 if self._begun is None else now - self._begun


def _run_one(run: Callable[[], bytes]) -> list[Made]:
    """A step that fails must never end the engine: the next in the queue is not to blame."""
    return [run_step(run)]


def _reason(utterance: Utterance, error: BaseException) -> PiperSerialError:
    """What the client is told of an `error` in a step."""
    if isinstance(error, PiperSerialError):
        _LOGGER.warning("[%d] %s (%r)", utterance.number, error, error.__cause__)
        return error
    _LOGGER.error("[%d] a step failed", utterance.number, exc_info=error)
    return SynthesisFailed("The voice could not speak this text.")
