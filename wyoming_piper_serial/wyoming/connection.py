"""Serves one Wyoming connection: reads events at any time and answers requests in order.

Each connection has two tasks. The reading task converts events to requests and never waits for speech, so it answers
`describe` during speech and notices a disconnect at once. The speaking task answers the requests one by one. Each event
is written in a single call, so the bytes of two events are never interleaved.
"""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace

from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.exceptions import HttpRequest, InternalError, PiperSerialError, TooManyRequests
from wyoming_piper_serial.observe.reporter import Client, Reporter
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.shutdown import Shutdown, cancel
from wyoming_piper_serial.synthesis import SpeechRequest, Synthesizer
from wyoming_piper_serial.turns import Turns
from wyoming_piper_serial.wyoming.health import HealthReply
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
from wyoming_piper_serial.wyoming.wire import encode, error_event
from wyoming_piper_serial.wyoming.writer import ConnectionWriter

_LOGGER = logging.getLogger(__name__)

# Maximum number of audio chunks per write: 0.7 s of audio at 22.05 kHz with the default of --samples-per-chunk. This
# keeps the number of writes small and lets other tasks run between them.
_CHUNKS_PER_WRITE = 16
# Maximum number of bytes of replies that are buffered for a client without counting towards `--max-buffered`. More
# bytes mean that the client sends events without reading the replies. The server then counts the buffered bytes, and
# reads no more events until the client has read most of the replies. The limit is larger than the audio buffered for a
# slow client, see `writer`. With the default limit of connections, at most 32 MB are not counted.
_MAX_UNCOUNTED_REPLIES = 64 * 1024
# Maximum amount of waiting text per connection, as a multiple of --max-text. With the default of --max-text, this is
# about 8 hours of speech.
_MAX_TEXTS_WAITING = 8
# Time in seconds after connecting in which a client may send its first event even if the server is shutting down.
# Without this time, a client that connects just before the shutdown would lose its request. On a bad network, a packet
# can take a second.
_FIRST_EVENT = 1.0


@dataclass(frozen=True, kw_only=True)
class ConnectionContext:
    """The settings and components that all connections share."""

    settings: Settings
    synthesizer: Synthesizer
    health: HealthReply
    reporter: Reporter
    info: InfoReply
    shutdown: Shutdown
    turns: Turns = field(default_factory=Turns)


