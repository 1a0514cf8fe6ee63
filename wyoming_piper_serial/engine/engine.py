"""The queue of utterances, and the loop that chooses and runs their steps.

- The engine and its utterances are used only in the event loop.
- The steps of an instance of a voice run only in the thread of one worker. This thread runs one step at a time, so no
  lock is needed. The event loop only reads a voice's constants (such as its sample rate) and calls `phonemize`.
- A `SpeechJob` is used only by the worker thread from `Utterance.take_step` to `Utterance.apply`, and only in the event
  loop at all other times.
- A step cannot be interrupted. An utterance that ends during a step is removed from the queue at once, and the result
  of the step is discarded.
- There is no `await` between `_choose` and the start of the step, and none in `_update`. Therefore, no other code in
  the event loop can run in the middle of a decision.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH
from wyoming_piper_serial.engine.admission import NO_DEADLINES, Deadlines, QueueEntry, expiry, refusal
from wyoming_piper_serial.engine.buffers import Buffers, Holding
from wyoming_piper_serial.engine.costs import Kind, StepCosts
from wyoming_piper_serial.engine.held_audio import HeldAudio
from wyoming_piper_serial.engine.pace import SpeakingPace
from wyoming_piper_serial.engine.queue_places import QueuePlaces
from wyoming_piper_serial.engine.records import Records, reason_of
from wyoming_piper_serial.engine.scheduler import Step, choose, choose_fifo
from wyoming_piper_serial.engine.shares import ClientShare, ClientShares
from wyoming_piper_serial.engine.speech_job import StepResult
from wyoming_piper_serial.engine.tracing import Record, Tracer
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.engine.worker import Batch, Worker
from wyoming_piper_serial.exceptions import InternalError, PiperSerialError, QueueFull, ShuttingDown, SynthesisFailed
from wyoming_piper_serial.model.protocols import SynthesisOptions, Voice
from wyoming_piper_serial.observe.metrics import Metrics, QueueFigures, Snapshot
from wyoming_piper_serial.observe.outcome import Progress
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.observe.timeline import Activity
from wyoming_piper_serial.settings import Limits, Priority, Sharing
from wyoming_piper_serial.shutdown import Stage

_LOGGER = logging.getLogger(__name__)

_EXPIRY_PERIOD = 1.0  # seconds between checks of the deadlines


class Engine:
    """Runs the steps of utterances. Audio is synthesized only while `run` is running."""

    def __init__(
        self,
        limits: Limits,
        metrics: Metrics,
        *,
        sharing: Sharing | None = None,
        shutdown: Stage | None = None,
        trace: Callable[[Record], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """When `shutdown` begins, all requests end with ShuttingDown, and new requests are refused.

        `trace` is called with each trace record (see `engine.tracing`).
        """
        self._limits = limits
        self._metrics = metrics
        self._sharing = sharing or Sharing()
        self._shutdown = shutdown or Stage()
        self._clock = clock
        self._costs = StepCosts()
        self._tracer = Tracer(self._costs, self._sharing.schedule, trace)
        self._records = Records(metrics, self._tracer, clock)
        self._shares = ClientShares()
        self.buffers = Buffers(limits.max_buffered << 20)
        """Counts the memory that the requests and connections of all clients use."""

        self.buffers.speech.on_room = self._wake
        self._utterances: dict[int, Utterance] = {}
        self._held_audio = HeldAudio(self._costs)
        self._places = QueuePlaces(fifo=self._sharing.schedule == "fifo")
        self._pace = SpeakingPace()
        self._last_number = 0
        self._workers = [Worker(number) for number in range(self._sharing.instances)]
        self._shutdown.on_begin(self._end_all)

    def __repr__(self) -> str:
        return f"<Engine {'stopped' if self._shutdown.begun else 'serving'} {list(self._utterances.values())}>"

    def submit(
        self,
        instances: Sequence[Voice],
        options: SynthesisOptions,
        *,
        priority: Priority = Priority.NORMAL,
        deadlines: Deadlines = NO_DEADLINES,
        client: Client | None = None,
        number: int | None = None,
        release: Callable[[], None] = lambda: None,
    ) -> Utterance:
        """Adds a new utterance to the queue. Raises QueueFull, BuffersFull or ShuttingDown.

        The caller must close the utterance. If `has_room` returns false, the caller can wait a moment before calling
        this method, because requests of disconnected clients may leave the queue in the meantime.

        `instances` contains an instance of the voice for each worker. `number` comes from `new_number`; `None` means a
        new number. `release` is called when the utterance no longer needs the instances, but not if this method fails.
        """
        share = self._shares.of(client)
        refused = self._refusal(share)
        try:
            if refused is not None:
                raise refused
            Holding(self.buffers.speech, share).check()
        except PiperSerialError as error:
            self._metrics.request_refused(error.code)
            raise
        utterance = Utterance(
            QueueEntry(
                number=self.new_number() if number is None else number,
                priority=priority,
                deadlines=deadlines,
                client=client,
                share=share,
            ),
            instances,
            options,
            max_ahead=self._limits.max_ahead,
            max_held=self._limits.max_held if self._sharing.release == "gapless" else None,
            pace=self._pace,
            clock=self._clock,
            notify=self._note,
            release=release,
            budget=self.buffers.speech,
        )
        if self._costs.seed(utterance.voice, instances[0].step_times):
            self._tracer.note_costs()
        self._utterances[utterance.number] = utterance
        self._metrics.request_accepted()
        return utterance

    def share_of(self, client: Client | None) -> ClientShare:
        """Returns the `ClientShare` of `client`. Model time, queued requests and memory are counted per share."""
        return self._shares.of(client)

    def has_room(self, client: Client | None) -> bool:
        """Returns whether the queue has room for another request of `client`."""
        return not isinstance(self._refusal(self._shares.of(client)), QueueFull)

    def _refusal(self, share: ClientShare) -> PiperSerialError | None:
        queued = [one.entry.share for one in self._utterances.values() if one.needs_voice]
        return refusal(
            queued=len(queued),
            max_queue=self._limits.max_queue,
            of_address=queued.count(share),
            max_of_address=self._limits.queue_per_address if share.has_address else None,
            ended=self._shutdown.begun,
        )

    def new_number(self) -> int:
        """Returns the next request number, which log lines and the timeline show and which breaks ties in the queue."""
        self._last_number += 1
        return self._last_number

    async def run(self) -> None:
        """Runs steps until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._expire_periodically())
            for worker in self._workers:
                tasks.create_task(worker.serve(partial(self._step, worker)))

    async def _step(self, worker: Worker) -> bool:
        """Chooses and runs a step, and updates its utterances. Returns whether there was a step to run.

        If this method raises an unexpected error, it has ended the affected utterances.
        """
        batch = None
        try:
            batch = self._choose(worker)
            if batch is None:
                return False
            results = await worker.run(batch)
            self._update(worker, batch, results)
        except Exception:
            self._end_concerned(self._undecidable(worker) if batch is None else batch.utterances)
            raise
        return True

    def _undecidable(self, worker: Worker) -> Sequence[Utterance]:
        """Returns the utterances that must end because choosing a step for `worker` failed.

        These are the utterances that the worker has started or, if there are none, the candidates that any worker could
        start. If the error keeps recurring, it stops when there are no candidates left.
        """
        own = [one for one in self._utterances.values() if one.worker == worker.number]
        return own or list(self._candidates(worker))

    def _end_concerned(self, utterances: Iterable[Utterance]) -> None:
        """Ends `utterances` after an unexpected error. Their steps must no longer be running."""
        for utterance in utterances:
            # The utterance is removed first, because ending it may fail. If it stayed in the queue, the error would
            # recur forever.
            self._remove(utterance)
            try:
                if utterance.in_step:
                    # An utterance that has ended during its step still holds the voice and memory until `apply` is
                    # called.
                    self._note(utterance, utterance.apply(InternalError(), 0.0))
                else:
                    utterance.fail(InternalError())
            except Exception:
                _LOGGER.exception("%s: the request could not be ended", utterance.label)

    def _choose(self, worker: Worker) -> Batch | None:
        """Returns the next batch for `worker`, or `None` if no utterance can run a step now."""
        self._release_held(worker)
        now = self._clock()
        candidates = [utterance.candidate(now) for utterance in self._candidates(worker)]
        fifo = self._sharing.schedule == "fifo"
        step = choose_fifo(candidates) if fifo else choose(candidates, now, self._costs)
        if candidates and self._tracer.enabled:
            self._tracer.decision(now, worker.number, candidates, step)
        if step is None:
            return None
        leader = self._utterances[step.number]
        if not leader.started:
            self._records.begin(leader)
        utterances = (leader, *self._companions(worker, leader, step))
        steps = tuple([one.take_step(step.frames, worker.number, step.kind) for one in utterances])
        return Batch(utterances, steps, begin=self._clock())

    def _release_held(self, worker: Worker) -> None:
        """Updates the held audio of this worker's utterances that are not in a step (see `HeldAudio.update`)."""
        held = [
            one for one in self._utterances.values() if one.held and one.worker == worker.number and not one.in_step
        ]
        if not held:
            return
        fifo = self._sharing.schedule == "fifo"
        now = self._clock()
        playing = [] if fifo else [one.candidate(now) for one in self._candidates(worker) if one.playing]
        for utterance in held:
            self._held_audio.update(utterance, playing, now, fixed_chunks=fifo)
            # Later releases in this loop must not cause an underrun for this utterance.
            if utterance.playing and utterance.is_candidate and not fifo:
                playing.append(utterance.candidate(now))

    def _candidates(self, worker: Worker) -> Iterable[Utterance]:
        """Returns the candidates for a step in `worker`. All steps of an utterance run in the same worker."""
        return (one for one in self._utterances.values() if one.is_candidate and one.worker in (None, worker.number))

    def _companions(self, worker: Worker, leader: Utterance, step: Step) -> list[Utterance]:
        """Returns other playing utterances that can join the leader's step, ordered by deadline.

        Exact speech is decoded alone, because rounding may differ in a model run for several utterances.
        """
        most = (self._sharing.batch_max or 1) - 1
        fifo = self._sharing.schedule == "fifo"
        if not most or step.frames is None or step.kind is Kind.FLOW or fifo or leader.exact:
            return []
        now = self._clock()
        key = leader.batch_key(step.frames)
        if key is None:
            return []
        others = [
            (other.playback.deadline, other.number, other)
            for other in self._candidates(worker)
            if other is not leader and other.playback.deadline is not None and not other.exact
            if other.batch_key(step.frames) == key
            if step.kind is not Kind.VOCODE or other.candidate(now).flowed >= step.frames
            if other.instances[worker.number] is leader.instances[worker.number]
        ]
        return [other for *_, other in sorted(others)[:most]]

    def _update(self, worker: Worker, batch: Batch, results: list[StepResult]) -> None:
        """Passes the results of a step to the utterances of its batch, and records how long the step took."""
        now = self._clock()
        busy = now - batch.begin
        if worker.gave_up:
            _LOGGER.warning("%s: the step returned after %.1fs", batch.label, busy)
        # Estimates are for steps of a single utterance, so a step for several utterances does not change them.
        learnt = not worker.gave_up and len(results) == 1 and isinstance(results[0], bytes)
        if self._tracer.enabled:
            self._tracer.step(now, batch.label, batch.steps[0].work, busy, learnt=learnt)
        if learnt:
            self._note_delay(worker, busy - self._costs.expected(batch.steps[0].work))
            self._costs.add(batch.steps[0].work, busy)
        made = 0.0
        for utterance, result in zip(batch.utterances, results, strict=True):
            seconds = len(result) / SAMPLE_WIDTH / utterance.format.rate if isinstance(result, bytes) else 0.0
            utterance.record.step(batch.begin, busy, seconds)
            utterance.entry.share.add(busy / len(results), now)
            applied = result if isinstance(result, bytes) else reason_of(utterance, result)
            self._note(utterance, utterance.apply(applied, busy / len(results)))
            utterance.record.delay = 0.0
            made += seconds
        self._metrics.step_done(busy_seconds=busy, audio_seconds=made)

    def _note_delay(self, worker: Worker, seconds: float) -> None:
        """Records that a step took `seconds` longer than expected, which delays all utterances of the worker."""
        if seconds > 0:
            for utterance in self._utterances.values():
                if utterance.worker == worker.number:
                    utterance.record.delay += seconds

    def _note(self, utterance: Utterance, progress: Progress) -> None:
        """Records the progress of an utterance. Removes the utterance if it has ended, and wakes the workers if it
        needs a step.

        The engine calls this method after each step. The utterance calls it after a change made by the connection, by
        `fail` or by `begin_playback`. If the progress cannot be recorded, the error is logged, and the request
        continues.
        """
        if progress.outcome is not None:
            self._remove(utterance)
        elif utterance.ready:
            self._wake()
        try:
            self._records.progress(utterance, progress)
        except Exception:
            _LOGGER.exception("%s: the progress could not be recorded", utterance.label)

    def _remove(self, utterance: Utterance) -> None:
        """Removes an utterance from the queue if it is still there."""
        self._utterances.pop(utterance.number, None)
        self._held_audio.forget(utterance)
        self._wake()

    def _wake(self) -> None:
        for worker in self._workers:
            worker.wake()

    def expire(self) -> None:
        """Ends the utterances that have exceeded a time limit, and the utterances of a worker whose step is taking too
        long."""
        now = self._clock()
        for utterance in list(self._utterances.values()):
            waiting = utterance.waited(now) is not None
            error = expiry(now, utterance.entry.deadlines, waiting=waiting)
            if error is not None:
                utterance.fail(error)
        for worker in self._workers:
            batch = worker.batch
            if batch is not None and not worker.gave_up and self._is_overdue(now - batch.begin):
                self._give_up(worker, batch)

    async def _expire_periodically(self) -> None:
        while True:
            await asyncio.sleep(_EXPIRY_PERIOD)
            try:
                self.expire()
            except Exception:
                _LOGGER.exception("the deadlines could not be checked")

    def _is_overdue(self, seconds: float) -> bool:
        return 0 < self._limits.step_timeout <= seconds

    def _give_up(self, worker: Worker, batch: Batch) -> None:
        """Ends the utterances of `worker`. The worker stays blocked until its step returns, which cannot be stopped."""
        _LOGGER.error("%s: a step did not return within %gs", batch.label, self._limits.step_timeout)
        worker.gave_up = True
        for utterance in list(self._utterances.values()):
            if utterance.worker == worker.number:
                utterance.fail(SynthesisFailed("The voice did not finish in time."))

    @property
    def unhealthy_reason(self) -> str | None:
        """The reason why the voice does not work, or `None` if it works."""
        hung = max(worker.step_seconds(self._clock()) for worker in self._workers)
        if not self._is_overdue(hung):
            return None
        return f"a step of the voice has been running for {hung:.0f} seconds"

    def _end_all(self) -> None:
        for utterance in list(self._utterances.values()):
            utterance.fail(ShuttingDown())

    def before(self, utterance: Utterance) -> int:
        """Returns how many waiting requests will probably start before `utterance`, which must itself be waiting."""
        return self._places.before(utterance, self._utterances.values(), self._clock())

    def released_in(self, utterance: Utterance) -> float | None:
        """Returns the seconds until the held audio of `utterance` is released, or `None` if this time is unknown."""
        return self._held_audio.seconds_left(utterance)

    def snapshot(self) -> Snapshot:
        """Returns the current values of the metrics, without connections and voices, which the engine does not know."""
        now = self._clock()
        queue = self._utterances.values()
        waits = [(one.entry.priority, waited) for one in queue if (waited := one.waited(now)) is not None]
        figures = QueueFigures(
            waiting=Counter(priority for priority, _ in waits),
            oldest_wait=max((waited for _, waited in waits), default=0.0),
            playing=sum(one.playing for one in queue),
        )
        return self._metrics.snapshot(figures)

    def activity(self) -> Activity:
        """Returns the utterances with text that are in the queue or ended recently (see `Timeline`)."""
        return self._records.activity(self._utterances.values())
