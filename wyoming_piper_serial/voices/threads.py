"""The threads in which voices are loaded and unloaded."""

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

_LOADS_AT_ONCE = 2  # one slow load does not delay a second voice; more loads would take the cores from speech

# An unloaded voice that is still used somewhere is looked at so many times, so many seconds apart.
_UNLOAD_LOOKS = 500
_UNLOAD_PAUSE = 0.01

Instances = tuple[Voice, ...]
"""Copies of one voice, each with a lock of its own."""

Loader = Callable[[VoiceEntry], Instances]
"""Loads a voice. Runs in a thread and may take seconds. Raises VoiceFileError."""


class VoiceThreads:
    """Loads and unloads voices for tasks of the event loop."""

    def __init__(self, load: Loader, *, timeout: float = 0.0) -> None:
        """`timeout` of a load is in seconds; 0 means no limit."""
        self._load = load
        self._timeout = timeout
        self._executor = _loaders()
        # Separate threads, so that a request's load waits neither for a preload nor for an unload.
        self._preloader = _preloaders()
        self._unloader = ThreadPoolExecutor(1, thread_name_prefix="unloader")
        self._hung: set[VoiceKey] = set()  # voices whose load was given up, and whose thread has not come back
        self._closed = threading.Event()

    async def load(self, entry: VoiceEntry, *, preload: bool) -> Instances:
        """Load a voice. Raises VoiceFileError and VoiceLoadTimeout."""
        if entry.key in self._hung:
            raise VoiceLoadTimeout(entry.voice, self._timeout)
        executor = self._preloader if preload else self._executor
        work = executor.submit(self._load, entry)
        loading = asyncio.wrap_future(work)
        done, _ = await asyncio.wait({loading}, timeout=self._timeout or None)
        if not done:
            if not work.cancel():  # a load that has not begun leaves its queue, and can be tried again
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
        """Free the memory of a voice as soon as nobody else uses it, which takes 10 ms and more."""
        if not self._closed.is_set():
            self._unloader.submit(_unload, [instances], self._closed)

    def wait_unloaded(self) -> None:
        """Block until all voices are unloaded. Nothing can be unloaded afterwards."""
        self._unloader.shutdown()

    def close(self) -> None:
        """Load and unload no further voices."""
        self._closed.set()
        for executor in (self._executor, self._preloader, self._unloader):
            executor.shutdown(wait=False, cancel_futures=True)

    def _give_up(self, executor: ThreadPoolExecutor, entry: VoiceEntry, loading: "asyncio.Future[Instances]") -> None:
        """Leave a load that does not come back to its thread, and load other voices in new threads. The voice is not
        tried again before the thread has come back, so there is one such thread for a voice."""
        _LOGGER.error("Voice %s: its load has not come back within %gs", entry.voice, self._timeout)
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
    """Drop the last reference to a voice in this thread, not on the event loop: frames of the loop, and a step that is
    about to return, may have one for a moment."""
    unused = _references([(object(),) * len(unloaded[0])])
    for _ in range(_UNLOAD_LOOKS):
        if _references(unloaded) <= unused or closed.wait(_UNLOAD_PAUSE):
            break
    unloaded.clear()
    trim_heap()


def _references(holder: Sequence[tuple[object, ...]]) -> int:
    """Returns the number of references to the only item of `holder`, and to its instances."""
    return sys.getrefcount(holder[0]) + sum(sys.getrefcount(instance) for instance in holder[0])
