"""The HTTP side with a fake voice, on a real port of this machine."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx

from tests.fakes import FakeVoice, voice_entry
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.http.server import HttpServer
from wyoming_piper_serial.http.services import Services
from wyoming_piper_serial.http.status import State
from wyoming_piper_serial.metrics import Metrics
from wyoming_piper_serial.network.address import Address
from wyoming_piper_serial.network.door import Door
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.store.catalogue import Catalogue
from wyoming_piper_serial.store.offer import Offer
from wyoming_piper_serial.store.store import Store
from wyoming_piper_serial.synthesis import Synthesizer

ENTRY = voice_entry()
CROWD = voice_entry("fr_FR-crowd-low", num_speakers=2, speaker_id_map={"anna": 0, "bob": 1}, language={"code": "fr_FR"})


class House:
    """An engine, the server before it, and a client."""

    def __init__(self, settings: Settings, on_run: Callable[[str], None]) -> None:
        self.metrics = Metrics()
        self.voice = FakeVoice(on_run=on_run)
        self.engine = Engine(settings.limits, self.metrics, sharing=settings.sharing)
        self.state = State.READY
        self.door = Door(
            allow=settings.allow,
            max_connections=settings.limits.max_connections,
            max_connections_per_address=settings.limits.max_connections_per_address,
        )
        store = Store(lambda entry: (self.voice,), max_voices=2)
        offer = Offer(Catalogue([ENTRY, CROWD]))
        self.services = Services(
            settings=settings,
            synthesizer=Synthesizer(settings, offer, store, self.engine),
            offer=offer,
            snapshot=self.engine.snapshot,
            activity=self.engine.activity,
            state=lambda: self.state,
            trouble=lambda: self.engine.trouble,
            error_told=self.metrics.error_told,
            provider="CPU",
        )
        self.server = HttpServer(Address("tcp", "127.0.0.1"), self.services, self.door)
        self.client = httpx.AsyncClient(timeout=10)
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def base(self) -> str:
        return f"http://{self.server.address.authority}"

    async def get(self, path: str, **how: Any) -> httpx.Response:
        return await self.client.get(self.base + path, **how)

    async def post(self, path: str, **how: Any) -> httpx.Response:
        return await self.client.post(self.base + path, **how)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A bare connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.address.port)
        self._writers.append(writer)
        return reader, writer

    async def close(self) -> None:
        """The clients leave, then the server ends."""
        await self.client.aclose()
        for writer in self._writers:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        await self.server.close()

    def listen(self, text: str) -> contextlib.AbstractAsyncContextManager[httpx.Response]:
        """An answer to be read as it comes."""
        return self.client.stream("GET", f"{self.base}/api/text-to-speech", params={"text": text})

    async def accepted(self, requests: int) -> None:
        """Wait until so many have been let in."""
        await self.settled(lambda: self.engine.snapshot().accepted == requests)

    async def settled(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds."""
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0)  # lets the server's tasks go on


@contextlib.asynccontextmanager
async def serve(on_run: Callable[[str], None] = lambda text: None, **changes: Any) -> AsyncIterator[House]:
    # Endpoints and the client's certificates take their time, and a test that blocks its loop fails.
    house = await asyncio.to_thread(House, Settings(voice=ENTRY.name, **changes), on_run)
    await house.server.start()
    engine = asyncio.create_task(house.engine.run())
    try:
        yield house
    finally:
        await house.close()
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Status and code of an error."""
    return response.status_code, response.json()["error"]["code"]
