"""Checks the settings, the default voice and the machine before the event loop runs, and creates the App."""

import logging
import os
from dataclasses import replace
from importlib.util import find_spec

from wyoming_piper_serial.app import App
from wyoming_piper_serial.exceptions import DownloadFailed, SettingsError
from wyoming_piper_serial.installation import extra_command
from wyoming_piper_serial.machine import allow_open_files, check_memory, usable_cores
from wyoming_piper_serial.model.device import Device, choose_device, memory_of
from wyoming_piper_serial.network.address import parse_uri
from wyoming_piper_serial.network.connection_limiter import MAX_REFUSED
from wyoming_piper_serial.network.proxied import MAX_WAITING
from wyoming_piper_serial.network.service_manager import HTTP, WYOMING, ServiceManager
from wyoming_piper_serial.network.zeroconf import check_zeroconf
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers
from wyoming_piper_serial.pronunciation import Readers
from wyoming_piper_serial.reloading import Reloader
from wyoming_piper_serial.settings import MEBIBYTE, Settings, Sharing
from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.voices.lexicons import Lexicons
from wyoming_piper_serial.voices.loader import VoiceLoader
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.remote.download import fetch
from wyoming_piper_serial.voices.remote.manager import Downloads
from wyoming_piper_serial.voices.scanner import FolderScanner

_LOGGER = logging.getLogger(__name__)

_GPU_BATCH = 8  # Maximum number of chunks per model run on a GPU. On a GPU, eight chunks take little longer than one.
_OTHER_FILES = 64  # File descriptors reserved for models, logs, the event loop and libraries.


def prepare(settings: Settings, *, manager: ServiceManager | None = None, reloader: Reloader | None = None) -> App:
    """Checks the settings, the default voice and the machine. Returns the App.

    Sockets of `manager` take precedence over the addresses in `settings`. `reloader` rereads the settings on SIGHUP. If
    voices named in options are missing, they are downloaded (see `_fetch_named`). Raises SettingsError or VoiceError.
    """
    settings = _with_passed_addresses(settings, manager or ServiceManager())
    address = parse_uri(settings.uri)
    device = _device(settings.sharing, use_cuda=settings.use_cuda)
    sharing = _with_batches(settings.sharing, use_cuda=settings.use_cuda)
    if settings.zeroconf is not None:
        if address.scheme != "tcp":
            raise SettingsError("--zeroconf announces a network address: it needs --uri tcp://HOST:PORT.")
        check_zeroconf()
    if settings.http.uri is not None:
        _check_http(settings.http.uri)
    waiting = MAX_WAITING * (1 + (settings.http.uri is not None)) if settings.proxy_from else 0
    allow_open_files(settings.limits.max_connections + MAX_REFUSED + waiting + _OTHER_FILES)
    scanner = FolderScanner.from_settings(settings)
    catalogue = _fetch_named(scanner.look() or Catalogue([]), scanner, settings)
    default = catalogue.find(settings.voice, default=settings.voice)
    default.config.speaker_number(settings.speaker)
    _check_speakers(settings, catalogue)
    lexicons = Lexicons.from_settings(settings)
    lexicons.look()
    phonemizers = Phonemizers(settings.limits)
    load = VoiceLoader(
        instances=sharing.instances,
        device=device,
        phonemizers=phonemizers,
        max_phonemes=settings.text.max_sentence,
        cache_dir=settings.cache_dir,
        log_text=settings.logging.log_text,
    )
    readers = Readers(settings, phonemizers)
    _check_memory(default, sharing.instances)
    settings = replace(settings, voice=default.name, sharing=sharing)
    shutdown = Shutdown()
    downloads = Downloads(settings.download_folder, settings.downloads, shutdown=shutdown.over)
    registry = VoiceRegistry(catalogue, scanner, downloads, lexicons=lexicons, shutdown=shutdown.over)
    trace, closers = None, [phonemizers.close]
    if settings.logging.trace is not None:
        # Imported here, because the import takes a few milliseconds and few servers need the module.
        from wyoming_piper_serial.observe.trace import TraceFile  # noqa: PLC0415

        file = TraceFile(settings.logging.trace, max_bytes=settings.logging.trace_size * MEBIBYTE)
        trace, closers = file.write, [*closers, file.close]
    return App(
        settings,
        registry,
        lexicons.checking(load),
        readers,
        provider=str(device),
        shutdown=shutdown,
        trace=trace,
        closers=closers,
        manager=manager,
        reloader=reloader,
    )


