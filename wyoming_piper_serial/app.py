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
from typing import Any

from wyoming_piper_serial import __version__
from wyoming_piper_serial.connection.handler import Connection, Services
from wyoming_piper_serial.connection.info import info_event
from wyoming_piper_serial.connection.listener import Listener
from wyoming_piper_serial.discovery import announced, check_zeroconf
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.machine import allow_open_files, check_memory
from wyoming_piper_serial.metrics import Metrics
from wyoming_piper_serial.network.address import parse_uri
from wyoming_piper_serial.network.door import TOLD_AT_ONCE, Door, Guest
from wyoming_piper_serial.settings import Settings, Sharing
from wyoming_piper_serial.store.catalogue import Catalogue, VoiceEntry, VoiceWish
from wyoming_piper_serial.store.store import Instances, Loader, Store, check_digests, scan
from wyoming_piper_serial.synthesis import Synthesizer
from wyoming_piper_serial.voice.device import Device, choose_device
from wyoming_piper_serial.voice.loading import load_streaming_voice
from wyoming_piper_serial.voice.parts_cache import PartsCache, default_cache_dir
from wyoming_piper_serial.voice.phonemes import Phonemizer

_LOGGER = logging.getLogger(__name__)

_GOODBYE = 1.0  # seconds for the last error events to leave after the drain timeout
_MEMORY_PER_MODEL = 2  # times the file: its weights as loaded, and room to speak a long sentence
_GPU_BATCH = 8  # chunks: a GPU makes eight in hardly more time than one
_REPORT_PERIOD = 60.0  # seconds between two lines of figures in the log
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
    allow_open_files(settings.limits.max_connections + TOLD_AT_ONCE + _OTHER_FILES)
    catalogue = scan(settings.voice_dirs)
    default = catalogue.find(VoiceWish(name=settings.voice), settings.voice)
    default.config.speaker_number(settings.speaker)
    load = partial(
        _load,
        instances=sharing.instances,
        device=device,
        phonemizer=Phonemizer(),
        max_phonemes=settings.text.max_sentence,
        cache=PartsCache(settings.cache_dir or default_cache_dir()),
    )
    _check_memory(default, sharing.instances)
    return App(replace(settings, voice=default.name, sharing=sharing), catalogue, default, load)


def _load(entry: VoiceEntry, instances: int, device: Device, **how: Any) -> Instances:
    check_digests(entry)
    loaded = tuple(load_streaming_voice(entry.config, entry.model, device=device, **how) for _ in range(instances))
    copies = f", {instances} instances" if instances > 1 else ""
    _LOGGER.info("Voice %s loaded (%s%s)", entry.name, device, copies)
    return loaded


def _check_memory(entry: VoiceEntry, instances: int) -> None:
    """Raises SettingsError. A single instance is tried in any case: the estimate is none to refuse service by."""
    if instances > 1:
        files = entry.model.parent.glob(f"{entry.model.name}*")  # newer exports have their weights beside the model
        check_memory(instances=instances, each=_MEMORY_PER_MODEL * sum(file.stat().st_size for file in files))


