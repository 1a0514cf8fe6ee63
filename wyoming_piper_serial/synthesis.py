"""Synthesizes speech for a request. All protocols use this module."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from wyoming_piper_serial.engine.admission import Deadlines, priority_of
from wyoming_piper_serial.engine.buffers import Holding
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.engine.full_queue import FullQueue
from wyoming_piper_serial.engine.request_status import RequestProgress as RequestProgress
from wyoming_piper_serial.engine.request_status import RequestStatus as RequestStatus
from wyoming_piper_serial.engine.request_status import WaitsFor as WaitsFor
from wyoming_piper_serial.engine.text_feed import TextFeed as TextFeed
from wyoming_piper_serial.engine.timings import SpokenText
from wyoming_piper_serial.engine.timings import TimedText as TimedText
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.exceptions import (
    InternalError,
    PiperSerialError,
    QueueTimeout,
    RequestTimeout,
    SynthesisFailed,
    VoiceFileError,
)
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.settings import Priority, Settings, TextRules
from wyoming_piper_serial.shutdown import Stage, cancel
from wyoming_piper_serial.text.alignment import Aligner
from wyoming_piper_serial.text.frontends import Frontends
from wyoming_piper_serial.text.lexicon import Lexicon
from wyoming_piper_serial.turns import Turns
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.pool import VoicePool
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.selection import ResolvedVoice, VoiceSelector, resolve

_LOGGER = logging.getLogger(__name__)

T = TypeVar("T")

# Maximum number of characters, of all requests together, that are split into sentences per iteration of the event loop.
# Splitting this many takes at most 3 ms.
_TEXT_SLICE = 100


@dataclass(frozen=True, kw_only=True)
class SpeechRequest:
    """A request for speech: its voice, options, client, and text, which may still be arriving."""

    text: TextFeed = field(default_factory=TextFeed, compare=False)
    selector: VoiceSelector = field(default_factory=VoiceSelector)
    streamed: bool = False
    """Whether the text arrives in pieces and may be spoken before it is complete."""

    priority: Priority | None = None
    """The priority; `None` means that the client's address determines it."""

    seed: int | None = None
    """The seed, which makes speech reproducible; `None` means the seed in `changes`, the preset or the settings."""

    speed: float = 1.0
    """Factor for the speed in the preset or the settings or, if none is set, for the voice's own speed. Ignored if
    `changes` contains a length scale."""

    sample_rate: int | None = None
    """Sample rate of the audio in hertz; `None` means the rate in the settings or, if none is set, the voice's own."""

    text_rules: TextRules | None = None
    """Whether numbers, units and dates are rewritten as words; `None` means the value in the preset or the settings."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    """Values that replace fields of the SynthesisSettings, by field name."""

    lexicon: Lexicon | None = None
    """Entries that are used for this request only, and take precedence over those of the server."""

    timed: bool = False
    """Whether `Utterance.take_timed` returns the times of the words."""

    client: Client | None = None
    status: RequestStatus = field(default_factory=RequestStatus, compare=False)
    instead_of: RequestStatus | None = field(default=None, compare=False)
    """A waiting request that this request replaces. The waiting request keeps its place in the queue until this request
    takes the place."""


class Synthesizer:
    """Synthesizes speech with the voices of one server."""

    def __init__(
        self,
        settings: Settings,
        registry: VoiceRegistry,
        pool: VoicePool,
        engine: Engine,
        metrics: Metrics,
        *,
        shutdown: Stage | None = None,
        frontends: Frontends | None = None,
    ) -> None:
        """When `shutdown` begins, requests that wait for their first sentence end with ShuttingDown. The downloads, the
        pool and the engine end the other requests."""
        self.settings = settings
        """The current settings. Changes apply to new requests."""

        self._registry = registry
        self._pool = pool
        self._engine = engine
        self._metrics = metrics
        self._shutdown = shutdown or Stage()
        self._frontends = frontends or Frontends()
        self._turns = Turns()
        self._full_queue = FullQueue(engine.has_room)

    @contextlib.asynccontextmanager
    async def speak(self, request: SpeechRequest) -> AsyncIterator[Utterance]:
        """Yields the request's utterance, an async iterator of PCM. Leaving the context cancels the rest of the
        utterance.

        Raises the error that ends the request, such as UnknownVoice or QueueFull, or the error with which its text
        ended.
        """
        number = request.status.number = self._engine.new_number()
        try:
            self._shutdown.check()
            async with self._speak(request, number) as utterance:
                yield utterance
        except PiperSerialError as error:
            error.request_number = number
            raise
        finally:
            request.text.close()

    @property
    def catalogue(self) -> Catalogue:
        """The current voices. For a language, the catalogue avoids the voices that turned out to be unusable."""
        return self._registry.catalogue.avoiding(self._pool.failures.unusable())

    def rate_of(self, request: SpeechRequest) -> int | None:
        """Returns the sample rate of the audio in hertz, or `None` if the voice must be downloaded first.

        Raises VoiceError if the voice or the speaker cannot be used.
        """
        catalogue, selector = self.catalogue, request.selector
        default = catalogue.default_or(self.settings.voice)
        if catalogue.downloadable(selector.name, selector.language, default=default) is not None:
            return None
        resolved = resolve(selector, catalogue, self.settings, sample_rate=request.sample_rate)
        return resolved.options.synthesis.sample_rate or resolved.entry.config.sample_rate

    def progress(self, request: SpeechRequest) -> RequestProgress:
        """Returns what a request that was passed to `speak` is waiting for."""
        return request.status.progress(
            arriving=self._registry.shares, before=self._engine.before, released_in=self._engine.released_in
        )

    def new_text(self, client: Client | None) -> TextFeed:
        """Returns the text of a new request. `speak` closes the text. If `speak` is not called, the caller must close
        it."""
        return TextFeed(self.settings.limits.max_text, holding=self.new_holding(client))

    def new_holding(self, client: Client | None) -> Holding:
        """Returns an object that counts the memory used by a request of `client`, excluding its speech. The caller must
        set the count to 0 when the request ends."""
        return Holding(self._engine.buffers.text, self._engine.share_of(client))

    def new_input(self, client: Client | None) -> Holding:
        """Returns an object that counts the incomplete input of a new connection of `client`. The caller must set the
        count to 0 when the connection ends."""
        return self._engine.buffers.new_input(self._engine.share_of(client))

    def phonemizing(self, client: Client | None) -> asyncio.Lock:
        """Returns the lock that must be held while a sentence of `client` is converted to phonemes."""
        return self._engine.share_of(client).phonemizing

    @contextlib.asynccontextmanager
    async def _speak(self, request: SpeechRequest, number: int) -> AsyncIterator[Utterance]:
        resolved = await self._resolve(request, self._deadlines().end_by)
        async with contextlib.aclosing(self.sentences(request, resolved)) as sentences:
            # Until the first sentence of a stream is complete, the stream occupies neither a voice nor a place in the
            # queue.
            first = await self._shutdown.unless_begun(anext(sentences, None))
            deadlines = self._deadlines()
            if not self._registry.catalogue.has(resolved.entry):  # the catalogue has changed in the meantime
                resolved = await self._resolve(request, deadlines.end_by)
            async with self._utterance(request, resolved, deadlines, number) as utterance:
                request.text.on_wait = lambda waiting: utterance.wait_for_text(waiting=waiting)
                feeding = asyncio.create_task(self._feed(utterance, request, resolved, first, sentences))
                try:
                    yield utterance
                finally:
                    await utterance.aclose()
                    await cancel(feeding)

    def _deadlines(self) -> Deadlines:
        """Returns the deadlines for a request that begins now, on the event loop's clock, which is also the engine's
        clock."""
        limits = self.settings.limits
        return Deadlines.after(
            asyncio.get_running_loop().time(),
            queue_timeout=limits.queue_timeout,
            request_timeout=limits.request_timeout,
        )

    async def _resolve(self, request: SpeechRequest, end_by: float | None) -> ResolvedVoice:
        """Returns the requested voice. Downloads it first if necessary.

        Raises VoiceError, ShuttingDown, or RequestTimeout if the download is not complete at `end_by`.
        """
        catalogue, selector = self._registry.catalogue, request.selector
        default = catalogue.default_or(self.settings.voice)
        public = catalogue.downloadable(selector.name, selector.language, default=default)
        request.status.downloading = None if public is None else public.name
        try:
            async with asyncio.timeout_at(end_by):
                await self._registry.fetch(selector, default)
        except TimeoutError:
            seconds = self.settings.limits.request_timeout
            raise RequestTimeout(f"The voice was not downloaded within {seconds:g} seconds.") from None
        finally:
            request.status.downloading = None
        return resolve(
            request.selector,
            self.catalogue,
            self.settings,
            speed=request.speed,
            sample_rate=request.sample_rate,
            text_rules=request.text_rules,
            changes=request.changes if request.seed is None else {**request.changes, "seed": request.seed},
        )

    async def _load_language(self, resolved: ResolvedVoice) -> str:
        """Returns the language of a voice, after loading the text rules for this language. The first call for each
        language takes up to a tenth of a second."""
        arguments = resolved.entry.config.language, resolved.text_rules
        if not self._frontends.is_loaded(*arguments):
            await asyncio.to_thread(self._frontends.load, *arguments)
        return arguments[0]

    @contextlib.asynccontextmanager
    async def _utterance(
        self, request: SpeechRequest, resolved: ResolvedVoice, deadlines: Deadlines, number: int
    ) -> AsyncIterator[Utterance]:
        """Yields an utterance that has no text yet. Its voice stays in memory until the utterance releases it."""
        status = request.status
        status.loading = True
        try:
            lease = await self._pool.lease(resolved.entry, deadline=deadlines.start_by)
        except QueueTimeout as error:
            self._metrics.request_refused(error.code)
            raise
        finally:
            status.loading = False
        try:
            since = None if request.instead_of is None else await request.instead_of.leave_queue()
            await self._full_queue.wait(request.client)
            utterance = status.utterance = self._engine.submit(
                lease.instances,
                resolved.options,
                priority=self._priority(request),
                deadlines=deadlines,
                client=request.client,
                number=number,
                release=lease.release,
            )
            utterance.asked = since
        except BaseException:
            lease.release()
            raise
        async with contextlib.aclosing(utterance):
            yield utterance

    def _priority(self, request: SpeechRequest) -> Priority:
        """Returns the priority set by the request or, if it sets none, the priority of the client's address."""
        address = None if request.client is None else request.client.address
        return request.priority or priority_of(address, self.settings.sharing.priorities)

    async def sentences(self, request: SpeechRequest, resolved: ResolvedVoice) -> AsyncGenerator[str, None]:
        """Yields the sentences of the request's text as it arrives or, with `--no-streaming`, when it is complete.
        Splits text only when the next sentence is requested."""
        if request.streamed and not self.settings.streaming:
            await request.text.completed()
        splitter = self._frontends.splitter(self.settings.text, await self._load_language(resolved))
        client = None if request.client is None else request.client.counted
        while text := await request.text.take():
            for start in range(0, len(text), _TEXT_SLICE):
                await self._turns.next(client)
                for sentence in splitter.feed(text[start : start + _TEXT_SLICE]):
                    yield sentence
        await self._turns.next(client)
        for sentence in splitter.finish():
            yield sentence

    async def _feed(
        self,
        utterance: Utterance,
        request: SpeechRequest,
        resolved: ResolvedVoice,
        first: str | None,
        sentences: AsyncIterator[str],
    ) -> None:
        """Passes the sentences to the utterance. If this fails or the text ends with an error, the utterance fails."""
        try:
            if first is not None:
                await self._feed_all(utterance, request, resolved, first, sentences)
            _LOGGER.info("%s: text complete, %d characters", utterance.label, request.text.length)
            utterance.end_text()
        except PiperSerialError as error:
            utterance.fail(error)
        except Exception:
            _LOGGER.exception("%s: the text could not be converted to phonemes", utterance.label)
            utterance.fail(InternalError())

    async def _feed_all(
        self,
        utterance: Utterance,
        request: SpeechRequest,
        resolved: ResolvedVoice,
        first: str,
        sentences: AsyncIterator[str],
    ) -> None:
        """Passes the phonemes of each sentence to the utterance. Skips sentences that the phonemizer cannot convert.

        Raises SynthesisFailed if sentences were skipped and no other sentence has phonemes. Also raises the error with
        which the text ends, and the errors of `_return_voice`.
        """
        failure: SynthesisFailed | None = None
        entry, language = resolved.entry, await self._load_language(resolved)
        scopes = language, entry.name, entry.voice
        lexicon = self._registry.lexicon.for_voice(*scopes)
        if request.lexicon is not None:
            lexicon = lexicon.preceded_by(request.lexicon.for_voice(*scopes))
        frontend = self._frontends.frontend(language, resolved.text_rules, lexicon)
        aligner = Aligner(frontend.spoken, entry.config.phonemes.id_map)
        fed, sentence, taken, number = False, first, 0, 0
        while True:
            if not utterance.has_voice:
                await self._return_voice(utterance, request, resolved)
            if utterance.outcome is not None:
                return
            if self.settings.logging.log_text:
                _LOGGER.info("%s: text: %s", utterance.label, sentence)
            try:
                phonemes = await _in_turn(utterance, partial(utterance.phonemize, sentence, aligner.spoken))
            except SynthesisFailed as error:
                _LOGGER.warning(
                    "%s: a sentence of %d characters was skipped: %s", utterance.label, len(sentence), error
                )
                failure, phonemes = error, []
            taken += len(sentence)
            utterance.expect(max(0, request.text.length - taken))
            number += 1
            marks = aligner.marks(sentence, phonemes) if request.timed else [[] for _ in phonemes]
            for ids, its_marks in zip(phonemes, marks, strict=True):
                fed = True
                await utterance.feed(ids, SpokenText(number, sentence, its_marks) if its_marks else None)
            try:
                sentence = await anext(sentences)
            except StopAsyncIteration:
                break
        if failure is not None and not fed:
            raise failure

    async def _return_voice(self, utterance: Utterance, request: SpeechRequest, resolved: ResolvedVoice) -> None:
        """Leases a voice again for an utterance that released its voice while it was waiting for text.

        Raises VoiceError, QueueTimeout, RequestTimeout or ShuttingDown.
        """
        if utterance.outcome is not None:
            return
        entry = resolved.entry
        if not self._registry.catalogue.has(entry):  # the files of the voice have been changed or removed
            entry = (await self._resolve(request, self._deadlines().end_by)).entry
            if entry.config.sample_rate != resolved.entry.config.sample_rate:
                raise VoiceFileError(entry.voice, "its sample rate changed during a request")
        lease = await self._pool.lease(entry, deadline=self._deadlines().start_by)
        utterance.take_voice(lease.instances, lease.release)


async def _in_turn(utterance: Utterance, phonemize: "Callable[[], Future[list[T]]]") -> list[T]:
    """Waits until no other sentence of the client is being phonemized. Then calls `phonemize` and returns the result.

    Returns an empty list if the utterance has ended by then.
    """
    async with utterance.entry.share.phonemizing:
        return await _result(phonemize()) if utterance.outcome is None else []


async def _result(future: "Future[T]") -> T:
    """Returns the result of `future`. If `future` is already done, returns without suspending."""
    return future.result() if future.done() else await asyncio.wrap_future(future)
