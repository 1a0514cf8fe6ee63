"""Threads for loading and unloading voices."""

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from wyoming_piper_serial.exceptions import PiperSerialError, VoiceFileError, VoiceLoadTimeout
from wyoming_piper_serial.model.device import trim_heap
from wyoming_piper_serial.model.protocols import Voice
from wyoming_piper_serial.voices.catalogue import VoiceEntry, VoiceKey

_LOGGER = logging.getLogger(__name__)

# Maximum number of simultaneous loads for requests. Two are enough to load a voice while another load is slow. More
# simultaneous loads would slow down speech.
_LOADS_AT_ONCE = 2

# The reference count of an unloaded voice is checked up to _UNLOAD_LOOKS times, with a pause of _UNLOAD_PAUSE seconds
# between checks.
_UNLOAD_LOOKS = 500
_UNLOAD_PAUSE = 0.01

Instances = tuple[Voice, ...]
"""The copies of one voice, one for each worker thread."""

Loader = Callable[[VoiceEntry], Instances]
"""Loads a voice. Called in a thread, because it may take seconds. Raises VoiceFileError or SettingsError."""


class VoiceThreads:
    """Loads and unloads voices in threads, so that the event loop is not blocked."""

    def __init__(self, load: Loader, *, timeout: float = 0.0) -> None:
        """`timeout` is the maximum duration of each load in seconds, including the wait for a free thread; 0 means no
        limit."""
        self._load = load
        self._timeout = timeout
        self._executor = _loaders()
        # Preloading and unloading use separate threads, so that a load for a request does not wait for preloads or
        # unloads.
        self._preloader = _preloaders()
        self._unloader = ThreadPoolExecutor(1, thread_name_prefix="unloader")
        self._hung: set[VoiceKey] = set()  # keys of voices whose load has timed out but has not returned
        self._closed = threading.Event()

    async def load(self, entry: VoiceEntry, *, preload: bool) -> Instances:
        """Loads a voice in a thread. Raises VoiceLoadTimeout, or VoiceFileError if `load` raises an error."""
        if entry.key in self._hung:
            raise VoiceLoadTimeout(entry.voice, self._timeout)
        executor = self._preloader if preload else self._executor
        work = executor.submit(self._load, entry)
        loading = asyncio.wrap_future(work)
        done, _ = await asyncio.wait({loading}, timeout=self._timeout or None)
        if not done:
            if not work.cancel():  # a load that has not started is cancelled and can be retried
                self._give_up(executor, entry, loading)
            raise VoiceLoadTimeout(entry.voice, self._timeout)
        try:
            return loading.result()
        except VoiceFileError:
            raise
        except Exception as error:
            reason = str(error) if isinstance(error, PiperSerialError) else repr(error)
            raise VoiceFileError(entry.voice, reason) from error

    def unload(self, instances: Instances) -> None:
        """Frees the memory of a voice as soon as the voice is no longer used. A thread frees the memory, because this
        takes 10 ms or more."""
        if self._closed.is_set():
            return
        try:
            self._unloader.submit(_unload, [instances], self._closed)
        except RuntimeError as error:  # not passed on, because the caller may be the engine or another request
            _LOGGER.warning("No thread can be started to unload a voice (%s)", error)

    def wait_unloaded(self) -> None:
        """Blocks until all voices that were passed to `unload` have been freed. `unload` must not be called
        afterwards."""
        self._unloader.shutdown()

    def close(self) -> None:
        """Stops the threads that load and unload voices, without waiting for a load that is running."""
        self._closed.set()
        for executor in (self._executor, self._preloader, self._unloader):
            executor.shutdown(wait=False, cancel_futures=True)

    def _give_up(self, executor: ThreadPoolExecutor, entry: VoiceEntry, loading: "asyncio.Future[Instances]") -> None:
        """Abandons the thread in which a load hangs, and starts new threads for other voices.

        The voice is not loaded again until the hanging load returns, so at most one thread hangs per voice.
        """
        _LOGGER.error("Voice %s: loading did not finish within %gs", entry.voice, self._timeout)
        if executor is self._executor:
            self._executor = _loaders()
        elif executor is self._preloader:
            self._preloader = _preloaders()
        executor.shutdown(wait=False)
        self._hung.add(entry.key)
        loading.add_done_callback(partial(self._came_back, entry))

    def _came_back(self, entry: VoiceEntry, loading: "asyncio.Future[Instances]") -> None:
        self._hung.discard(entry.key)
        if not loading.cancelled() and loading.exception() is None:
            self.unload(loading.result())


def _loaders() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_LOADS_AT_ONCE, thread_name_prefix="loader")


def _preloaders() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="preloader")


def _unload(unloaded: list[Instances], closed: threading.Event) -> None:
    """Drops this thread's reference to an unloaded voice.

    Before that, waits up to 5 seconds until all other references have been dropped, so that this is the last one and
    freeing the voice's memory does not block the event loop. Code in the event loop, or a step that is about to return,
    may briefly hold a reference.
    """
    unused = _references([(object(),) * len(unloaded[0])])
    for _ in range(_UNLOAD_LOOKS):
        if _references(unloaded) <= unused or closed.wait(_UNLOAD_PAUSE):
            break
    unloaded.clear()
    trim_heap()


def _references(holder: Sequence[tuple[object, ...]]) -> int:
    """Returns the total number of references to a voice, the only item of `holder`, and to the instances in the
    voice."""
    return sys.getrefcount(holder[0]) + sum(sys.getrefcount(instance) for instance in holder[0])
