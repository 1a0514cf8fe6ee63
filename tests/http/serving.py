"""The HTTP server with a fake voice, on a free port of the loopback interface."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import httpx

from tests.fakes import UNHELD, FakeVoice, voice_entry
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.server import HttpServer
from wyoming_piper_serial.network.address import Address
from wyoming_piper_serial.network.connection_limiter import ConnectionLimiter
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.reporter import Reporter
from wyoming_piper_serial.observe.views import HealthState
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers
from wyoming_piper_serial.pronunciation import Readers
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.synthesis import Synthesizer
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.changes import VoiceChanges
from wyoming_piper_serial.voices.pool import VoicePool
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.uploads import Uploads

ENTRY = voice_entry()
CROWD = voice_entry("fr_FR-crowd-low", num_speakers=2, speaker_id_map={"anna": 0, "bob": 1}, language={"code": "fr_FR"})


class HttpBench:
    """An HTTP server with its engine, and a client that sends requests to the server."""

    def __init__(
        self,
        settings: Settings,
        on_run: Callable[[str], None],
        new_registry: Callable[[Settings, Shutdown], VoiceRegistry],
    ) -> None:
        self.metrics = Metrics()
        self.shutdown = Shutdown()
        self.voice = FakeVoice(on_run=on_run)
        sharing = replace(settings.sharing, release=UNHELD.release)
        self.engine = Engine(settings.limits, self.metrics, sharing=sharing, shutdown=self.shutdown.over)
        self.phonemizers = Phonemizers(settings.limits)
        self.state = HealthState.READY
        self.limiter = ConnectionLimiter(
            allow=settings.allow,
            max_connections=settings.limits.max_connections,
            max_connections_per_address=settings.limits.max_connections_per_address,
        )
        self.pool = pool = VoicePool(lambda entry: (self.voice,), max_voices=2)
        registry = new_registry(settings, self.shutdown)
        self.context = HttpContext(
            settings=settings,
            synthesizer=Synthesizer(settings, registry, pool, self.engine, self.metrics, shutdown=self.shutdown.over),
            registry=registry,
            changes=VoiceChanges(registry, settings, shutdown=self.shutdown.over),
            uploads=Uploads(settings.download_folder, registry, pool.try_voice, shutdown=self.shutdown.over),
            voice_states=pool.states,
            readers=Readers(settings, self.phonemizers),
            snapshot=self.engine.snapshot,
            activity=self.engine.activity,
            state=lambda: self.state,
            unhealthy_reason=lambda: self.engine.unhealthy_reason,
            reporter=Reporter(self.metrics),
            shutdown=self.shutdown,
            provider="CPU",
        )
        self.server = HttpServer(Address("tcp", "127.0.0.1"), self.context, self.limiter)
        # The context has no certificates, because loading them takes a third of the time to create a bench.
        self.client = httpx.AsyncClient(timeout=10, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def base(self) -> str:
        return f"http://{self.server.address.authority}"

    async def get(self, path: str, **how: Any) -> httpx.Response:
        return await self.client.get(self.base + path, **how)

    async def post(self, path: str, **how: Any) -> httpx.Response:
        return await self.client.post(self.base + path, **how)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a TCP connection to the server."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.address.port)
        self._writers.append(writer)
        return reader, writer

    async def close(self) -> None:
        """Disconnect the clients, then stop the server."""
        await self.client.aclose()
        for writer in self._writers:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        await self.server.abort()
        await asyncio.to_thread(self.phonemizers.close)

    def drain(self) -> None:
        """Begin the shutdown and drain the HTTP server, as the program does at SIGTERM."""
        self.shutdown.begin()
        self.server.drain()

    def listen(self, text: str) -> contextlib.AbstractAsyncContextManager[httpx.Response]:
        """Request speech. The response can be read while the server is still sending it."""
        return self.client.stream("GET", f"{self.base}/api/text-to-speech", params={"text": text})

    async def accepted(self, requests: int) -> None:
        """Wait until the engine has accepted this number of requests."""
        await self.settled(lambda: self.engine.snapshot().accepted == requests)

    async def settled(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` returns true."""
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.001)  # polls without keeping the server's threads from running


def fixed_registry(_settings: Settings, _shutdown: Shutdown) -> VoiceRegistry:
    """Return a registry that always contains the same two voices."""
    return VoiceRegistry(Catalogue([ENTRY, CROWD]))


@contextlib.asynccontextmanager
async def serve(
    on_run: Callable[[str], None] = lambda text: None,
    new_registry: Callable[[Settings, Shutdown], VoiceRegistry] = fixed_registry,
    **changes: Any,
) -> AsyncIterator[HttpBench]:
    # Runs in a thread, because building the endpoints blocks the event loop for too long.
    bench = await asyncio.to_thread(HttpBench, Settings(**{"voice": ENTRY.name} | changes), on_run, new_registry)
    await bench.server.start()
    engine = asyncio.create_task(bench.engine.run())
    try:
        yield bench
    finally:
        await bench.close()
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the error code of a response."""
    return response.status_code, response.json()["error"]["code"]