class Connection:
    """A connection to one client. `run` serves the client until it disconnects, an error is sent, or the server closes
    the connection."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        context: ConnectionContext,
        client: Client,
        refusal: PiperSerialError | None = None,
    ) -> None:
        """`refusal` is the error to send as the only response, or `None` if the client is accepted."""
        settings = context.settings
        self._reader = ConnectionReader(
            reader,
            settings.limits,
            settings.timeouts,
            context.turns,
            context.synthesizer.new_input(client),
            client.counted,
        )
        self._writer = ConnectionWriter(writer, settings.timeouts.stall, label=client)
        self._unread = context.synthesizer.new_input(client)  # Counts the unread replies towards `--max-buffered`.
        self._context = context
        self.client = client
        """The client, as shown in log lines."""

        self._state = SessionState.IDLE
        self._requests: asyncio.Queue[SpeechRequest | PiperSerialError | None] = asyncio.Queue()
        self._unanswered = 0  # Number of characters in unanswered requests.
        self._open: SpeechRequest | None = None  # The request that is still receiving text.
        self._input_ended = False
        self._connected_at = asyncio.get_running_loop().time()
        self._has_sent_event = False
        self._is_late = False  # Whether the server is shutting down but still waits for this client's first event.
        # The current utterance until its `audio-start` event has been written.
        self._unannounced: Utterance | None = None
        self._error_sent = refusal is not None  # Once an error has been sent, all further events are ignored.
        if refusal is not None:
            self._requests.put_nowait(refusal)

    async def run(self) -> None:
        """Serves the client. If the connection is lost, cancels the client's requests and returns without an error."""
        reading = asyncio.create_task(self._read())
        speaking = asyncio.create_task(self._speak())
        try:
            await asyncio.wait({reading, speaking}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
                await self._speak_until_lost(speaking)
            if not await speaking:
                await self._writer.linger(reading)
        except OSError as error:
            _LOGGER.debug("%s: connection lost: %s", self.client, error)
        finally:
            await cancel(reading, speaking)
            self._reader.close()  # needed if the reading task was cancelled before it began to run
            self._drop_requests()
            await self._writer.close()
            del reading, speaking  # or an error of a task would refer to itself through the traceback and the task

    def _drop_requests(self) -> None:
        """Drops unanswered requests and releases their texts."""
        while not self._requests.empty():
            request = self._requests.get_nowait()
            if isinstance(request, SpeechRequest):
                request.text.close()

    async def _speak_until_lost(self, speaking: "asyncio.Task[bool]") -> None:
        """Waits until all requests are answered or an error is sent. Raises OSError if the client has disconnected.

        After the end of input, a disconnection can be detected only by writing: the machine of a disconnected client
        responds to data with a reset. Therefore, if the input has ended, `audio-start` is written before the first
        model run (see `_write_speech`).
        """
        watching = asyncio.create_task(self._writer.lost())
        try:
            await asyncio.wait({speaking, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not speaking.done():
                raise ConnectionResetError("the client is gone")
        finally:
            await cancel(watching)

    def drain(self) -> None:
        """Closes the connection after all received requests have been answered, possibly with an error. A client that
        has just connected may still send its first event."""
        loop = asyncio.get_running_loop()
        left = self._connected_at + _FIRST_EVENT - loop.time()
        if self._has_sent_event or left <= 0:
            self._requests.put_nowait(None)
        else:
            self._is_late = True
            loop.call_later(left, self._requests.put_nowait, None)

    def abort(self) -> None:
        """Closes the connection without waiting for the client to read the buffered data."""
        self._writer.abort()

    # The reading task, which handles the client's events and never waits for speech:

    async def _read(self) -> None:
        """Reads and handles events until the end of input. Raises OSError if the connection is lost."""
        try:
            await self._read_events()
        except PiperSerialError as error:
            self._refuse(error)
        except OSError:
            raise
        except Exception:
            _LOGGER.exception("%s: an event could not be handled", self.client)
            self._refuse(InternalError())
        await self._reader.discard()

    async def _read_events(self) -> None:
        while await self._handle_next_event():
            if self._error_sent:
                return
            if self._writer.backlog > _MAX_UNCOUNTED_REPLIES:
                await self._wait_for_client()
        self._state, actions = on_end_of_input(self._state)
        for action in actions:
            self._act(action)
        self._input_ended = True
        self._announce()
        self._requests.put_nowait(None)

    async def _handle_next_event(self) -> bool:
        """Handles the next event. Returns false at the end of input.

        The event is freed when this method returns, because it may have half a megabyte, and the client may send
        nothing more for hours.
        """
        event = await self._reader.next_event()
        if event is None or self._error_sent:
            return event is not None
        before = self._state
        self._state, actions = on_event(before, event)
        _LOGGER.debug("%s: received %.60r", self.client, event.type)
        if self._state is not before:
            _LOGGER.debug("%s: %s -> %s", self.client, before.name.lower(), self._state.name.lower())
        for action in actions:
            self._act(action)
        self._has_sent_event = True
        if self._is_late:
            self._is_late = False
            self._requests.put_nowait(None)
        return True

    async def _wait_for_client(self) -> None:
        """Waits until the client has read most of the replies. Raises BuffersFull if the unread replies do not fit into
        the memory that `--max-buffered` allows, or OSError if the connection is lost."""
        self._unread.claim(self._writer.backlog)
        try:
            await self._writer.drain()
        finally:
            self._unread.hold(0)

    def _act(self, action: Action) -> None:
        match action:
            case SendInfo():
                _LOGGER.debug("%s: sent info", self.client)
                self._writer.write(self._context.info.event)
            case SendPong(text):
                _LOGGER.debug("%s: sent pong", self.client)
                self._writer.write(encode("pong", {"text": text}))
            case SendHealth():
                _LOGGER.debug("%s: sent health", self.client)
                self._writer.write(self._context.health.event)
            case OpenRequest(request):
                self._open_request(request)
            case AddText(text):
                self._add_text(text)
            case CloseText():
                if self._open is not None:
                    self._open.text.end()
                    self._open = None

    def _open_request(self, request: SpeechRequest) -> None:
        if not self._is_late:
            self._context.shutdown.check()
        limits = self._context.settings.limits
        if self._requests.qsize() >= limits.max_requests_per_connection:
            raise TooManyRequests(
                f"More than {limits.max_requests_per_connection} requests are waiting on this connection."
            )
        self._open = replace(request, text=self._context.synthesizer.new_text(self.client), client=self.client)
        self._requests.put_nowait(self._open)

    def _add_text(self, text: str) -> None:
        if self._open is None:
            return
        self._open.text.check(text)
        most = _MAX_TEXTS_WAITING * self._context.settings.limits.max_text
        if self._unanswered + len(text) > most:
            raise TooManyRequests(f"More than {most} characters are waiting on this connection.")
        self._unanswered += len(text)
        self._open.text.add(text)

    def _refuse(self, error: PiperSerialError) -> None:
        """Queues `error`, which the client receives after the responses to its earlier requests. Cancels the request
        that is still receiving text."""
        error = error.copy()  # the traceback of the original keeps the event in memory
        if self._open is not None:
            self._open.text.end(error)
        self._requests.put_nowait(error)

    # The speaking task, which answers one request after another:

    async def _speak(self) -> bool:
        """Answers the requests in order. Returns false if an error was sent and the connection must be closed."""
        try:
            # `None` in the queue wakes this task, which ends if the queue is then empty.
            while (request := await self._next_request()) is not None or not self._requests.empty():
                if isinstance(request, PiperSerialError):
                    await self._send_error(request)
                    return False
                if request is not None:
                    await self._answer(request)
                    self._unanswered -= request.text.length
        except PiperSerialError as error:
            await self._send_error(error)
            return False
        except OSError:
            raise
        except Exception:
            _LOGGER.exception("%s: a request failed", self.client)
            await self._send_error(InternalError())
            return False
        return True

    async def _next_request(self) -> SpeechRequest | PiperSerialError | None:
        """Returns the next request or error, or `None` after a wake-up. Also returns `None` if no event arrives
        for `--idle-timeout` and no data is buffered for the client."""
        seconds = self._context.settings.timeouts.idle
        idle_since = asyncio.get_running_loop().time()
        while True:
            deadline = max(idle_since, self._reader.last_arrival) + seconds
            try:
                async with asyncio.timeout_at(deadline if seconds else None):
                    return await self._requests.get()
            except TimeoutError:
                if self._writer.backlog:
                    idle_since = asyncio.get_running_loop().time()
                elif max(idle_since, self._reader.last_arrival) + seconds <= deadline:
                    _LOGGER.debug("%s: idle connection closed", self.client)
                    return None

    async def _send_error(self, error: PiperSerialError) -> None:
        self._context.reporter.error_sent(error, self.client)
        self._error_sent = True
        if isinstance(error, HttpRequest):
            await self._writer.send(http_answer(error.method))
        else:
            await self._writer.send(error_event(error))

    async def _answer(self, request: SpeechRequest) -> None:
        async with self._context.synthesizer.speak(request) as utterance:
            try:
                await self._write_speech(utterance)
            finally:
                self._unannounced = None
            if request.streamed:
                _LOGGER.debug("%s: sent synthesize-stopped", utterance.label)
                await self._writer.send(encode("synthesize-stopped"))

    async def _write_speech(self, utterance: Utterance) -> None:
        audio_format = asdict(utterance.format)
        chunk_bytes = self._context.settings.samples_per_chunk * utterance.format.width
        self._unannounced = utterance
        if self._input_ended:
            self._announce()
        async for pcm in utterance:
            self._announce()
            _LOGGER.debug("%s: sent %d bytes of audio", utterance.label, len(pcm))
            for start in range(0, len(pcm), chunk_bytes * _CHUNKS_PER_WRITE):
                written = pcm[start : start + chunk_bytes * _CHUNKS_PER_WRITE]
                await self._writer.send(b"".join(_audio_chunks(written, chunk_bytes, audio_format)))
                await asyncio.sleep(0)  # needed because `send` does not suspend while the client keeps up
        _LOGGER.debug("%s: sent audio-stop", utterance.label)
        await self._writer.send(encode("audio-stop"))

    def _announce(self) -> None:
        """Writes the `audio-start` event of the current utterance unless it has already been written."""
        utterance, self._unannounced = self._unannounced, None
        if utterance is not None:
            _LOGGER.debug("%s: sent audio-start", utterance.label)
            self._writer.write(encode("audio-start", asdict(utterance.format)))


def _audio_chunks(pcm: bytes, chunk_bytes: int, audio_format: dict[str, int]) -> Iterator[bytes]:
    """Yields encoded `audio-chunk` events with `chunk_bytes` bytes of audio each. The last event may contain fewer
    bytes."""
    for start in range(0, len(pcm), chunk_bytes):
        yield encode("audio-chunk", audio_format, pcm[start : start + chunk_bytes])
