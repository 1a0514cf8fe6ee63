"""The server as a whole: connects its parts, handles signals, and shuts down in stages."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol

from wyoming_piper_serial import __version__
from wyoming_piper_serial.background import first_of, in_background
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.engine.tracing import Record
from wyoming_piper_serial.exceptions import PiperSerialError, ShuttingDown
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.machine import available_memory
from wyoming_piper_serial.model.device import memory_of
from wyoming_piper_serial.network.address import Address, parse_uri
from wyoming_piper_serial.network.connection_limiter import ConnectionLimiter
from wyoming_piper_serial.network.directions import directions, is_unspecified
from wyoming_piper_serial.network.interfaces import Surroundings, look_around
from wyoming_piper_serial.network.service_manager import HTTP, WYOMING, ServiceManager
from wyoming_piper_serial.network.zeroconf import announced
from wyoming_piper_serial.observe.metrics import Metrics, Snapshot
from wyoming_piper_serial.observe.reporter import Reporter
from wyoming_piper_serial.observe.views import HealthState
from wyoming_piper_serial.pauses import short_pauses
from wyoming_piper_serial.pronunciation import Readers
from wyoming_piper_serial.reloading import Reloader
from wyoming_piper_serial.settings import MEBIBYTE, Limits, Settings
from wyoming_piper_serial.shutdown import Shutdown, cancel
from wyoming_piper_serial.signals import Signals
from wyoming_piper_serial.synthesis import Synthesizer
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.changes import VoiceChanges
from wyoming_piper_serial.voices.default import DefaultFollower, find_default, find_preloads
from wyoming_piper_serial.voices.pool import Loader, VoicePool
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.uploads import Uploads
from wyoming_piper_serial.wording import counted
from wyoming_piper_serial.wyoming.connection import ConnectionContext
from wyoming_piper_serial.wyoming.health import HealthReply
from wyoming_piper_serial.wyoming.info import InfoReply
from wyoming_piper_serial.wyoming.server import WyomingServer

_LOGGER = logging.getLogger(__name__)

# Maximum time in seconds for sending the last error events after the drain timeout, and for closing the connections.
_LAST_ERRORS = 1.0
_REPORT_PERIOD = 60.0  # Seconds between summaries in the log.


class Server(Protocol):
    """A server for one protocol. Its methods are called in this order, except for `reload` and `abort`."""

    @property
    def address(self) -> Address:
        """The address that the server listens on. After `start`, it contains the actual port."""

    async def start(self) -> None:
        """Starts accepting connections. Raises SettingsError if the address cannot be used."""

    async def reload(self, settings: Settings) -> None:
        """Uses the changed settings for new connections or requests. Called any number of times after `start`."""

    def drain(self) -> None:
        """Closes each connection after its requests are answered. The shutdown must have begun."""

    async def wait_closed(self) -> None:
        """Waits until all connections have ended."""

    async def abort(self) -> None:
        """Stops accepting connections and closes all connections at once. Called last, even if `start` has failed."""


def _max_memory(limits: Limits) -> int | None:
    """Returns the maximum number of bytes for voices in memory. If `limits` does not set it, this is half of the free
    memory, or `None` if the free memory is unknown."""
    if limits.max_memory is not None:
        return limits.max_memory * MEBIBYTE
    free = available_memory()
    return None if free is None else free // 2


class App:
    """The running program. Installs the signal handlers, runs the servers and the engine, and shuts them down."""

    def __init__(  # noqa: PLR0913 -- independent parts, which `prepare` creates
        self,
        settings: Settings,
        registry: VoiceRegistry,
        load: Loader,
        readers: Readers,
        *,
        provider: str = "CPU",
        shutdown: Shutdown | None = None,
        trace: Callable[[Record], None] | None = None,
        closers: Iterable[Callable[[], None]] = (),
        manager: ServiceManager | None = None,
        reloader: Reloader | None = None,
    ) -> None:
        """`settings.voice` must be in the catalogue. Raises VoiceError if a voice in `settings.preload` cannot be used.

        `provider` is the name of the device that runs the models. `manager` may provide sockets for the servers.
        Without a `reloader`, SIGHUP rereads only the files of voices and lexicons. `trace` is called with each trace
        record. When the program ends, `closers` are called in a thread, one after another.
        """
        limits = settings.limits
        self._settings = settings
        self._registry = registry
        self._default = find_default(registry.catalogue, settings.voice)
        self._provider = provider
        self._shutdown = shutdown or Shutdown()
        self._metrics = Metrics(workers=settings.sharing.instances)
        self._reporter = Reporter(self._metrics)
        self._limiter = ConnectionLimiter(
            allow=settings.allowed_networks,
            http_allow=settings.http_allowed_networks,
            max_connections=limits.max_connections,
            max_connections_per_address=limits.max_connections_per_address,
        )
        self._closers = closers
        self._manager = manager or ServiceManager()
        self._reloader = reloader
        self._engine = Engine(
            limits,
            self._metrics,
            sharing=settings.sharing,
            shutdown=self._shutdown.over,
            trace=trace,
        )
        self._pool = self._new_pool(load)
        self._following = DefaultFollower(self._pool, settings.voice)
        self._preloads = find_preloads(registry.catalogue, settings.preload, settings.voice)
        self._readers = readers
        self._synthesizer = Synthesizer(
            settings,
            registry,
            self._pool,
            self._engine,
            self._metrics,
            shutdown=self._shutdown.over,
            frontends=readers.frontends,
        )
        self._servers: list[Server] = []
        self._wyoming: WyomingServer
        self._loaded = False

    def _new_pool(self, load: Loader) -> VoicePool:
        limits, instances = self._settings.limits, self._settings.sharing.instances
        return VoicePool(
            load,
            max_voices=limits.max_voices,
            max_memory=_max_memory(limits),
            idle_unload=limits.idle_unload,
            load_timeout=limits.load_timeout,
            resident=self._default.voice,
            memory_of=lambda entry: instances * memory_of(entry.size),
            shutdown=self._shutdown.over,
        )

    async def run(self) -> None:
        """Serves until a signal begins the shutdown or the connection on `stdio://` ends.

        Raises SettingsError, VoiceFileError or VoiceLoadTimeout if the server cannot start.
        """
        self._signals = Signals(self._shutdown)
        background: list[asyncio.Task[None]] = []
        try:
            await self._start_servers()
            engine = asyncio.create_task(self._engine.run())
            background = [engine, *map(in_background, self._background_work())]
            # The servers already accept connections, so `describe` is answered while the voice is loading.
            await first_of(asyncio.shield(engine), self._serve())
            await self._drain()
        finally:
            self._shutdown.begin()
            self._shutdown.over.begin()
            await self._abort_servers()
            await cancel(*background, self._following.loading)
            self._pool.close()
            for close in self._closers:
                await asyncio.to_thread(close)
        if self._limiter.not_allowed:
            _LOGGER.info(
                "%s refused: their addresses are not in an allowed network",
                counted(self._limiter.not_allowed, "connection"),
            )
        _LOGGER.info("Stopped. %s", self._snapshot())

    async def _start_servers(self) -> None:
        """Starts the servers. The Wyoming server is started first, because the imports for HTTP take half a second."""
        settings = self._settings
        info = InfoReply(self._registry.catalogue, self._pool.failures, settings)

        async def on_change(catalogue: Catalogue) -> None:
            await info.update(catalogue)
            self._pool.failures.keep({entry.voice for entry in catalogue.entries})
            self._following.follow(catalogue)

        self._registry.on_change(on_change)
        context = ConnectionContext(
            settings=settings,
            synthesizer=self._synthesizer,
            health=HealthReply(self._unhealthy_reason),
            reporter=self._reporter,
            info=info,
            shutdown=self._shutdown,
        )
        address = self._manager.address(WYOMING) or parse_uri(settings.uri)
        self._wyoming = WyomingServer(address, context, self._limiter)
        self._servers.append(self._wyoming)
        await self._wyoming.start()
        if settings.http.uri is not None:
            http = await asyncio.to_thread(self._http_server, settings.http.uri)
            self._servers.append(http)
            await http.start()

    def _http_server(self, uri: str) -> Server:
        from wyoming_piper_serial.http.server import HttpServer  # noqa: PLC0415 -- see _start_servers

        context = HttpContext(
            settings=self._settings,
            synthesizer=self._synthesizer,
            registry=self._registry,
            changes=VoiceChanges(self._registry, self._settings, shutdown=self._shutdown.over),
            uploads=Uploads(
                self._settings.download_folder, self._registry, self._pool.try_voice, shutdown=self._shutdown.over
            ),
            voice_states=self._pool.states,
            readers=self._readers,
            snapshot=self._snapshot,
            activity=self._engine.activity,
            state=self._health_state,
            unhealthy_reason=self._unhealthy_reason,
            reporter=self._reporter,
            shutdown=self._shutdown,
            provider=self._provider,
        )
        address = self._manager.address(HTTP) or parse_uri(uri, option="--http-uri", schemes=("tcp",))
        return HttpServer(address, context, self._limiter)

    def _background_work(self) -> Iterator[Coroutine[Any, Any, None]]:
        yield _report(self._engine)
        yield self._registry.watch()
        yield self._pool.run()
        yield self._manager.watch(self._unhealthy_reason)
        if self._settings.downloads.update_list:
            yield self._registry.refresh()

    def _snapshot(self) -> Snapshot:
        """Returns the current values of all metrics."""
        return replace(self._engine.snapshot(), connections=self._limiter.open_connections, voices=self._pool.loaded)

    def _unhealthy_reason(self) -> str | None:
        return self._engine.unhealthy_reason

    def _health_state(self) -> HealthState:
        if self._shutdown.begun:
            return HealthState.DRAINING
        if self._unhealthy_reason() is not None:
            return HealthState.HUNG
        return HealthState.READY if self._loaded else HealthState.LOADING

    async def _serve(self) -> None:
        """Loads the default voice, announces the server and preloads voices. Reloads the settings on SIGHUP.

        Returns when the shutdown begins, or when the connection on `stdio://` has ended and its output is written.
        """
        with contextlib.suppress(ShuttingDown):
            await self._manager.notify(f"STATUS=Loading the voice {self._default.name}")
            await self._shutdown.unless_begun(self._load_default())
            with_addresses = any(is_unspecified(server.address) for server in self._servers)
            around = await asyncio.to_thread(look_around, with_addresses=with_addresses)
            async with self._announced():
                self._log_ready(around)
                await self._notify_ready()
                others = [in_background(self._pool.preload(self._preloads)), in_background(self._reload_on_signal())]
                try:
                    async with short_pauses(lambda: self._limiter.open_connections):
                        await self._shutdown.unless_begun(self._wyoming.finished())
                finally:
                    await cancel(*others)

    async def _notify_ready(self) -> None:
        addresses = " and ".join(str(server.address) for server in self._servers)
        await self._manager.notify("READY=1", f"STATUS=Ready: {addresses}, voice {self._default.name}")

    async def _reload_on_signal(self) -> None:
        while True:
            await self._signals.reload.wait()
            self._signals.reload.clear()
            now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            await self._manager.notify("RELOADING=1", f"MONOTONIC_USEC={now}", "STATUS=Rereading the settings")
            try:
                await self._reload()
            except PiperSerialError as error:
                _LOGGER.error("SIGHUP: the settings remain unchanged: %s", error)  # noqa: TRY400 -- one plain line
            except Exception:
                _LOGGER.exception("SIGHUP: the settings could not be reread")
            await self._notify_ready()

    async def _reload(self) -> None:
        """Rereads the settings, applies changes that need no restart, and scans the folders. Raises SettingsError."""
        if self._reloader is not None:
            change = await asyncio.to_thread(self._reloader.change, self._settings)
            self._settings = settings = change.settings
            self._limiter.allow(settings.allowed_networks, http=settings.http_allowed_networks)
            self._synthesizer.settings = self._readers.settings = settings
            for server in self._servers:
                await server.reload(settings)
            _LOGGER.info("SIGHUP: changed: %s", ", ".join(change.changed) or "nothing")
            if change.postponed:
                postponed = ", ".join(change.postponed)
                _LOGGER.warning("SIGHUP: these options take effect only after a restart: %s", postponed)
        await self._registry.reload(self._settings)

    async def _load_default(self) -> None:
        await asyncio.gather(self._load_default_voice(), self._load_text_rules())

    async def _load_default_voice(self) -> None:
        async with self._pool.acquire(self._default):
            self._loaded = True

    async def _load_text_rules(self) -> None:
        """Loads the text rules for the default voice's language. A request that arrives earlier loads them itself."""
        rules = self._settings.text.text_rules
        await asyncio.to_thread(self._readers.frontends.load, self._default.config.language, rules)

    @contextlib.asynccontextmanager
    async def _announced(self) -> AsyncIterator[None]:
        if self._settings.zeroconf is None:
            yield
        else:
            address = self._wyoming.address
            async with announced(self._settings.zeroconf, address.host, address.port):
                yield

    def _log_ready(self, around: Surroundings) -> None:
        wyoming, *pages = (server.address for server in self._servers)
        _LOGGER.info("Ready: %s, voice %s, version %s", wyoming, self._default.name, __version__)
        for line in directions(wyoming, pages, around):
            _LOGGER.info(line)

    async def _drain(self) -> None:
        """Shuts down in stages. Refuses new requests and waits until the accepted requests are answered. After the
        drain timeout, ends the remaining requests with an error."""
        self._shutdown.begin()
        for server in self._servers:
            server.drain()
        await self._manager.notify(
            "STOPPING=1", f"STATUS=Stopping: {self._limiter.open_connections} connections are open"
        )
        _LOGGER.info(
            "Stopping: %s; their requests have up to %.1fs to finish",
            counted(self._limiter.open_connections, "open connection"),
            self._settings.drain_timeout,
        )
        try:
            async with asyncio.timeout(self._settings.drain_timeout):
                await self._wait_closed()
        except TimeoutError:
            self._shutdown.over.begin()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LAST_ERRORS):
                    await self._wait_closed()

    async def _wait_closed(self) -> None:
        for server in self._servers:
            await server.wait_closed()

    async def _abort_servers(self) -> None:
        """Closes the remaining connections at once. Otherwise, a client that does not read could keep its connection
        open indefinitely."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_ERRORS):
                await asyncio.gather(*(server.abort() for server in self._servers))


async def _report(engine: Engine) -> None:
    """Logs a summary once per minute if a step, a refused request or an error occurred in that minute."""
    before = engine.snapshot()
    while True:
        await asyncio.sleep(_REPORT_PERIOD)
        now = engine.snapshot()
        recent = now.since(before)
        if recent.steps.count or recent.refused or recent.errors:
            _LOGGER.info("In the last %.0fs: %s", recent.uptime, recent)
        before = now
