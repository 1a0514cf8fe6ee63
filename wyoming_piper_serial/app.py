"""Builds the server, owns the signals, ends in stages. The only place that knows all the rooms."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from functools import partial

from wyoming_piper_serial import __version__
from wyoming_piper_serial.connection.handler import Connection, Services
from wyoming_piper_serial.connection.info import info_event
from wyoming_piper_serial.connection.listener import Listener, parse_uri
from wyoming_piper_serial.discovery import announced, check_zeroconf
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.exceptions import SettingsError, TooManyConnections
from wyoming_piper_serial.metrics import Metrics
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.store.catalogue import Catalogue, VoiceEntry, VoiceWish
from wyoming_piper_serial.store.store import Store, check_digests, scan
from wyoming_piper_serial.voice.phonemes import Phonemizer
from wyoming_piper_serial.voice.voice import Voice, check_provider, load_voice

_LOGGER = logging.getLogger(__name__)

_GOODBYE = 1.0  # seconds for the last error events to leave after the drain timeout
FORCED_EXIT = 130  # what a shell reports for Ctrl-C


def prepare(settings: Settings) -> "App":
    """Check all that can be checked before the loop runs. Raises SettingsError or VoiceError."""
    address = parse_uri(settings.uri)
    provider = check_provider(use_cuda=settings.use_cuda)
    if settings.zeroconf is not None:
        if address.scheme != "tcp":
            raise SettingsError("--zeroconf announces a network address: it needs --uri tcp://HOST:PORT.")
        check_zeroconf()
    catalogue = scan(settings.voice_dirs)
    default = catalogue.find(VoiceWish(name=settings.voice), settings.voice)
    default.config.speaker_number(settings.speaker)
    return App(settings, catalogue, default, provider)


class App:
    """One server, from its first signal handler to its last goodbye."""

    def __init__(self, settings: Settings, catalogue: Catalogue, default: VoiceEntry, provider: str) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._default = default
        self._provider = provider
        self._phonemizer = Phonemizer()
        self._connections: dict[asyncio.Task[None], Connection] = {}

    async def run(self) -> None:
        """Serve until a signal. Raises SettingsError or VoiceFileError where that cannot begin."""
        metrics = Metrics()
        engine = Engine(self._settings.limits, metrics)
        store = Store(self._load, max_voices=self._settings.limits.max_voices)
        info = info_event(self._catalogue, default_voice=self._default.name, streaming=self._settings.streaming)
        services = Services(
            settings=self._settings,
            catalogue=self._catalogue,
            store=store,
            engine=engine,
            error_told=metrics.error_told,
            info=info,
        )
        listener = Listener(parse_uri(self._settings.uri), partial(self._accept, services))
        stopping = _stop_event()
        await listener.start()
        working = asyncio.create_task(engine.run())
        try:
            # Connections are accepted already: `describe` is answered while the voice loads.
            await store.get(self._default)
            async with self._announced(listener):
                self._say_ready(listener)
                await self._serve(listener, stopping, working)
            await self._end(engine, listener)
        finally:
            listener.close()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            _LOGGER.info("Stopped. %s", metrics.snapshot())

    def _load(self, entry: VoiceEntry) -> Voice:
        """Runs in a thread."""
        check_digests(entry)
        return load_voice(
            entry.config,
            entry.model,
            provider=self._provider,
            phonemizer=self._phonemizer,
            max_phonemes=self._settings.text.max_sentence,
        )

    def _accept(self, services: Services, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        limit = self._settings.limits.max_connections
        connection = Connection(reader, writer, services)
        if len(self._connections) >= 2 * limit:
            connection.abort()  # so many that even telling each of them why costs too much
            return
        if len(self._connections) >= limit:
            connection.refuse(TooManyConnections(f"{limit} connections are open already; please try again later."))
        task = asyncio.create_task(connection.run())
        self._connections[task] = connection
        task.add_done_callback(self._connections.pop)

    @contextlib.asynccontextmanager
    async def _announced(self, listener: Listener) -> AsyncIterator[None]:
        if self._settings.zeroconf is None:
            yield
        else:
            async with announced(self._settings.zeroconf, listener.address.host, listener.address.port):
                yield

    def _say_ready(self, listener: Listener) -> None:
        _LOGGER.info(
            "Ready: %s, voice %s on %s, version %s",
            listener.address,
            self._default.name,
            self._provider.removesuffix("ExecutionProvider"),
            __version__,
        )
        if listener.address.scheme != "stdio":
            _LOGGER.info('Try it: %s say "Hello there." --uri %s --output hello.wav', sys.argv[0], listener.address)

    async def _serve(self, listener: Listener, stopping: asyncio.Event, working: "asyncio.Task[None]") -> None:
        """Return when told to stop, or when the last connection of `stdio://` has ended."""
        told = asyncio.create_task(stopping.wait())
        only = asyncio.create_task(self._all_gone(listener))
        try:
            await asyncio.wait({told, only, working}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()  # the engine must not end by itself: let the supervisor restart us
        finally:
            told.cancel()
            only.cancel()

    async def _all_gone(self, listener: Listener) -> None:
        await listener.finished.wait()
        await self._wait_for_connections()
        await listener.flushed()

    async def _end(self, engine: Engine, listener: Listener) -> None:
        """Staged: no new connections; then let speech finish; then errors; then the line is cut."""
        listener.close()
        engine.drain()
        for connection in self._connections.values():
            connection.drain()
        if self._connections:
            _LOGGER.info("Stopping: up to %.1fs for speech to finish", self._settings.drain_timeout)
        if not await self._wait_for_connections(self._settings.drain_timeout):
            engine.stop()
            if not await self._wait_for_connections(_GOODBYE):
                for connection in self._connections.values():
                    connection.abort()
                await self._wait_for_connections(_GOODBYE)

    async def _wait_for_connections(self, seconds: float | None = None) -> bool:
        """Whether all connections ended within `seconds`."""
        if self._connections:
            await asyncio.wait(set(self._connections), timeout=seconds)
        return not self._connections


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
