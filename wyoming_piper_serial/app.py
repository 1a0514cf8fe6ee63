"""The server as a whole: connects its parts, handles signals, and shuts down in stages."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol

from wyoming_piper_serial import __version__
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.engine.tracing import Record
from wyoming_piper_serial.exceptions import ShuttingDown
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.machine import available_memory
from wyoming_piper_serial.model.device import memory_of
from wyoming_piper_serial.network.address import Address, parse_uri
from wyoming_piper_serial.network.connection_limiter import ConnectionLimiter
from wyoming_piper_serial.network.zeroconf import announced
from wyoming_piper_serial.observe.metrics import Metrics, Snapshot
from wyoming_piper_serial.observe.reporter import Reporter
from wyoming_piper_serial.observe.views import HealthState
from wyoming_piper_serial.pronunciation import Readers
from wyoming_piper_serial.settings import MEBIBYTE, Limits, Settings
from wyoming_piper_serial.shutdown import Shutdown, cancel
from wyoming_piper_serial.synthesis import Synthesizer
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.voices.pool import Loader, VoicePool
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.wyoming.connection import ConnectionContext
from wyoming_piper_serial.wyoming.health import HealthReply
from wyoming_piper_serial.wyoming.info import InfoReply
from wyoming_piper_serial.wyoming.server import WyomingServer

_LOGGER = logging.getLogger(__name__)

# Maximum time in seconds for sending the last error events after the drain timeout, and for closing the connections.
_LAST_ERRORS = 1.0
# Number of iterations of the event loop between a signal and the shutdown. In this time, the server still accepts
# requests that are already in the kernel's buffers. Accepting a request takes about ten iterations. On an idle server,
# the 50 iterations together take a millisecond.
_TURNS_OF_ARRIVALS = 50
_REPORT_PERIOD = 60.0  # Seconds between two summaries in the log.
# Arguments of `gc.set_threshold`. A collection begins after the first number of new objects. The other numbers
# determine how often older objects are also examined.
_COLLECTIONS = (700, 5, 5)
_SWITCH_INTERVAL = 0.0005  # Seconds after which Python code in a thread lets the event loop run.
_ALL = "all"  # The value of --preload that selects all voices.
FORCED_EXIT = 130  # Exit code after the second Ctrl-C, as in shells.


class Server(Protocol):
    """A server for one protocol. Its methods are called in the order of their definition."""

    @property
    def address(self) -> Address:
        """The address that the server listens on. After `start`, it contains the actual port."""

    async def start(self) -> None:
        """Starts to accept connections. Raises SettingsError if the address cannot be used."""

    def drain(self) -> None:
        """Closes each connection after its requests are answered. The shutdown must have begun."""

    async def wait_closed(self) -> None:
        """Waits until all connections have ended."""

    async def abort(self) -> None:
        """Stops accepting connections and closes all connections at once. `drain` need not have been called."""


def _max_memory(limits: Limits) -> int | None:
    """Returns the maximum number of bytes that voices in memory may use, or `None` if the free memory is unknown."""
    if limits.max_memory is not None:
        return limits.max_memory * MEBIBYTE
    free = available_memory()
    return None if free is None else free // 2


def _preloads(settings: Settings, catalogue: Catalogue) -> list[VoiceEntry]:
    """Returns the voices in --preload in the given order without duplicates. Raises UnknownVoice."""
    found: list[VoiceEntry] = []
    for name in settings.preload:
        found += catalogue.entries if name == _ALL else [catalogue.find(name, default=settings.voice)]
    return list({entry.key: entry for entry in found}.values())


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
    ) -> None:
        """`settings.voice` must be in the catalogue. `provider` is the name of the device that runs the models.

        `trace` is called with each trace record. At the end of the program, a thread calls `closers` one after another.
        """
        limits = settings.limits
        self._settings = settings
        self._registry = registry
        self._default = registry.catalogue.find(settings.voice, default=settings.voice)
        self._provider = provider
        self._shutdown = shutdown or Shutdown()
        self._metrics = Metrics(workers=settings.sharing.instances)
        self._reporter = Reporter(self._metrics)
        self._limiter = ConnectionLimiter(
            allow=settings.allow,
            http_allow=settings.http.allow,
            max_connections=limits.max_connections,
            max_connections_per_address=limits.max_connections_per_address,
        )
        self._closers = closers
        self._engine = Engine(
            limits,
            self._metrics,
            sharing=settings.sharing,
            shutdown=self._shutdown.over,
            trace=trace,
        )
        self._pool = VoicePool(
            load,
            max_voices=limits.max_voices,
            max_memory=_max_memory(limits),
            idle_unload=limits.idle_unload,
            load_timeout=limits.load_timeout,
            resident=self._default.voice,
            memory_of=lambda entry: settings.sharing.instances * memory_of(entry.size),
            shutdown=self._shutdown.over,
        )
        self._preloads = _preloads(settings, registry.catalogue)
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

    async def run(self) -> None:
        """Serves until a signal arrives or `stdio://` ends.

        Raises SettingsError or VoiceFileError if the server cannot start.
        """
        self._signals = _Signals(self._shutdown)
        background: list[asyncio.Task[None]] = []
        try:
            await self._start_servers()
            engine = asyncio.create_task(self._engine.run())
            background = [engine, *map(_in_background, self._background_work())]
            # The servers already accept connections, so `describe` is answered while the voice is loading.
            await _first_of(asyncio.shield(engine), self._serve())
            await self._drain()
        finally:
            self._shutdown.begin()
            self._shutdown.over.begin()
            await self._abort_servers()
            await cancel(*background)
            self._pool.close()
            for close in self._closers:
                await asyncio.to_thread(close)
        if self._limiter.not_allowed:
            _LOGGER.info("%d connections were turned away: their networks are not allowed", self._limiter.not_allowed)
        _LOGGER.info("Stopped. %s", self._snapshot())

    async def _start_servers(self) -> None:
        """Starts the servers. The Wyoming server is started first, because the imports for HTTP take half a second."""
        settings = self._settings
        info = InfoReply(self._registry.catalogue, default_voice=self._default.name, streaming=settings.streaming)
        self._registry.on_change(info.update)
        context = ConnectionContext(
            settings=settings,
            synthesizer=self._synthesizer,
            health=HealthReply(lambda: self._engine.unhealthy_reason),
            reporter=self._reporter,
            info=info,
            shutdown=self._shutdown,
        )
        self._wyoming = WyomingServer(parse_uri(settings.uri), context, self._limiter)
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
            readers=self._readers,
            snapshot=self._snapshot,
            activity=self._engine.activity,
            state=self._health_state,
            unhealthy_reason=lambda: self._engine.unhealthy_reason,
            reporter=self._reporter,
            shutdown=self._shutdown,
            provider=self._provider,
        )
        return HttpServer(parse_uri(uri, option="--http-uri", schemes=("tcp",)), context, self._limiter)

    def _background_work(self) -> Iterator[Coroutine[Any, Any, None]]:
        yield _report(self._engine)
        yield self._registry.watch()
        yield self._pool.run()
        if self._settings.downloads.update_list:
            yield self._registry.refresh()

    def _snapshot(self) -> Snapshot:
        """Returns the current values of all metrics."""
        return replace(self._engine.snapshot(), connections=self._limiter.open_connections, voices=self._pool.loaded)

    def _health_state(self) -> HealthState:
        if self._shutdown.begun:
            return HealthState.DRAINING
        if self._engine.unhealthy_reason is not None:
            return HealthState.HUNG
        return HealthState.READY if self._loaded else HealthState.LOADING

    async def _serve(self) -> None:
        """Loads the default voice, announces the server and preloads voices.

        Returns when the shutdown begins, or when the connection on `stdio://` has ended and its output is written.
        """
        with contextlib.suppress(ShuttingDown):
            await self._shutdown.unless_begun(self._load_default())
            async with self._announced():
                self._log_ready()
                preloading = _in_background(self._pool.preload(self._preloads))
                try:
                    with _short_pauses():
                        await self._shutdown.unless_begun(self._wyoming.finished())
                finally:
                    await cancel(preloading)

    async def _load_default(self) -> None:
        await asyncio.gather(self._load_default_voice(), self._load_text_rules())

    async def _load_default_voice(self) -> None:
        async with self._pool.acquire(self._default):
            self._loaded = True

    async def _load_text_rules(self) -> None:
        """Loads the rules for the language of the default voice, so that the first request need not wait for them."""
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

    def _log_ready(self) -> None:
        wyoming, *http = (server.address for server in self._servers)
        _LOGGER.info("Ready: %s, voice %s, version %s", wyoming, self._default.name, __version__)
        if wyoming.scheme != "stdio":
            program = sys.argv[0]
            if program.endswith("__main__.py"):
                program = f"{sys.executable} -m {__package__}"
            _LOGGER.info('Try it: %s say "Hello there." --uri %s --output hello.wav', program, wyoming)
        for address in http:
            _LOGGER.info("Page: http://%s/", address.authority)

    async def _drain(self) -> None:
        """Shuts down in stages. Refuses new requests and waits until the accepted requests are answered. After the
        drain timeout, ends the remaining requests with an error."""
        self._shutdown.begin()
        for server in self._servers:
            server.drain()
        _LOGGER.info(
            "Stopping: %d connections are open; their requests have up to %.1fs to finish",
            self._limiter.open_connections,
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


@contextlib.contextmanager
def _short_pauses() -> Iterator[None]:
    """Keeps the pauses of the event loop short. A garbage collection stops all threads for 1 ms per 1500 objects.

    The 50,000 objects that exist after the start are never collected. Collections are more frequent than by default, so
    each one examines fewer objects.
    """
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval)


def _in_background(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    """Starts a task. If the task fails, the failure is logged, and the server continues without the task."""
    task = asyncio.create_task(work)
    task.add_done_callback(_log_failure)
    return task


def _log_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOGGER.error("a background task has failed", exc_info=error)


async def _report(engine: Engine) -> None:
    """Once per minute, logs a summary if a step, a refused request or an error occurred in that minute."""
    before = engine.snapshot()
    while True:
        await asyncio.sleep(_REPORT_PERIOD)
        now = engine.snapshot()
        recent = now.since(before)
        if recent.steps.count or recent.refused or recent.errors:
            _LOGGER.info("In the last %.0fs: %s", recent.uptime, recent)
        before = now


async def _first_of(*work: Awaitable[None]) -> None:
    """Waits until one of the awaitables ends, and cancels the others. If the first one failed, raises its exception."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await cancel(*tasks)


class _Signals:
    """Begins the shutdown on the first SIGINT or SIGTERM. A later SIGINT ends the process at once."""

    def __init__(self, shutdown: Shutdown) -> None:
        self._shutdown = shutdown
        self._beginning: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        loop.add_signal_handler(signal.SIGTERM, self._begin)

    def _interrupt(self) -> None:
        if self._shutdown.begun or self._beginning is not None:
            _LOGGER.warning("Forced to stop")
            logging.shutdown()
            os._exit(FORCED_EXIT)
        self._begin()

    def _begin(self) -> None:
        if self._beginning is None:
            self._beginning = asyncio.create_task(self._begin_after_arrivals())

    async def _begin_after_arrivals(self) -> None:
        """Begins the shutdown after the server has read the requests that the machine received before the signal."""
        for _ in range(_TURNS_OF_ARRIVALS):
            await asyncio.sleep(0)
        self._shutdown.begin()
