"""Runs one connection: reads all the time, answers requests in order.

Two tasks share a connection. Reading turns events into requests and never waits for speech, so
`describe` is answered in mid-word and a hang-up is seen at once. Speaking takes the requests in
turn. Each event is written in one call, so the two never cut into each other's events.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

from wyoming_piper_serial.connection.session import (
    Action,
    AddText,
    CloseText,
    OpenRequest,
    SendInfo,
    SendPong,
    State,
    on_end_of_input,
    on_event,
)
from wyoming_piper_serial.connection.wire import EventReader, encode
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.exceptions import PiperSerialError, TextTooLong, TooManyRequests
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.store.catalogue import Catalogue, VoiceEntry, VoiceWish
from wyoming_piper_serial.store.store import Store
from wyoming_piper_serial.text.sentences import SentenceSplitter

_LOGGER = logging.getLogger(__name__)

_READ_SIZE = 64 * 1024  # asyncio's own read size; a larger one gains nothing
_TEXT_SLICE = 100  # characters cut into sentences before the loop gets its turn: at worst 10 ms
_CHUNKS_PER_WRITE = 16  # 0.7 s of sound: few system calls, and the loop gets its turn in between
_MAX_REPLY_BACKLOG = 1024 * 1024  # bytes; beyond it a client that asks but never reads must wait
_LINGER = 1.0  # seconds of input drained after an error; closing on unread input would destroy it


@dataclass(frozen=True, kw_only=True)
class Services:
    """What all connections share."""

    settings: Settings
    catalogue: Catalogue
    store: Store
    engine: Engine
    error_told: Callable[[str], None]
    """Counts an error that a client was told, by its code."""

    info: bytes
    """The encoded answer to `describe`."""


@dataclass(frozen=True, kw_only=True)
class _Request:
    """A request whose text may still be arriving: pieces, then `None`, or the error that cuts it off."""

    wish: VoiceWish
    streamed: bool
    text: asyncio.Queue[str | PiperSerialError | None] = field(default_factory=asyncio.Queue)


class Connection:
    """One client. `run` serves it until it is done, gone or told to go."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, services: Services) -> None:
        self._reader = reader
        self._writer = writer
        self._services = services
        self._state = State.IDLE
        self._requests: asyncio.Queue[_Request | PiperSerialError | None] = asyncio.Queue()
        self._open: _Request | None = None  # the one whose text is still arriving
        self._open_length = 0
        self._error_told = False  # nothing is answered after an error

    async def run(self) -> None:
        """Serve the client. A lost connection ends quietly: what it asked for is cancelled."""
        reading = asyncio.create_task(self._read())
        speaking = asyncio.create_task(self._speak())
        try:
            await asyncio.wait({reading, speaking}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
            if not await speaking:
                await self._linger(reading)
        except ConnectionError as error:
            _LOGGER.debug("connection lost: %s", error)
        except Exception:
            _LOGGER.exception("a connection failed")
        finally:
            await _cancel(reading, speaking)
            await self._close()

    def refuse(self, error: PiperSerialError) -> None:
        """Answer nothing but `error`. To be called before `run`."""
        self._error_told = True
        self._requests.put_nowait(error)

    def drain(self) -> None:
        """Close once the requests that have arrived are answered (by speech, or by an error)."""
        self._requests.put_nowait(None)

    def abort(self) -> None:
        """Drop the client without waiting for it to take what was sent."""
        self._writer.transport.abort()

    # Reading: never waits for speech.

    async def _read(self) -> None:
        """Read until the end of input. Raises ConnectionError when the client is gone."""
        try:
            await self._read_events()
        except PiperSerialError as error:
            self._refuse(error)
            while await self._reader.read(_READ_SIZE):
                pass  # unread input would turn the error into a reset on its way

    async def _read_events(self) -> None:
        events = EventReader(self._services.settings.limits)
        while data := await self._reader.read(_READ_SIZE):
            if not self._error_told:
                events.feed(data)
                await self._act_on(events)
        events.feed_eof()
        await self._act_on(events)
        self._state, actions = on_end_of_input(self._state)
        for action in actions:
            self._act(action)
        self._requests.put_nowait(None)

    async def _act_on(self, events: EventReader) -> None:
        while not self._error_told and (event := events.next_event()) is not None:
            self._state, actions = on_event(self._state, event)
            for action in actions:
                self._act(action)
            if self._writer.transport.get_write_buffer_size() > _MAX_REPLY_BACKLOG:
                await self._writer.drain()

    def _act(self, action: Action) -> None:
        match action:
            case SendInfo():
                self._writer.write(self._services.info)
            case SendPong(text):
                self._writer.write(encode("pong", {"text": text}))
            case OpenRequest(wish, streamed):
                self._open_request(_Request(wish=wish, streamed=streamed))
            case AddText(text):
                self._add_text(text)
            case CloseText():
                if self._open is not None:
                    self._open.text.put_nowait(None)
                    self._open = None

    def _open_request(self, request: _Request) -> None:
        limit = self._services.settings.limits.max_requests_per_connection
        if self._requests.qsize() >= limit:
            raise TooManyRequests(f"More than {limit} requests are waiting on this connection.")
        self._open, self._open_length = request, 0
        self._requests.put_nowait(request)

    def _add_text(self, text: str) -> None:
        limit = self._services.settings.limits.max_text
        self._open_length += len(text)
        if self._open_length > limit:
            raise TextTooLong(f"The text is longer than {limit} characters.")
        if self._open is not None and text:
            self._open.text.put_nowait(text)

    def _refuse(self, error: PiperSerialError) -> None:
        """Let `error` end the request whose text was arriving, or else stand behind the others."""
        if self._open is not None:
            self._open.text.put_nowait(error)
        self._requests.put_nowait(error)

    # Speaking: one request after the other.

    async def _speak(self) -> bool:
        """Answer the requests in order; false if an error was told, which ends the connection."""
        try:
            while (request := await self._requests.get()) is not None:
                if isinstance(request, PiperSerialError):
                    raise request
                await self._answer(request)
        except PiperSerialError as error:
            _LOGGER.info("error told: %s (%s)", error.code, error)
            self._services.error_told(error.code)
            self._error_told = True
            await self._write(encode("error", {"text": str(error), "code": error.code}))
            return False
        return True

    async def _answer(self, request: _Request) -> None:
        entry, speaker = self._resolve(request.wish)
        voice = await self._services.store.get(entry)
        utterance = self._services.engine.utter(voice, self._services.settings.style, speaker)
        feeding = asyncio.create_task(self._feed(request, utterance))
        try:
            await self._write_speech(utterance)
            if request.streamed:
                await self._write(encode("synthesize-stopped"))
        finally:
            await utterance.aclose()
            await _cancel(feeding)

    def _resolve(self, wish: VoiceWish) -> tuple[VoiceEntry, int | None]:
        """The voice and the number of its speaker. Raises UnknownVoice or UnknownSpeaker."""
        settings = self._services.settings
        entry = self._services.catalogue.find(wish, settings.voice)
        speaker = wish.speaker
        if speaker is None and entry is self._services.catalogue.find(VoiceWish(), settings.voice):
            speaker = settings.speaker
        return entry, entry.config.speaker_number(speaker)

    async def _feed(self, request: _Request, utterance: Utterance) -> None:
        """Cut the request's text into sentences while it arrives, as fast as they are taken."""
        try:
            held = request.streamed and not self._services.settings.streaming
            splitter = SentenceSplitter(self._services.settings.text)
            characters = 0
            sentences: list[str] = []
            while (text := await request.text.get()) is not None:
                if isinstance(text, PiperSerialError):
                    utterance.fail(text)
                    return
                characters += len(text)
                for start in range(0, len(text), _TEXT_SLICE):
                    sentences += splitter.feed(text[start : start + _TEXT_SLICE])
                    if not held:
                        await self._hand_over(sentences, utterance)
                    await asyncio.sleep(0)  # lets every other connection have its turn
            sentences += splitter.finish()
            await self._hand_over(sentences, utterance)
            _LOGGER.info("[%d] %d characters", utterance.number, characters)
            utterance.end_text()
        except Exception:
            _LOGGER.exception("[%d] the text could not be cut into sentences", utterance.number)
            utterance.fail(PiperSerialError("This text could not be read."))

    async def _hand_over(self, sentences: list[str], utterance: Utterance) -> None:
        for sentence in sentences:
            if self._services.settings.logging.log_text:
                _LOGGER.info("[%d] text: %s", utterance.number, sentence)
            await utterance.feed(sentence)
        sentences.clear()

    async def _write_speech(self, utterance: Utterance) -> None:
        audio_format = asdict(utterance.format)
        chunk_bytes = self._services.settings.samples_per_chunk * utterance.format.width
        started = False
        async for pcm in utterance:
            if not started:
                started = True
                self._writer.write(encode("audio-start", audio_format))
            for chunks in _batched(pcm, chunk_bytes):
                await self._write(b"".join(encode("audio-chunk", audio_format, chunk) for chunk in chunks))
                await asyncio.sleep(0)  # `drain` returns at once while the client keeps up
        await self._write(encode("audio-stop"))

    async def _write(self, data: bytes) -> None:
        """Write and wait until the client has taken most of it. Raises ConnectionError."""
        self._writer.write(data)
        await self._writer.drain()

    # The end.

    async def _linger(self, reading: "asyncio.Task[None]") -> None:
        """Give an error time to arrive."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        await asyncio.wait({reading}, timeout=_LINGER)

    async def _close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


def _batched(pcm: bytes, chunk_bytes: int) -> Iterator[list[bytes]]:
    """Audio chunks of `chunk_bytes` (the last may be shorter), some at a time."""
    chunks = [pcm[start : start + chunk_bytes] for start in range(0, len(pcm), chunk_bytes)]
    for start in range(0, len(chunks), _CHUNKS_PER_WRITE):
        yield chunks[start : start + _CHUNKS_PER_WRITE]


async def _cancel(*tasks: "asyncio.Task[None] | asyncio.Task[bool]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
