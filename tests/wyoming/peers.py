"""A server with a fake voice, and clients that connect to it through real sockets."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from wyoming.event import Event, async_read_event

from tests.fakes import UNHELD, FakeVoice, voice_entry
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.exceptions import PiperSerialError
from wyoming_piper_serial.observe import reporter
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.reporter import Reporter
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.synthesis import Synthesizer
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.pool import VoicePool
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.wyoming.connection import Connection, ConnectionContext
from wyoming_piper_serial.wyoming.health import HealthReply
from wyoming_piper_serial.wyoming.info import InfoReply
from wyoming_piper_serial.wyoming.wire import encode

ENTRY = voice_entry()
CROWD = voice_entry(
    "fr_FR-crowd-low",
    num_speakers=3,
    speaker_id_map={"anna": 0, "bob": 1, "cleo": 2},
    default_speaker_id=2,
    language={"code": "fr_FR"},
)


class Server:
    """An engine, connections that use it, and the clients of these connections."""

    def __init__(self, settings: Settings, on_run: Callable[[str], None]) -> None:
        self.metrics = Metrics()
        self.shutdown = Shutdown()
        self.voice = FakeVoice(on_run=on_run)
        sharing = replace(settings.sharing, release=UNHELD.release)
        self.engine = Engine(settings.limits, self.metrics, sharing=sharing, shutdown=self.shutdown.over)
        catalogue = Catalogue([ENTRY, CROWD])
        pool = VoicePool(lambda entry: (self.voice,), max_voices=2)
        self.context = ConnectionContext(
            settings=settings,
            synthesizer=Synthesizer(
                settings, VoiceRegistry(catalogue), pool, self.engine, self.metrics, shutdown=self.shutdown.over
            ),
            health=HealthReply(lambda: self.engine.unhealthy_reason),
            reporter=Reporter(self.metrics),
            info=InfoReply(catalogue, pool.failures, settings),
            shutdown=self.shutdown,
        )
        self.tasks: list[asyncio.Task[None]] = []
        self.connections: list[Connection] = []
        self.clients: list[Client] = []

    async def connect(self, refused: PiperSerialError | None = None) -> "Client":
        ours, theirs = socket.socketpair()
        who = reporter.Client(protocol="wyoming", connection=len(self.connections) + 1)
        connection = Connection(*await asyncio.open_connection(sock=ours), self.context, who, refused)
        client = Client(*await asyncio.open_connection(sock=theirs))
        self.connections.append(connection)
        self.clients.append(client)
        self.tasks.append(asyncio.create_task(connection.run()))
        return client

    async def close(self) -> None:
        for client in self.clients:
            client.writer.close()
            with contextlib.suppress(ConnectionError):
                await client.writer.wait_closed()
        for connection in self.connections:
            connection.abort()
        await asyncio.gather(*self.tasks)


class Client:
    """A client that sends raw events and reads the events from the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, event_type: str, **data: Any) -> None:
        self.writer.write(encode(event_type, data))

    def speak(self, text: str, **data: Any) -> None:
        self.send("synthesize", text=text, **data)

    def stream(self, *chunks: str, **data: Any) -> None:
        self.send("synthesize-start", **data)
        for text in chunks:
            self.send("synthesize-chunk", text=text)
        self.send("synthesize-stop")

    async def next(self) -> Event:
        async with asyncio.timeout(10):
            event = await async_read_event(self.reader)
        assert event is not None, "the connection ended"
        return event

    async def until(self, event_type: str) -> list[Event]:
        """Read events up to and including the next one of type `event_type`."""
        events = [await self.next()]
        while events[-1].type != event_type:
            events.append(await self.next())
        return events

    async def rest(self) -> list[Event]:
        """End the input as netcat does, and return all events received until the connection ends."""
        self.writer.write_eof()
        events = []
        async with asyncio.timeout(10):
            while (event := await async_read_event(self.reader)) is not None:
                events.append(event)
        return events


Open = Callable[..., contextlib.AbstractAsyncContextManager[Server]]


def types(events: list[Event]) -> list[str]:
    """Return the types of the events. Consecutive audio chunks are listed once."""
    names = [event.type for event in events]
    return [name for at, name in enumerate(names) if at == 0 or name != names[at - 1] or name != "audio-chunk"]


def audio(events: list[Event]) -> bytes:
    return b"".join(event.payload or b"" for event in events if event.type == "audio-chunk")
