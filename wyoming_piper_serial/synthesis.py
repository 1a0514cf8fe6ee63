"""One request for speech: text in, audio out. All protocols share it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field

from wyoming_piper_serial.engine.admission import Deadlines, priority_of
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.exceptions import (
    InternalError,
    PiperSerialError,
    QueueTimeout,
    RequestTimeout,
    TextTooLong,
)
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.settings import Priority, Settings
from wyoming_piper_serial.shutdown import cancel
from wyoming_piper_serial.text.sentences import SentenceSplitter
from wyoming_piper_serial.voices.pool import VoicePool
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.selection import ResolvedVoice, VoiceSelector, resolve

_LOGGER = logging.getLogger(__name__)

_TEXT_SLICE = 100  # characters cut into sentences before other tasks run: 10 ms at worst
_MAX_PIECES = 256  # more are joined: a text of single characters must take no more memory than another


class TextFeed:
    """The text of one request: written by the connection as it arrives, read by the synthesizer."""

    def __init__(self, max_text: int | None = None) -> None:
        """`max_text` in characters; `None` means no limit."""
        self.length = 0
        """Characters so far."""

        self._max_text = max_text
        self._pieces: list[str] = []
        self._complete = asyncio.Event()
        self._error: PiperSerialError | None = None
        self._changed = asyncio.Event()

    def check(self, text: str) -> None:
        """Raises TextTooLong if `text` does not fit."""
        if self._max_text is not None and self.length + len(text) > self._max_text:
            raise TextTooLong(f"The text is longer than {self._max_text} characters.")

    def add(self, text: str) -> None:
        """Append `text`. Raises TextTooLong."""
        self.check(text)
        if not text:
            return
        self.length += len(text)
        self._pieces.append(text)
        if len(self._pieces) > _MAX_PIECES:
            self._pieces = ["".join(self._pieces)]
        self._changed.set()

    def end(self, error: PiperSerialError | None = None) -> None:
        """No more text will follow. With an `error`, the text is cut off, and the reader gets the error."""
        self._error = error
        self._complete.set()
        self._changed.set()

    async def completed(self) -> None:
        """Wait for `end`."""
        await self._complete.wait()

    async def take(self) -> str:
        """Wait for text and remove all that has arrived; empty at the end. Raises the error given to `end`."""
        await self._changed.wait()
        text = "".join(self._pieces)
        self._pieces.clear()
        if not text and self._error is not None:
            raise self._error
        if not self._complete.is_set():
            self._changed.clear()
        return text


@dataclass(frozen=True, kw_only=True)
class SpeechRequest:
    """What is to be spoken, how, and for which client. The text may still be arriving."""

    text: TextFeed = field(default_factory=TextFeed, compare=False)
    selector: VoiceSelector = field(default_factory=VoiceSelector)
    streamed: bool = False
    """Whether the text arrives in pieces, and may be spoken before it is complete."""

    priority: Priority | None = None
    """`None` leaves it to the client's address."""

    seed: int | None = None
    """Makes speech reproducible; `None` leaves it to the settings."""

    speed: float = 1.0
    """Relative to the voice's own speed."""

    client: Client | None = None


