"""Builds the server, owns the signals, ends in stages. The only place that knows all the rooms."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from wyoming_piper_serial import __version__
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.machine import allow_open_files, available_memory, check_memory
from wyoming_piper_serial.model.device import Device, choose_device
from wyoming_piper_serial.model.memory import memory_of
from wyoming_piper_serial.network.address import parse_uri
from wyoming_piper_serial.network.limiter import MAX_REFUSED, Admission, ConnectionLimiter
from wyoming_piper_serial.network.zeroconf import announced, check_zeroconf
from wyoming_piper_serial.observe.metrics import Metrics, Snapshot
from wyoming_piper_serial.observe.reporter import Reporter
from wyoming_piper_serial.observe.views import HealthState
from wyoming_piper_serial.settings import Limits, Settings, Sharing
from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.synthesis import Synthesizer
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry, VoiceSelector
from wyoming_piper_serial.voices.loader import VoiceLoader
from wyoming_piper_serial.voices.pool import Loader, VoicePool
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.remote.download import fetch
from wyoming_piper_serial.voices.remote.manager import Downloads
from wyoming_piper_serial.voices.scanner import FolderScanner
from wyoming_piper_serial.wyoming.connection import Connection, ConnectionContext
from wyoming_piper_serial.wyoming.info import InfoReply
from wyoming_piper_serial.wyoming.listener import Listener

if TYPE_CHECKING:
    from wyoming_piper_serial.http.server import HttpServer

_LOGGER = logging.getLogger(__name__)

_GOODBYE = 1.0  # seconds for the last error events to leave after the drain timeout
_GPU_BATCH = 8  # chunks: a GPU makes eight in hardly more time than one
_REPORT_PERIOD = 60.0  # seconds between two lines of figures in the log
_MEBIBYTE = 1 << 20
_ALL = "all"  # of --preload
_OTHER_FILES = 64  # descriptors for models, logs, the loop and what libraries open
FORCED_EXIT = 130  # what a shell reports for Ctrl-C


def prepare(settings: Settings) -> "App":
    """Check all that can be checked before the loop runs. Raises SettingsError or VoiceError."""
    address = parse_uri(settings.uri)
    device = _device(settings.sharing, use_cuda=settings.use_cuda)
    sharing = settings.sharing
    if sharing.batch_max is None:
        sharing = replace(sharing, batch_max=_GPU_BATCH if settings.use_cuda else 1)
    if settings.zeroconf is not None:
        if address.scheme != "tcp":
            raise SettingsError("--zeroconf announces a network address: it needs --uri tcp://HOST:PORT.")
        check_zeroconf()
    if settings.http.uri is not None:
        _check_http(settings.http.uri)
    allow_open_files(settings.limits.max_connections + MAX_REFUSED + _OTHER_FILES)
    scanner = _scanner(settings)
    catalogue = scanner.look() or Catalogue([])
    catalogue = _fetch_default(catalogue, scanner, settings) or catalogue
    default = catalogue.find(VoiceSelector(name=settings.voice), settings.voice)
    default.config.speaker_number(settings.speaker)
    _check_speakers(settings, catalogue)
    load = VoiceLoader(
        instances=sharing.instances,
        device=device,
        max_phonemes=settings.text.max_sentence,
        cache_dir=settings.cache_dir,
    )
    _check_memory(default, sharing.instances)
    settings = replace(settings, voice=default.name, sharing=sharing)
    downloads = Downloads(settings.download_folder, settings.downloads)
    return App(settings, VoiceRegistry(catalogue, scanner, downloads), default, load, provider=str(device))


def _check_speakers(settings: Settings, catalogue: Catalogue) -> None:
    """Warn of speakers that no request can have. Their voice may still come, and others speak."""
    for voice, speaker in settings.speakers.items():
        known = [entry for entry in catalogue.entries if voice in {entry.name, entry.voice}]
        if not known:
            _LOGGER.warning("--speaker %s=%s: there is no voice of this name now", voice, speaker)
        for entry in known:
            entry.config.speaker_number(speaker)


def _scanner(settings: Settings) -> FolderScanner:
    folder = settings.download_folder
    return FolderScanner(
        tuple(dict.fromkeys((*settings.voice_dirs, *((folder,) if folder else ())))),
        presets=settings.presets,
        downloads=folder,
        offer_downloads=settings.downloads.offered and not settings.downloads.offline,
    )


def _fetch_default(catalogue: Catalogue, scanner: FolderScanner, settings: Settings) -> Catalogue | None:
    """Have the default voice here, without which nothing can begin; `None` if it is. Raises DownloadFailed."""
    public = catalogue.downloadable(VoiceSelector(name=settings.voice), settings.voice)
    if public is None or settings.download_folder is None:
        return None
    _LOGGER.info("Voice %s: downloading %d MB before the start", public.name, public.size >> 20)
    fetch(public, settings.download_folder, base_url=settings.downloads.url, timeout=settings.downloads.timeout)
    return scanner.look(complete=public.name)


def _check_http(uri: str) -> None:
    """Raises SettingsError."""
    parse_uri(uri, option="--http-uri", schemes=("tcp",))
    # Looked for only: to import them takes longer than to listen on the Wyoming port.
    if not all(map(find_spec, ("av", "fastapi", "prometheus_client", "uvicorn", "websockets"))):
        raise SettingsError("--http-uri needs an extra; in a clone: .venv/bin/pip install -e '.[http]'.")


def _check_memory(entry: VoiceEntry, instances: int) -> None:
    """Raises SettingsError. A single instance is tried in any case: the estimate is none to refuse service by."""
    if instances > 1:
        check_memory(instances=instances, each=memory_of(entry.model))


def _max_memory(limits: Limits) -> int | None:
    """Bytes for the voices in memory."""
    if limits.max_memory is not None:
        return limits.max_memory * _MEBIBYTE
    free = available_memory()
    return None if free is None else free // 2


def _preloads(settings: Settings, catalogue: Catalogue) -> list[VoiceEntry]:
    """The voices of --preload, in its order, each once. Raises UnknownVoice."""
    found: list[VoiceEntry] = []
    for name in settings.preload:
        found += catalogue.entries if name == _ALL else [catalogue.find(VoiceSelector(name=name), settings.voice)]
    return list({entry.key: entry for entry in found}.values())


def _device(sharing: Sharing, *, use_cuda: bool) -> Device:
    """Each instance's share of the threads."""
    threads = sharing.threads
    if threads is None and sharing.instances > 1:
        threads = len(os.sched_getaffinity(0))
    return choose_device(use_cuda=use_cuda, threads=threads and max(1, threads // sharing.instances))


class App:
    """One server, from its first signal handler to its last goodbye."""

    def __init__(
        self, settings: Settings, registry: VoiceRegistry, default: VoiceEntry, load: Loader, *, provider: str = "CPU"
    ) -> None:
        self._settings = settings
        self._default = default
        self._provider = provider
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._limiter = ConnectionLimiter(
            allow=settings.allow,
            max_connections=settings.limits.max_connections,
            max_connections_per_address=settings.limits.max_connections_per_address,
        )
        self._metrics = Metrics(workers=settings.sharing.instances)
        self._engine = Engine(settings.limits, self._metrics, sharing=settings.sharing)
        limits = settings.limits
        self._pool = VoicePool(
            load,
            max_voices=limits.max_voices,
            max_memory=_max_memory(limits),
            idle_unload=limits.idle_unload,
            queue_timeout=limits.queue_timeout,
            resident=default.voice,
            memory_of=lambda entry: settings.sharing.instances * memory_of(entry.model),
            refused=self._metrics.request_refused,
        )
        self._preloads = _preloads(settings, registry.catalogue)
        self._registry = registry
        self._synthesizer = Synthesizer(settings, registry, self._pool, self._engine)
        self._loaded = False
        self._shutdown = Shutdown()

    async def run(self) -> None:
        """Serve until a signal. Raises SettingsError or VoiceFileError where that cannot begin."""
        settings = self._settings
        stopping = _stop_event()
        info = InfoReply(self._registry.catalogue, default_voice=self._default.name, streaming=settings.streaming)
        self._registry.on_change(info.update)
        context = ConnectionContext(
            settings=settings,
            synthesizer=self._synthesizer,
            engine=self._engine,
            error_sent=self._metrics.error_sent,
            info=info,
        )
        listener = Listener(parse_uri(settings.uri), partial(self._accept, context))
        http = None
        try:
            await listener.start()
            if settings.http.uri is not None:
                http = await asyncio.to_thread(self._http_server, settings.http.uri)
                await http.start()
            working = asyncio.create_task(self._engine.run())
            beside = [_report(self._engine), self._registry.watch(), self._pool.run()]
            if settings.downloads.update_list:
                beside.append(self._registry.refresh())
            others = [asyncio.create_task(work) for work in beside]
            for task in others:
                task.add_done_callback(_complain)
            try:
                # Connections are accepted already: `describe` is answered while the voice loads.
                await _first_of(stopping.wait(), self._serve(listener, http), _engine_failure(working))
                await self._end(listener, http)
            finally:
                await self._cut_off(http)
                for task in (*others, working):
                    task.cancel()
                await asyncio.gather(*others, working, return_exceptions=True)
        finally:
            listener.close()
            self._pool.close()
            self._registry.close()
        if self._limiter.not_allowed:
            _LOGGER.info("%d connections were turned away: they are in no --allow network", self._limiter.not_allowed)
        _LOGGER.info("Stopped. %s", self._snapshot())

    def _http_server(self, uri: str) -> "HttpServer":
        """Takes half a second, most of it for imports."""
        from wyoming_piper_serial.http.server import HttpServer  # noqa: PLC0415

        context = HttpContext(
            settings=self._settings,
            synthesizer=self._synthesizer,
            registry=self._registry,
            snapshot=self._snapshot,
            activity=self._engine.activity,
            state=self._state,
            unhealthy_reason=lambda: self._engine.unhealthy_reason,
            reporter=Reporter(self._metrics),
            shutdown=self._shutdown,
            provider=self._provider,
        )
        return HttpServer(parse_uri(uri, option="--http-uri", schemes=("tcp",)), context, self._limiter)

    def _snapshot(self) -> Snapshot:
        """All figures of this moment."""
        return replace(self._engine.snapshot(), connections=self._limiter.open_connections, voices=self._pool.loaded)

    def _state(self) -> HealthState:
        if self._shutdown.begun:
            return HealthState.DRAINING
        if self._engine.unhealthy_reason is not None:
            return HealthState.HUNG
        return HealthState.READY if self._loaded else HealthState.LOADING

    def _accept(self, context: ConnectionContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        admission = self._limiter.admit(writer.get_extra_info("peername"))
        if admission is None:
            writer.transport.abort()
            return
        connection = Connection(reader, writer, context)
        if admission.refusal is not None:
            connection.refuse(admission.refusal)
        task = asyncio.create_task(connection.run())
        self._connections[task] = connection
        task.add_done_callback(partial(self._gone, admission))

    def _gone(self, admission: Admission, task: "asyncio.Task[None]") -> None:
        del self._connections[task]
        self._limiter.leave(admission)

    async def _serve(self, listener: Listener, http: "HttpServer | None") -> None:
        """Load the default voice and say that it speaks; return when `stdio://` has ended."""
        async with self._pool.acquire(self._default, patient=True):
            self._loaded = True
        async with self._announced(listener):
            self._say_ready(listener, http)
            preloading = asyncio.create_task(self._pool.preload(self._preloads))
            try:
                await listener.finished.wait()
                await self._wait_for_connections()
                await listener.flushed()
            finally:
                preloading.cancel()

    @contextlib.asynccontextmanager
    async def _announced(self, listener: Listener) -> AsyncIterator[None]:
        if self._settings.zeroconf is None:
            yield
        else:
            async with announced(self._settings.zeroconf, listener.address.host, listener.address.port):
                yield

    def _say_ready(self, listener: Listener, http: "HttpServer | None") -> None:
        _LOGGER.info("Ready: %s, voice %s, version %s", listener.address, self._default.name, __version__)
        if listener.address.scheme != "stdio":
            program = sys.argv[0]
            if program.endswith("__main__.py"):
                program = f"{sys.executable} -m {__package__}"
            _LOGGER.info('Try it: %s say "Hello there." --uri %s --output hello.wav', program, listener.address)
        if http is not None:
            _LOGGER.info("Page: http://%s/", http.address.authority)

    async def _end(self, listener: Listener, http: "HttpServer | None") -> None:
        """In stages: no new connections; then let speech finish; then tell those who are left."""
        self._shutdown.begin()
        listener.close()
        self._engine.drain()
        self._registry.close()
        self._pool.drain()
        for connection in self._connections.values():
            connection.drain()
        if http is not None:
            http.drain()
        if self._limiter.open_connections:
            _LOGGER.info("Stopping: up to %.1fs for speech to finish", self._settings.drain_timeout)
        try:
            async with asyncio.timeout(self._settings.drain_timeout):
                await self._wait_for_connections(http)
                await listener.flushed()
        except TimeoutError:
            self._engine.stop()
            await self._wait_for_connections(http, _GOODBYE)

    async def _cut_off(self, http: "HttpServer | None") -> None:
        """Drop who is still there: one that does not read would keep its connection open for ever."""
        for connection in self._connections.values():
            connection.abort()
        for task in self._connections:
            task.cancel()
        if http is not None:
            await http.abort()
        await self._wait_for_connections(http, _GOODBYE)

    async def _wait_for_connections(self, http: "HttpServer | None" = None, seconds: float | None = None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                if self._connections:
                    await asyncio.wait(set(self._connections))
                if http is not None:
                    await http.wait_closed()


def _complain(task: "asyncio.Task[None]") -> None:
    """Speech goes on without what runs beside it, but somebody should know."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOGGER.error("a task of the server has failed", exc_info=error)


async def _report(engine: Engine) -> None:
    """Log what has happened, every minute in which something has."""
    before = engine.snapshot()
    while True:
        await asyncio.sleep(_REPORT_PERIOD)
        now = engine.snapshot()
        recent = now.since(before)
        if recent.steps.count or recent.refused or recent.errors:
            _LOGGER.info("In the last %.0fs: %s", recent.uptime, recent)
        before = now


async def _first_of(*coroutines: Coroutine[Any, Any, object]) -> None:
    """Wait for one to end, cancel the others. Raises what the one raised."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _engine_failure(working: "asyncio.Task[None]") -> None:
    """The engine must not end by itself; if it does, its error is ours, and a supervisor restarts us."""
    await asyncio.shield(working)


def _stop_event() -> asyncio.Event:
    """Set by SIGINT or SIGTERM; a second SIGINT ends the process on the spot."""
    stopping = asyncio.Event()

    def interrupted() -> None:
        if stopping.is_set():
            _LOGGER.warning("Forced to stop")
            os._exit(FORCED_EXIT)
        stopping.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, interrupted)
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    return stopping
