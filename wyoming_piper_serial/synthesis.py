"""One request for speech, from its text to its audio. All protocols use it."""

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
from wyoming_piper_serial.turns import Turns
from wyoming_piper_serial.voices.pool import VoicePool
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.selection import ResolvedVoice, VoiceSelector, resolve

_LOGGER = logging.getLogger(__name__)

_TEXT_SLICE = 100  # characters cut into sentences in a turn of the event loop, for all requests: 3 ms at most
_MAX_PIECES = 256  # more pieces are joined, because single characters in a list take much memory


class TextFeed:
    """The text of one request. The connection writes it as it arrives, and the synthesizer reads it."""

    def __init__(self, max_text: int | None = None) -> None:
        """`max_text` is in characters; `None` is no limit."""
        self.length = 0
        """Number of characters so far."""

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
        """End the text. With an `error`, the text is incomplete, and `take` raises the error after it."""
        self._error = error
        self._complete.set()
        self._changed.set()

    async def completed(self) -> None:
        """Wait until `end` is called. Raises the error that was given to it."""
        await self._complete.wait()
        if self._error is not None:
            raise self._error

    async def take(self) -> str:
        """Wait for text and return all that has arrived; an empty string at the end. Raises the error given to
        `end`."""
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
    """What to speak, how, and for which client. Its text may still be arriving."""

    text: TextFeed = field(default_factory=TextFeed, compare=False)
    selector: VoiceSelector = field(default_factory=VoiceSelector)
    streamed: bool = False
    """Whether the text arrives in pieces, and may be spoken before it is complete."""

    priority: Priority | None = None
    """`None` means the priority of the client's address."""

    seed: int | None = None
    """Makes speech reproducible. `None` means the seed of the settings."""

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
        self._turns = Turns()

    @contextlib.asynccontextmanager
    async def speak(self, request: SpeechRequest) -> AsyncIterator[Utterance]:
        """The request's utterance, an async iterator of PCM. Leaving the context cancels the rest of the synthesis.

        Raises the error that ends the request, such as UnknownVoice, QueueFull, or the error of its text.
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
        resolved = await self._resolve(request, self._deadlines().end_by)
        async with contextlib.aclosing(self._sentences(request)) as sentences:
            # Before its first sentence, a stream takes neither a voice nor a place in the queue.
            first = await anext(sentences, None)
            deadlines = self._deadlines()
            if not self._registry.catalogue.has(resolved.entry):  # the catalogue has changed meanwhile
                resolved = await self._resolve(request, deadlines.end_by)
            async with self._utterance(request, resolved, deadlines, number) as utterance:
                feeding = asyncio.create_task(self._feed(utterance, request, first, sentences))
                try:
                    yield utterance
                finally:
                    await utterance.aclose()
                    await cancel(feeding)

    def _deadlines(self) -> Deadlines:
        """Deadlines from now on, by the loop's clock, which is time.monotonic, as the engine's."""
        limits = self._settings.limits
        return Deadlines.after(
            asyncio.get_running_loop().time(),
            queue_timeout=limits.queue_timeout,
            request_timeout=limits.request_timeout,
        )

    async def _resolve(self, request: SpeechRequest, end_by: float | None) -> ResolvedVoice:
        """The voice that the request asks for, downloaded first if needed. Raises VoiceError and RequestTimeout."""
        try:
            async with asyncio.timeout_at(end_by):
                await self._registry.fetch(request.selector, self._settings.voice)
        except TimeoutError:
            seconds = self._settings.limits.request_timeout
            raise RequestTimeout(f"The voice was not here within {seconds:g} seconds.") from None
        catalogue = self._registry.catalogue
        return resolve(request.selector, catalogue, self._settings, seed=request.seed, speed=request.speed)

    @contextlib.asynccontextmanager
    async def _utterance(
        self, request: SpeechRequest, resolved: ResolvedVoice, deadlines: Deadlines, number: int
    ) -> AsyncIterator[Utterance]:
        """An utterance without text, with its voice kept in memory."""
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
        """The priority of the request, or else of its client's address."""
        address = None if request.client is None else request.client.address
        return request.priority or priority_of(address, self._settings.sharing.priorities)

    async def _sentences(self, request: SpeechRequest) -> AsyncGenerator[str, None]:
        """Cut the request's text into sentences as it arrives. Cuts no faster than the sentences are taken."""
        if request.streamed and not self._settings.streaming:
            await request.text.completed()
        splitter = SentenceSplitter(self._settings.text)
        while text := await request.text.take():
            for start in range(0, len(text), _TEXT_SLICE):
                await self._turns.next()
                for sentence in splitter.feed(text[start : start + _TEXT_SLICE]):
                    yield sentence
        await self._turns.next()
        for sentence in splitter.finish():
            yield sentence

    async def _feed(
        self, utterance: Utterance, request: SpeechRequest, first: str | None, sentences: AsyncIterator[str]
    ) -> None:
        """Pass the sentences to the utterance. An error in the text ends the utterance."""
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
