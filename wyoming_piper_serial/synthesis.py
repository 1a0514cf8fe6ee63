"""One request for speech: text in, audio out. What every way in shares, whatever it speaks on its wire."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field, replace

from wyoming_piper_serial.engine.admission import Deadlines
from wyoming_piper_serial.engine.engine import Engine, SynthesisOptions
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.exceptions import InternalError, PiperSerialError, RequestTimeout, TextTooLong
from wyoming_piper_serial.settings import Priority, Settings, SynthesisSettings
from wyoming_piper_serial.text.sentences import SentenceSplitter
from wyoming_piper_serial.voices.catalogue import VoiceEntry, VoiceSelector
from wyoming_piper_serial.voices.pool import VoicePool
from wyoming_piper_serial.voices.registry import VoiceRegistry

_LOGGER = logging.getLogger(__name__)

_TEXT_SLICE = 100  # characters cut into sentences before the loop gets its turn: at worst 10 ms
_PIECES_KEPT_APART = 256  # then they are joined: a text of single characters takes no more room than another


class TextFeed:
    """A request's text, from whoever reads it off the wire to whoever speaks it."""

    def __init__(self, max_text: int) -> None:
        self.length = 0
        """Characters so far."""

        self._max_text = max_text
        self._pieces: list[str] = []
        self._end: PiperSerialError | bool = False
        self._changed = asyncio.Event()

    def check(self, text: str) -> None:
        """Raises TextTooLong if there is no room for `text`."""
        if self.length + len(text) > self._max_text:
            raise TextTooLong(f"The text is longer than {self._max_text} characters.")

    def add(self, text: str) -> None:
        """Raises TextTooLong."""
        self.check(text)
        if not text:
            return
        self.length += len(text)
        self._pieces.append(text)
        if len(self._pieces) > _PIECES_KEPT_APART:
            self._pieces = ["".join(self._pieces)]
        self._changed.set()

    def end(self, error: PiperSerialError | None = None) -> None:
        """No text will follow, or `error` stands in its place."""
        self._end = error or True
        self._changed.set()

    async def take(self) -> str:
        """All text that has arrived; empty at the end. Raises the error that cut it off."""
        await self._changed.wait()
        text = "".join(self._pieces)
        self._pieces.clear()
        if not text and isinstance(self._end, PiperSerialError):
            raise self._end
        if not self._end:
            self._changed.clear()
        return text


@dataclass(frozen=True, kw_only=True)
class SpeechRequest:
    """What is to be spoken, and how. Its text may still be arriving."""

    text: TextFeed
    selector: VoiceSelector = field(default_factory=VoiceSelector)
    priority: Priority = Priority.NORMAL
    seed: int | None = None
    """Makes the same speech again; `None` leaves it to the settings."""

    speed: float = 1.0
    """Times the voice's own."""

    whole: bool = False
    """Say nothing before the text is complete."""


class Synthesizer:
    """Speaks requests with the voices of one server."""

    def __init__(self, settings: Settings, registry: VoiceRegistry, pool: VoicePool, engine: Engine) -> None:
        self._registry = registry
        self._settings = settings
        self._pool = pool
        self._engine = engine

    @contextlib.asynccontextmanager
    async def speak(self, request: SpeechRequest) -> AsyncIterator[Utterance]:
        """The request's utterance, an iterator of PCM; leaving it cancels what is not yet made.

        Raises what ends the request: an UnknownVoice, a QueueFull, what cut off its text, and so on.
        """
        entry = await self._voice(request)
        async with contextlib.aclosing(self._sentences(request)) as sentences:
            # A stream takes neither a voice nor a place in the queue before it has something to say.
            first = await anext(sentences, None)
            if not self._registry.catalogue.has(entry):  # it has changed meanwhile
                entry = await self._voice(request)
            options = SynthesisOptions(
                synthesis=self._synthesis(request, entry), speaker=self._speaker(request.selector, entry)
            )
            async with self._pool.acquire(entry) as instances:
                limits = self._settings.limits
                deadlines = Deadlines.after(
                    time.monotonic(), queue_timeout=limits.queue_timeout, request_timeout=limits.request_timeout
                )
                utterance = self._engine.submit(instances, options, priority=request.priority, deadlines=deadlines)
                feeding = asyncio.create_task(self._feed(utterance, request, first, sentences))
                try:
                    yield utterance
                finally:
                    await utterance.aclose()
                    feeding.cancel()
                    await asyncio.gather(feeding, return_exceptions=True)

    async def _voice(self, request: SpeechRequest) -> VoiceEntry:
        """The voice that is asked for, and whether it has such a speaker. Raises VoiceError, RequestTimeout."""
        seconds = self._settings.limits.request_timeout
        try:
            async with asyncio.timeout(seconds or None):
                entry = await self._registry.voice(request.selector, self._settings.voice)
        except TimeoutError:
            raise RequestTimeout(f"The voice was not here within {seconds:g} seconds.") from None
        self._speaker(request.selector, entry)
        return entry

    def _speaker(self, selector: VoiceSelector, entry: VoiceEntry) -> int | None:
        """Number of the speaker. Raises UnknownSpeaker."""
        settings = self._settings
        speaker = selector.speaker or (entry.preset and entry.preset.speaker)
        speaker = speaker or settings.speakers.get(entry.name) or settings.speakers.get(entry.voice)
        if not speaker and entry.name == settings.voice:
            speaker = settings.speaker
        return entry.config.speaker_number(speaker)

    def _synthesis(self, request: SpeechRequest, entry: VoiceEntry) -> SynthesisSettings:
        synthesis = self._settings.synthesis
        if entry.preset is not None:
            synthesis = replace(synthesis, **entry.preset.synthesis)
        if request.seed is not None:
            synthesis = replace(synthesis, seed=request.seed)
        if request.speed != 1.0:
            slowness = entry.config.scales.length_scale if synthesis.length_scale is None else synthesis.length_scale
            synthesis = replace(synthesis, length_scale=slowness / request.speed)
        return synthesis

    async def _sentences(self, request: SpeechRequest) -> AsyncGenerator[str, None]:
        """Cut the request's text into sentences while it arrives, as fast as they are taken."""
        splitter = SentenceSplitter(self._settings.text)
        waiting: list[str] = []
        while text := await request.text.take():
            for start in range(0, len(text), _TEXT_SLICE):
                waiting += splitter.feed(text[start : start + _TEXT_SLICE])
                await asyncio.sleep(0)  # lets every other connection have its turn
                while waiting and not request.whole:
                    yield waiting.pop(0)
        for sentence in waiting + splitter.finish():
            yield sentence

    async def _feed(
        self, utterance: Utterance, request: SpeechRequest, first: str | None, sentences: AsyncIterator[str]
    ) -> None:
        """Hand the sentences to the utterance; what goes wrong with them ends it."""
        try:
            if first is not None:
                await self._hand_over(utterance, first)
                async for sentence in sentences:
                    await self._hand_over(utterance, sentence)
            _LOGGER.info("[%d] %d characters", utterance.number, request.text.length)
            utterance.end_text()
        except PiperSerialError as error:
            utterance.fail(error)
        except Exception:
            _LOGGER.exception("[%d] the text could not be cut into sentences", utterance.number)
            utterance.fail(InternalError())

    async def _hand_over(self, utterance: Utterance, sentence: str) -> None:
        if self._settings.logging.log_text:
            _LOGGER.info("[%d] text: %s", utterance.number, sentence)
        await utterance.feed(sentence)
