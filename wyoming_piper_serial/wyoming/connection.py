"""Runs one connection: reads all the time, answers requests in order.

Two tasks share a connection. Reading turns events into requests and never waits for speech, so
`describe` is answered in mid-word and a hang-up is seen at once. Speaking takes the requests in
turn. Each event is written in one call, so the two never cut into each other's events.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from wyoming_piper_serial.engine.admission import priority_of
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.exceptions import (
    HttpRequest,
    InternalError,
    PiperSerialError,
    ShuttingDown,
    TooManyRequests,
    VoiceFileError,
)
from wyoming_piper_serial.network.limiter import address_of
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.synthesis import SpeechRequest, Synthesizer, TextFeed
from wyoming_piper_serial.wyoming.info import InfoReply
from wyoming_piper_serial.wyoming.misdirected import http_answer
from wyoming_piper_serial.wyoming.reader import ConnectionReader
from wyoming_piper_serial.wyoming.session import (
    Action,
    AddText,
    CloseText,
    OpenRequest,
    SendHealth,
    SendInfo,
    SendPong,
    SessionState,
    on_end_of_input,
    on_event,
)
from wyoming_piper_serial.wyoming.wire import encode
from wyoming_piper_serial.wyoming.writer import ConnectionWriter

_LOGGER = logging.getLogger(__name__)

_CHUNKS_PER_WRITE = 16  # 0.7 s of sound: few system calls, and the loop gets its turn in between
_MAX_REPLY_BACKLOG = 1024 * 1024  # bytes; beyond it a client that asks but never reads must wait
_TEXTS_WAITING = 8  # of the greatest length, on one connection: 8 hours of speech, and 256 connections fit in memory


@dataclass(frozen=True, kw_only=True)
class ConnectionContext:
    """What all connections share."""

    settings: Settings
    synthesizer: Synthesizer
    engine: Engine
    error_sent: Callable[[str], None]
    """Counts an error that a client was told, by its code."""

    info: InfoReply


@dataclass(frozen=True, kw_only=True)
class _Request:
    """A request whose text may still be arriving."""

    speech: SpeechRequest
    streamed: bool

    @property
    def text(self) -> TextFeed:
        return self.speech.text


class Connection:
    """One client. `run` serves it until it is done, gone or told to go."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ConnectionContext) -> None:
        settings = context.settings
        self._reader = ConnectionReader(reader, settings.limits, settings.timeouts)
        self._writer = ConnectionWriter(writer, settings.timeouts.stall)
        self._context = context
        self._priority = priority_of(address_of(writer.get_extra_info("peername")), settings.sharing.priorities)
        self._state = SessionState.IDLE
        self._requests: asyncio.Queue[_Request | PiperSerialError | None] = asyncio.Queue()
        self._unanswered = 0  # characters
        self._open: _Request | None = None  # the one whose text is still arriving
        self._draining = False
        self._error_sent = False  # nothing is answered after an error

    async def run(self) -> None:
        """Serve the client. A lost connection ends quietly: what it asked for is cancelled."""
        reading = asyncio.create_task(self._read())
        speaking = asyncio.create_task(self._speak())
        try:
            await asyncio.wait({reading, speaking}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
            if not await speaking:
                await self._writer.linger(reading)
        except OSError as error:
            _LOGGER.debug("connection lost: %s", error)
        finally:
            await _cancel(reading, speaking)
            await self._writer.close()

    def refuse(self, error: PiperSerialError) -> None:
        """Answer nothing but `error`. To be called before `run`."""
        self._error_sent = True
        self._requests.put_nowait(error)

    def drain(self) -> None:
        """Close once the requests that have arrived are answered (by speech, or by an error)."""
        self._draining = True
        self._requests.put_nowait(None)

    def abort(self) -> None:
        """Drop the client without waiting for it to take what was sent."""
        self._writer.abort()

    # Reading: never waits for speech.

    async def _read(self) -> None:
        """Read until the end of input. Raises OSError when the client is gone."""
        try:
            await self._read_events()
        except PiperSerialError as error:
            self._refuse(error)
        except OSError:
            raise
        except Exception:
            _LOGGER.exception("an event could not be handled")
            self._refuse(InternalError())
        await self._reader.discard()

    async def _read_events(self) -> None:
        while (event := await self._reader.next_event()) is not None:
            if self._error_sent:
                return
            self._state, actions = on_event(self._state, event)
            for action in actions:
                self._act(action)
            if self._writer.backlog > _MAX_REPLY_BACKLOG:
                await self._writer.drain()
        self._state, actions = on_end_of_input(self._state)
        for action in actions:
            self._act(action)
        self._requests.put_nowait(None)

    def _act(self, action: Action) -> None:
        match action:
            case SendInfo():
                self._writer.write(self._context.info.event)
            case SendPong(text):
                self._writer.write(encode("pong", {"text": text}))
            case SendHealth():
                unhealthy_reason = self._context.engine.unhealthy_reason
                health = {
                    "healthy": unhealthy_reason is None,
                    "text": unhealthy_reason,
                    "tasks": len(asyncio.all_tasks()),
                }
                self._writer.write(encode("health", health))
            case OpenRequest(selector, streamed, seed, priority):
                speech = SpeechRequest(
                    text=TextFeed(self._context.settings.limits.max_text),
                    selector=selector,
                    priority=priority or self._priority,
                    seed=seed,
                    whole=streamed and not self._context.settings.streaming,
                )
                self._open_request(_Request(speech=speech, streamed=streamed))
            case AddText(text):
                self._add_text(text)
            case CloseText():
                if self._open is not None:
                    self._open.text.end()
                    self._open = None

    def _open_request(self, request: _Request) -> None:
        if self._draining:
            raise ShuttingDown
        limit = self._context.settings.limits.max_requests_per_connection
        if self._requests.qsize() >= limit:
            raise TooManyRequests(f"More than {limit} requests are waiting on this connection.")
        self._open = request
        self._requests.put_nowait(request)

    def _add_text(self, text: str) -> None:
        if self._open is None:
            return
        self._open.text.check(text)
        most = _TEXTS_WAITING * self._context.settings.limits.max_text
        if self._unanswered + len(text) > most:
            raise TooManyRequests(f"More than {most} characters are waiting on this connection.")
        self._unanswered += len(text)
        self._open.text.add(text)

    def _refuse(self, error: PiperSerialError) -> None:
        """Let `error` end the request whose text was arriving, or else stand behind the others."""
        if self._open is not None:
            self._open.text.end(error)
        self._requests.put_nowait(error)

    # Speaking: one request after the other.

    async def _speak(self) -> bool:
        """Answer the requests in order; false if an error was told, which ends the connection."""
        try:
            # `None` wakes up: the end has come once nothing stands behind it.
            while (request := await self._next_request()) is not None or not self._requests.empty():
                if isinstance(request, PiperSerialError):
                    await self._tell(request)
                    return False
                if request is not None:
                    await self._answer(request)
                    self._unanswered -= request.text.length
        except PiperSerialError as error:
            await self._tell(error)
            return False
        except OSError:
            raise
        except Exception:
            _LOGGER.exception("a request failed")
            await self._tell(InternalError())
            return False
        return True

    async def _next_request(self) -> _Request | PiperSerialError | None:
        """The next in turn; `None` also after `--idle-timeout` without an event and with nothing to send."""
        seconds = self._context.settings.timeouts.idle
        answered = asyncio.get_running_loop().time()
        while True:
            deadline = max(answered, self._reader.heard) + seconds
            try:
                async with asyncio.timeout_at(deadline if seconds else None):
                    return await self._requests.get()
            except TimeoutError:
                if self._writer.backlog:
                    answered = asyncio.get_running_loop().time()
                elif max(answered, self._reader.heard) + seconds <= deadline:
                    _LOGGER.debug("an idle connection is closed")
                    return None

    async def _tell(self, error: PiperSerialError) -> None:
        if isinstance(error, VoiceFileError):
            _LOGGER.warning("Voice %s cannot be used: %s", error.voice, error.detail)
        _LOGGER.info("error told: %s (%s)", error.code, error)
        self._context.error_sent(error.code)
        self._error_sent = True
        if isinstance(error, HttpRequest):
            await self._writer.send(http_answer(error.method))
        else:
            await self._writer.send(encode("error", {"text": str(error), "code": error.code}))

    async def _answer(self, request: _Request) -> None:
        async with self._context.synthesizer.speak(request.speech) as utterance:
            await self._write_speech(utterance)
            if request.streamed:
                await self._writer.send(encode("synthesize-stopped"))

    async def _write_speech(self, utterance: Utterance) -> None:
        audio_format = asdict(utterance.format)
        chunk_bytes = self._context.settings.samples_per_chunk * utterance.format.width
        started = False
        async for pcm in utterance:
            if not started:
                started = True
                self._writer.write(encode("audio-start", audio_format))
            for start in range(0, len(pcm), chunk_bytes * _CHUNKS_PER_WRITE):
                written = pcm[start : start + chunk_bytes * _CHUNKS_PER_WRITE]
                await self._writer.send(b"".join(_audio_chunks(written, chunk_bytes, audio_format)))
                await asyncio.sleep(0)  # `drain` returns at once while the client keeps up
        await self._writer.send(encode("audio-stop"))


def _audio_chunks(pcm: bytes, chunk_bytes: int, audio_format: dict[str, int]) -> Iterator[bytes]:
    """Events of `chunk_bytes` of audio each; the last may hold less."""
    for start in range(0, len(pcm), chunk_bytes):
        yield encode("audio-chunk", audio_format, pcm[start : start + chunk_bytes])


async def _cancel(*tasks: "asyncio.Task[None] | asyncio.Task[bool]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