def _with_batches(sharing: Sharing, *, use_cuda: bool) -> Sharing:
    if sharing.batch_max is not None:
        return sharing
    return replace(sharing, batch_max=_GPU_BATCH if use_cuda else 1)


def _with_passed_addresses(settings: Settings, manager: ServiceManager) -> Settings:
    """Returns the settings with the addresses of the sockets that the service manager has passed."""
    wyoming, http = manager.address(WYOMING), manager.address(HTTP)
    if wyoming is not None:
        settings = replace(settings, uri=str(wyoming))
    if http is not None:
        settings = replace(settings, http=replace(settings.http, uri=str(http)))
    return settings


def _check_speakers(settings: Settings, catalogue: Catalogue) -> None:
    """Checks the options `--speaker VOICE=NAME`. Raises UnknownSpeaker. For an unknown voice, only logs a warning,
    because the voice may be added later."""
    for voice, speaker in settings.speakers.items():
        known = [entry for entry in catalogue.entries if voice in {entry.name, entry.voice}]
        if not known:
            _LOGGER.warning("--speaker %s=%s: there is currently no voice with this name", voice, speaker)
        for entry in known:
            entry.config.speaker_number(speaker)


def _fetch_named(catalogue: Catalogue, scanner: FolderScanner, settings: Settings) -> Catalogue:
    """Downloads the voices that are named in options, if they are missing. Returns the current catalogue. With
    `--offline` or without a download folder, downloads nothing.

    Raises DownloadFailed for the default voice. For other voices, logs a warning, because the server can run without
    them.
    """
    folder, downloads = settings.download_folder, settings.downloads
    if folder is None or downloads.offline:
        return catalogue
    for name in _named_voices(settings):
        public = catalogue.to_download(name)
        if public is None:
            continue
        _LOGGER.info("Voice %s: downloading %d MB before the start", public.name, public.size >> 20)
        try:
            fetch(public, folder, base_url=downloads.url, timeout=downloads.timeout)
        except DownloadFailed as error:
            if name == settings.voice:
                raise
            _LOGGER.warning("%s", error.detail)
        else:
            catalogue = scanner.look(complete=public.name) or catalogue
    return catalogue


def _named_voices(settings: Settings) -> list[str]:
    """Returns the values of `--voice` and `--preload` and the voices in `--preset` and `--openai-voice`, without
    duplicates."""
    presets = [preset.voice for preset in settings.presets]
    aliases = [alias.voice for alias in settings.http.openai_voices]
    return list(dict.fromkeys((settings.voice, *presets, *settings.preload, *aliases)))


def _check_http(uri: str) -> None:
    """Checks the address of the HTTP server and whether the modules that it needs are installed. Raises
    SettingsError."""
    parse_uri(uri, option="--http-uri", schemes=("tcp",))
    # The modules are not imported here, because their import takes longer than the start of the Wyoming server.
    if not all(map(find_spec, ("fastapi", "prometheus_client", "uvicorn", "websockets"))):
        raise SettingsError(f"--http-uri needs an extra: {extra_command('http')}")


def _check_memory(entry: VoiceEntry, instances: int) -> None:
    """Raises SettingsError if several instances of a voice do not fit into the free memory.

    A single instance is always allowed, because the memory requirement is only an estimate.
    """
    if instances > 1:
        check_memory(instances=instances, each=memory_of(entry.size))


def _device(sharing: Sharing, *, use_cuda: bool) -> Device:
    """Returns the device for each instance, with the instance's share of the threads. Raises SettingsError if CUDA is
    not available."""
    threads, cores = sharing.threads, usable_cores()
    # By default, onnxruntime creates one thread per core of the machine, even if the process may use only some of them
    # because of a quota or an affinity. If there are more threads than usable cores, the threads slow each other down.
    if threads is None and (sharing.instances > 1 or cores < (os.cpu_count() or 1)):
        threads = cores
    return choose_device(use_cuda=use_cuda, threads=threads and max(1, threads // sharing.instances))