def _device(sharing: Sharing, *, use_cuda: bool) -> Device:
    """Each instance's share of the threads."""
    threads = sharing.threads
    if threads is None and sharing.instances > 1:
        threads = len(os.sched_getaffinity(0))
    return choose_device(use_cuda=use_cuda, threads=threads and max(1, threads // sharing.instances))


class App:
    """One server, from its first signal handler to its last goodbye."""

    def __init__(self, settings: Settings, catalogue: Catalogue, default: VoiceEntry, load: Loader) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._default = default
        self._load = load
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._door = Door(
            allow=settings.allow,
            max_connections=settings.limits.max_connections,
            max_connections_per_address=settings.limits.max_connections_per_address,
        )

    async def run(self) -> None:
        """Serve until a signal. Raises SettingsError or VoiceFileError where that cannot begin."""
        stopping = _stop_event()
        metrics = Metrics(lanes=self._settings.sharing.instances)
        engine = Engine(self._settings.limits, metrics, sharing=self._settings.sharing)
        store = Store(self._load, max_voices=self._settings.limits.max_voices)
        services = Services(
            settings=self._settings,
            synthesizer=Synthesizer(self._settings, self._catalogue, store, engine),
            engine=engine,
            error_told=metrics.error_told,
            info=info_event(self._catalogue, default_voice=self._default.name, streaming=self._settings.streaming),
        )
        listener = Listener(parse_uri(self._settings.uri), partial(self._accept, services))
        await listener.start()
        working = asyncio.create_task(engine.run())
        reporting = asyncio.create_task(_report(engine))
        try:
            # Connections are accepted already: `describe` is answered while the voice loads.
            await _first_of(stopping.wait(), self._serve(listener, store), _engine_failure(working))
            await self._end(engine, listener)
        finally:
            listener.close()
            await self._cut_off()
            store.close()
            reporting.cancel()
            working.cancel()
            await asyncio.gather(reporting, working, return_exceptions=True)
        if self._door.not_allowed:
            _LOGGER.info("%d connections were turned away: they came from no --allow network", self._door.not_allowed)
        _LOGGER.info("Stopped. %s", engine.snapshot())

    def _accept(self, services: Services, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guest = self._door.knock(writer.get_extra_info("peername"))
        if guest is None:
            writer.transport.abort()
            return
        connection = Connection(reader, writer, services)
        if guest.refusal is not None:
            connection.refuse(guest.refusal)
        task = asyncio.create_task(connection.run())
        self._connections[task] = connection
        task.add_done_callback(partial(self._gone, guest))

    def _gone(self, guest: Guest, task: "asyncio.Task[None]") -> None:
        del self._connections[task]
        self._door.leave(guest)

    async def _serve(self, listener: Listener, store: Store) -> None:
        """Load the default voice and say that it speaks; return when `stdio://` has ended."""
        async with store.lend(self._default):
            pass
        async with self._announced(listener):
            self._say_ready(listener)
            await listener.finished.wait()
            await self._wait_for_connections()
            await listener.flushed()

    @contextlib.asynccontextmanager
    async def _announced(self, listener: Listener) -> AsyncIterator[None]:
        if self._settings.zeroconf is None:
            yield
        else:
            async with announced(self._settings.zeroconf, listener.address.host, listener.address.port):
                yield

    def _say_ready(self, listener: Listener) -> None:
        _LOGGER.info("Ready: %s, voice %s, version %s", listener.address, self._default.name, __version__)
        if listener.address.scheme != "stdio":
            program = sys.argv[0]
            if program.endswith("__main__.py"):
                program = f"{sys.executable} -m {__package__}"
            _LOGGER.info('Try it: %s say "Hello there." --uri %s --output hello.wav', program, listener.address)

    async def _end(self, engine: Engine, listener: Listener) -> None:
        """In stages: no new connections; then let speech finish; then tell those who are left."""
        listener.close()
        engine.drain()
        for connection in self._connections.values():
            connection.drain()
        if self._connections:
            _LOGGER.info("Stopping: up to %.1fs for speech to finish", self._settings.drain_timeout)
        try:
            async with asyncio.timeout(self._settings.drain_timeout):
                await self._wait_for_connections()
                await listener.flushed()
        except TimeoutError:
            engine.stop()
            await self._wait_for_connections(_GOODBYE)

    async def _cut_off(self) -> None:
        """Drop who is still there: one that does not read would keep its connection open for ever."""
        for connection in self._connections.values():
            connection.abort()
        for task in self._connections:
            task.cancel()
        await self._wait_for_connections(_GOODBYE)

    async def _wait_for_connections(self, seconds: float | None = None) -> None:
        if self._connections:
            await asyncio.wait(set(self._connections), timeout=seconds)


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