class Synthesizer:
    """Speaks requests with the voices of one server."""

    def __init__(
        self, settings: Settings, registry: VoiceRegistry, pool: VoicePool, engine: Engine, metrics: Metrics
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._pool = pool
        self._engine = engine
        self._metrics = metrics

    @contextlib.asynccontextmanager
    async def speak(self, request: SpeechRequest) -> AsyncIterator[Utterance]:
        """The request's utterance, an async iterator of PCM. Leaving the context cancels what is not made yet.

        Raises the error that ends the request: UnknownVoice, QueueFull, the error that cut off its text, and so on.
        """
        number = self._engine.new_number()
        try:
            async with self._speak(request, number) as utterance:
                yield utterance
        except PiperSerialError as error:
            error.request_number = number
            raise

    @contextlib.asynccontextmanager
    async def _speak(self, request: SpeechRequest, number: int) -> AsyncIterator[Utterance]:
        resolved = await self._resolve(request)
        async with contextlib.aclosing(self._sentences(request)) as sentences:
            # A stream takes neither a voice nor a place in the queue before its first sentence.
            first = await anext(sentences, None)
            if not self._registry.catalogue.has(resolved.entry):  # it has changed meanwhile
                resolved = await self._resolve(request)
            async with self._utterance(request, resolved, number) as utterance:
                feeding = asyncio.create_task(self._feed(utterance, request, first, sentences))
                try:
                    yield utterance
                finally:
                    await utterance.aclose()
                    await cancel(feeding)

    async def _resolve(self, request: SpeechRequest) -> ResolvedVoice:
        """The voice that is asked for, downloaded first where needed. Raises VoiceError, RequestTimeout."""
        seconds = self._settings.limits.request_timeout
        try:
            async with asyncio.timeout(seconds or None):
                await self._registry.fetch(request.selector, self._settings.voice)
        except TimeoutError:
            raise RequestTimeout(f"The voice was not here within {seconds:g} seconds.") from None
        catalogue = self._registry.catalogue
        return resolve(request.selector, catalogue, self._settings, seed=request.seed, speed=request.speed)

    @contextlib.asynccontextmanager
    async def _utterance(
        self, request: SpeechRequest, resolved: ResolvedVoice, number: int
    ) -> AsyncIterator[Utterance]:
        """An utterance without text, with its voice kept in memory.

        Called when the first sentence is there: from then on the request waits for its voice and for its first step.
        """
        limits = self._settings.limits
        # The loop's clock is time.monotonic, as the engine's.
        now = asyncio.get_running_loop().time()
        deadlines = Deadlines.after(now, queue_timeout=limits.queue_timeout, request_timeout=limits.request_timeout)
        async with contextlib.AsyncExitStack() as stack:
            try:
                voice = self._pool.acquire(resolved.entry, deadline=deadlines.start_by)
                instances = await stack.enter_async_context(voice)
            except QueueTimeout as error:
                self._metrics.request_refused(error.code)
                raise
            yield self._engine.submit(
                instances,
                resolved.options,
                priority=self._priority(request),
                deadlines=deadlines,
                client=request.client,
                number=number,
            )

    def _priority(self, request: SpeechRequest) -> Priority:
        """The one that the request asks for, or that of its client's address."""
        address = None if request.client is None else request.client.address
        return request.priority or priority_of(address, self._settings.sharing.priorities)

    async def _sentences(self, request: SpeechRequest) -> AsyncGenerator[str, None]:
        """Cut the request's text into sentences as it arrives, as fast as they are taken."""
        if request.streamed and not self._settings.streaming:
            await request.text.completed()
        splitter = SentenceSplitter(self._settings.text)
        while text := await request.text.take():
            for start in range(0, len(text), _TEXT_SLICE):
                for sentence in splitter.feed(text[start : start + _TEXT_SLICE]):
                    yield sentence
                await asyncio.sleep(0)  # other connections run in between
        for sentence in splitter.finish():
            yield sentence

    async def _feed(
        self, utterance: Utterance, request: SpeechRequest, first: str | None, sentences: AsyncIterator[str]
    ) -> None:
        """Hand the sentences to the utterance. An error in the text ends the utterance."""
        try:
            if first is not None:
                await self._feed_sentence(utterance, first)
                async for sentence in sentences:
                    await self._feed_sentence(utterance, sentence)
            _LOGGER.info("%s: text complete, %d characters", utterance.label, request.text.length)
            utterance.end_text()
        except PiperSerialError as error:
            utterance.fail(error)
        except Exception:
            _LOGGER.exception("%s: the text could not be cut into sentences", utterance.label)
            utterance.fail(InternalError())

    async def _feed_sentence(self, utterance: Utterance, sentence: str) -> None:
        if self._settings.logging.log_text:
            _LOGGER.info("%s: text: %s", utterance.label, sentence)
        await utterance.feed(sentence)
