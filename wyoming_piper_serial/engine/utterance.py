"""Converts the phoneme ids of one request's sentences to PCM. Must be used in the event loop.

During a step, only the worker thread may use the utterance's `SpeechJob`. This module therefore must not read `_job`
while `_in_step` is set.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Self

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH, AudioFormat, silence
from wyoming_piper_serial.engine.admission import QueueEntry
from wyoming_piper_serial.engine.audio_queue import AudioQueue
from wyoming_piper_serial.engine.buffers import Budget, Holding
from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.costs import Kind, Work
from wyoming_piper_serial.engine.pace import SpeakingPace, characters_of
from wyoming_piper_serial.engine.playback import Playback
from wyoming_piper_serial.engine.sentence_queue import SentenceQueue
from wyoming_piper_serial.engine.speech_job import JobStep, SpeechJob
from wyoming_piper_serial.engine.timings import SpokenText
from wyoming_piper_serial.engine.voice_hold import VoiceHold
from wyoming_piper_serial.exceptions import PiperSerialError
from wyoming_piper_serial.model.protocols import PhonemeIds, Prepare, SynthesisOptions, Voice, as_written
from wyoming_piper_serial.observe.outcome import CANCELLED, COMPLETED, Outcome, Progress
from wyoming_piper_serial.observe.reporter import RequestLabel
from wyoming_piper_serial.observe.timeline import UtteranceRecord

# Seconds of silence sent for a text without sound, because Home Assistant treats a response without audio as an error.
_SILENT_ANSWER = 0.1

# Seconds of audio that an encoded sentence may buffer even if `--max-buffered` is reached, to prevent an underrun.
_LEAST_AHEAD = 2.0

_NO_LIMIT = 1 << 62  # a limit in bytes that is never reached

_NOTHING = Progress()


class Utterance:
    """An async iterator of PCM. Closing the iterator cancels the utterance, and no more of its steps are run."""

    asked: float | None = None
    """Time of the first call to `phonemize` or `feed`, or `None` until then. It can be set to an earlier time."""

    outcome: Outcome | None = None
    """The outcome of the utterance, or `None` until it has ended."""

    worker: int | None = None
    """Number of the worker that runs the steps, or `None` before the first step."""

    busy_seconds = 0.0
    """Seconds of model time used so far. The time of a step for several utterances is divided among them."""

    _waits_for_text = False
    _text_ended = False
    _error: PiperSerialError | None = None
    _job: SpeechJob | None = None
    _in_step = False
    _steps = 0

    def __init__(  # noqa: PLR0913 -- independent arguments, of which only three are positional
        self,
        entry: QueueEntry,
        instances: Sequence[Voice],
        options: SynthesisOptions,
        *,
        max_ahead: float,
        max_held: float | None = None,
        clock: Callable[[], float],
        notify: Callable[["Utterance", Progress], None],
        release: Callable[[], None] = lambda: None,
        budget: Budget | None = None,
        pace: SpeakingPace | None = None,
    ) -> None:
        """`instances` contains an instance of the voice for each worker. `notify` is called when the connection adds or
        ends text, reads audio or closes the iterator, and when `fail` or `begin_playback` is called. `release` is
        called when `instances` are no longer needed (see `has_voice`). `budget` counts the memory for the encoded
        sentence and the audio. If `max_held` (in seconds) is given, audio is held until `begin_playback` is called or
        the utterance ends."""
        self.entry = entry
        self.number = entry.number
        self.label = RequestLabel((entry.number,), entry.client)
        """Label that names the request in log lines."""

        self.admitted = clock()
        """Time at which the engine accepted the utterance."""

        self.voice = instances[0].config.name
        self.format = AudioFormat(rate=options.synthesis.sample_rate or instances[0].config.sample_rate)
        self.exact = options.synthesis.seed is not None
        """Whether identical requests must always produce identical bytes."""

        self.playback = Playback(rate=self.format.rate, max_ahead=max_ahead, max_held=max_held)
        self.record = UtteranceRecord(entry.number, self.voice, entry.priority)
        """The record for the timeline, used only by the engine."""

        self._options = options
        self._clock = clock
        self._notify = notify
        self._hold = VoiceHold(instances, release)
        self._frame_seconds = instances[0].frame_seconds
        budget = budget or Budget(_NO_LIMIT)
        self._audio = AudioQueue(Holding(budget, entry.share))
        self._held_sentence = Holding(budget, entry.share)
        self._sentences = SentenceQueue(instances[0].config, options, pace or SpeakingPace())
        self.take_timed = self._sentences.take_timed
        self._audible = asyncio.Event()  # set while `__anext__` can return at once

    def __repr__(self) -> str:
        state = self.outcome or ("playing" if self.playing else "waiting")
        seconds = self._audio.size / SAMPLE_WIDTH / self.format.rate
        return (
            f"<Utterance {self.number} {state}, {self._steps} steps, {len(self._sentences)} sentences, "
            f"{seconds:.3f}s of unread audio>"
        )

    # The connection uses the following members.

    async def feed(self, sentence: PhonemeIds, text: SpokenText | None = None) -> None:
        """Adds the phoneme ids of a sentence, unless the utterance has ended. Waits while the queue of sentences is
        full. If `text` is given, `take_timed` returns its times after the sentence has been encoded."""
        for part, its_text in self._sentences.parts(sentence, text):
            await self._sentences.room()
            if self.outcome is not None:
                return
            self._sentences.append(part, its_text)
            self.asked = self._clock() if self.asked is None else self.asked
            self._changed()

    def phonemize(self, text: str, prepare: Prepare = as_written) -> "Future[list[PhonemeIds]]":
        """Converts `text` to the phoneme ids of its sentences, using the voice. `has_voice` must be true."""
        self.asked = self._clock() if self.asked is None else self.asked
        return self.instances[0].phonemize(text, prepare)

    @property
    def instances(self) -> Sequence[Voice]:
        """One instance of the voice for each worker. Empty while the utterance does not hold the voice."""
        return self._hold.instances

    @property
    def has_voice(self) -> bool:
        """Whether the utterance holds the voice. Between steps, an utterance releases the voice if it has ended, or if
        it has nothing to speak until the client sends text."""
        return bool(self._hold.instances)

    def take_voice(self, instances: Sequence[Voice], release: Callable[[], None]) -> None:
        """Provides the voice again before the next `feed`. If the utterance has ended, releases the voice at once."""
        self._hold.take(instances, release)
        if self._job is not None and self.worker is not None:
            self._job.set_voice(instances[self.worker])
        self._give_voice_back_if_idle()

    def expect(self, characters: int) -> None:
        """Sets the number of received characters that have not been passed to `feed` yet."""
        self._sentences.later = characters

    def wait_for_text(self, *, waiting: bool) -> None:
        """Records whether the next sentence requires more text from the client."""
        self._waits_for_text = waiting
        self._give_voice_back_if_idle()

    def end_text(self) -> None:
        """Records that there will be no more sentences."""
        self._text_ended = True
        self._changed()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """Waits for the next PCM and returns it. After the last PCM, raises the error that ended the utterance, or
        StopAsyncIteration if there was none."""
        await self._audible.wait()
        if self._audio:
            pcm = self._audio.pop()
            self.playback.take(len(pcm), self._clock())
            if not self._audio and self.outcome is None:
                self._audible.clear()
            self._changed()
            return pcm
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Cancels the utterance unless it has already ended. Discards unread audio."""
        self._audio.clear()
        if self.outcome is None:
            self.playback.stop(self._clock())
            self._end(CANCELLED)
            self._notify(self, Progress(outcome=self.outcome))

    def fail(self, error: PiperSerialError) -> None:
        """Ends the utterance with an error unless it has already ended. Existing audio can still be read."""
        if self.outcome is None:
            self._error = error
            self._end(Outcome.failed(error.code))
            self._notify(self, Progress(outcome=self.outcome))

    # The engine uses the following members.

    @property
    def ready(self) -> bool:
        """Whether the utterance can run a step now: it has text to speak and room for more audio, and is not in a step.
        While it waits for text or for a slow client, it is not ready."""
        return self.is_candidate and self._has_room

    @property
    def is_candidate(self) -> bool:
        """Whether the utterance needs a step now or, if it is playing, as soon as there is room for audio."""
        return self.outcome is None and not self._in_step and self._has_text and (self.playing or self._has_room)

    @property
    def _has_room(self) -> bool:
        """Whether this utterance's buffer and the shared memory have room for the result of the next step."""
        if self.playback.full:
            return False
        if self._held_sentence.size:
            return self.playback.buffered < _LEAST_AHEAD or self._held_sentence.allows_more
        return self._held_sentence.allows_more

    def candidate(self, now: float) -> Candidate:
        """Returns the state that the scheduler uses for a decision at `now`. Must be called only if `is_candidate` is
        true.

        All candidates of a decision need the same `now`, because the scheduler compares the clients' recorded model
        time, which decreases over time.
        """
        job, frame_seconds = self._job, self._frame_seconds
        frames, chunks = (0, 0) if job is None else (job.frames, job.chunks)
        sentences, later = self._sentences.sizes, self._sentences.later
        pace = self._sentences.seconds_per_character
        return Candidate(
            number=self.number,
            voice=self.voice,
            priority=self.entry.priority,
            since=self.since,
            deadline=self.playback.deadline,
            encode=0 if frames else sentences[0] if sentences else 1,
            frames=frames,
            flowed=0 if job is None else job.flowed,
            unflowed=0 if job is None else job.unflowed,
            chunks=chunks,
            frame_seconds=frame_seconds,
            rest=frames * frame_seconds + (sum(sentences) + later) * pace,
            held=0.0 if self.playing else self.playback.made,
            sentences=sentences if frames else sentences[1:],
            later=later,
            pace=pace,
            ready=self._has_room,
            exact=self.exact,
            client=self.entry.share.number,
            served=self.entry.share.served(now),
        )

    @property
    def needs_voice(self) -> bool:
        """Whether the utterance counts as queued. It does not count while it waits for text or for a slow client."""
        return self._in_step or self.ready or not (self.started or self._idle)

    @property
    def started(self) -> bool:
        """Whether the first step has begun."""
        return self._steps > 0 or self._in_step

    @property
    def playing(self) -> bool:
        """Whether audio has been released to the listener."""
        return self.playback.deadline is not None

    @property
    def in_step(self) -> bool:
        """Whether a step of this utterance is running."""
        return self._in_step

    @property
    def held(self) -> bool:
        """Whether there is audio that has not been released yet."""
        return self.outcome is None and not self.playing and bool(self._audio)

    def begin_playback(self) -> None:
        """Releases the held audio and notifies the engine."""
        now = self._clock()
        self.playback.begin(now)
        self._audible.set()
        self._notify(self, Progress(first_audio=now - self.since, held=self.playback.seconds_held(now)))

    def waited(self, now: float) -> float | None:
        """Returns the seconds for which the utterance has waited for its first step, or `None` if it is not waiting."""
        return None if self.started or self.asked is None or self._idle else now - self.asked

    def batch_key(self, frames: int) -> Hashable:
        """Returns a key for batches. The next `frames` frames of all utterances with the same voice and key can be
        decoded together. Returns `None` if this utterance cannot be part of a batch."""
        return self._job.batch_key(frames) if self._job and self.ready else None

    def take_step(self, frames: int | None, worker: int, kind: Kind = Kind.DECODE) -> JobStep:
        """Returns a step of this `kind`. If `frames` is `None`, the step encodes a sentence or finishes the audio. The
        caller must pass the result of the step to `apply`."""
        if self._job is None:
            self.worker = worker
            self._job = SpeechJob(self.instances[worker], self._options)
        ids: PhonemeIds = ()
        if frames is not None:
            size = frames
        elif self._sentences:
            ids = self._sentences.pop()
            kind, size = Kind.ENCODE, characters_of(len(ids))
        else:
            kind, size = Kind.FINISH, 1
        self._in_step = True
        return JobStep(self._job, Work(self.voice, kind, size), ids, last=self._text_ended and not self._sentences)

    def apply(self, result: bytes | PiperSerialError, busy_seconds: float) -> Progress:
        """Adds the result of a step. If the result is an error, ends the utterance with this error. Discards the
        result if the utterance has already ended."""
        self._in_step = False
        try:
            return self._apply(result, busy_seconds)
        finally:
            self._give_voice_back_if_idle()

    def _apply(self, result: bytes | PiperSerialError, busy_seconds: float) -> Progress:
        if self.outcome is not None:
            self._job = None
            self._held_sentence.hold(0)
            return _NOTHING
        self._held_sentence.hold(0 if self._job is None else self._job.memory)
        if isinstance(result, PiperSerialError):
            self._error = result
            self._end(Outcome.failed(result.code))
            return Progress(outcome=self.outcome)
        if self._job is not None:
            self._sentences.encoded(self._job.frames, self._frame_seconds, self._job.last_begun)
        self._steps += 1
        self.busy_seconds += busy_seconds
        return self._advance(result)

    @property
    def since(self) -> float:
        """Time at which the utterance began to wait for audio."""
        return self.admitted if self.asked is None else self.asked

    @property
    def _has_text(self) -> bool:
        """Whether the received text requires a step. Must not be read during a step."""
        job = self._job
        return bool(self._sentences) or (job is not None and (job.unfinished or (self._text_ended and job.holds_back)))

    @property
    def _idle(self) -> bool:
        """Whether the utterance has nothing to speak until the client sends text. Must not be read during a step."""
        return self._waits_for_text and not self._has_text

    def _changed(self) -> None:
        """Notifies the engine of a change made by the connection."""
        between_steps = self.outcome is None and not self._in_step
        self._notify(self, self._advance(b"") if between_steps else _NOTHING)

    def _advance(self, pcm: bytes) -> Progress:
        """Adds PCM. Ends the utterance if nothing is left to do. Must be called between steps."""
        now = self._clock()
        has_text = self._has_text
        done = self._text_ended and not has_text
        if done and not pcm and not self.playback.samples:
            pcm = silence(_SILENT_ANSWER, self.format.rate)
        played_before, underrun = self.playing, 0.0
        if pcm:
            underrun = self.playback.add(len(pcm), now)
            self._audio.append(pcm)
        if done and not self.playing:
            self.playback.begin(now)
        if pcm and self.playing:
            self._audible.set()
        first_audio, held = None, 0.0
        if self.playing and not played_before:
            first_audio, held = now - self.since, self.playback.seconds_held(now)
        self.playback.note_text(now, available=has_text)
        if done:
            self._end(COMPLETED)
        elif first_audio is None and not underrun:
            return _NOTHING
        return Progress(first_audio=first_audio, held=held, underrun=underrun, outcome=self.outcome)

    def _end(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._sentences.clear()
        if not self._in_step:
            self._held_sentence.hold(0)
            self._job = None  # a job takes up megabytes, and other objects may keep a reference to this utterance
        self._audible.set()
        self._give_voice_back_if_idle()

    def _give_voice_back_if_idle(self) -> None:
        if not self._in_step and (self.outcome is not None or self._idle):
            self._hold.give_back()
            if self._job is not None:
                self._job.set_voice(None)
