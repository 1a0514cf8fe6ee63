"""Loads voices on demand, and unloads them when other voices need the memory."""

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from wyoming_piper_serial.exceptions import (
    PiperSerialError,
    QueueTimeout,
    ShuttingDown,
    VoiceFileError,
    VoiceLoadTimeout,
)
from wyoming_piper_serial.settings import MEBIBYTE
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.voices.catalogue import VoiceEntry, VoiceKey
from wyoming_piper_serial.voices.failures import LoadFailures, VoiceState
from wyoming_piper_serial.voices.threads import Instances as Instances
from wyoming_piper_serial.voices.threads import Loader as Loader
from wyoming_piper_serial.voices.threads import VoiceThreads

_LOGGER = logging.getLogger(__name__)

_TRY_SECONDS = 120.0  # Maximum seconds to load an uploaded voice for its check, including the wait for room.
_IDLE_PERIOD = 1.0  # seconds between two checks for idle voices


@dataclass(eq=False)
class _Place:
    """A voice that is in memory or is being loaded."""

    loading: "asyncio.Task[Instances]"
    size: int
    """Estimated memory in bytes."""

    used: float
    """Time on the pool's clock at which the load began, or of the last lease or release."""

    users: int = 0
    """Number of requests that use the voice or wait for it to load."""

    @property
    def spare(self) -> bool:
        """Whether the voice is loaded and is not used by any request."""
        return self.users == 0 and self.loading.done()


@dataclass(eq=False)
class _Waiter:
    """A request that is waiting until there is room in memory for its voice."""

    entry: VoiceEntry
    place: "asyncio.Future[_Place]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class VoiceLease:
    """A claim on a voice in the pool. The voice stays in memory until `release` is called."""

    def __init__(self, place: _Place, give_back: Callable[[_Place], None]) -> None:
        self._place: _Place | None = place
        self._give_back = give_back

    @property
    def loading(self) -> "asyncio.Task[Instances]":
        """The task that loads the voice. Raises RuntimeError after `release`."""
        if self._place is None:
            raise RuntimeError("the voice has been released")
        return self._place.loading

    @property
    def instances(self) -> Instances:
        """The loaded voice. Raises RuntimeError after `release`."""
        return self.loading.result()

    def release(self) -> None:
        """Allows the pool to unload the voice. A second call does nothing."""
        place, self._place = self._place, None
        if place is not None:
            self._give_back(place)


class VoicePool:
    """The voices in memory. Voices are loaded in threads. The pool must be used in the event loop.

    A voice is unloaded when another voice needs its memory, when it has been idle for too long, or when a newer version
    of it is loaded. To make room, the pool unloads the least recently used voices first, and the resident voice last. A
    voice that is in use or being loaded is never unloaded. Waiting requests take precedence over preloads. Requests for
    voices that are in memory or being loaded are served first, followed by other requests in order of arrival.
    """

    def __init__(  # noqa: PLR0913 -- independent arguments, of which only one is positional
        self,
        load: Loader,
        *,
        max_voices: int,
        max_memory: int | None = None,
        idle_unload: float = 0.0,
        load_timeout: float = 0.0,
        resident: str | None = None,
        memory_of: Callable[[VoiceEntry], int] = lambda _: 0,
        shutdown: Stage | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`max_memory` is in bytes; `None` means no limit. `memory_of` returns the number of bytes that a voice needs,
        and must not block. `idle_unload` is in seconds; 0 means never. The voice named `resident` is exempt from
        `idle_unload`. `load_timeout` is in seconds; 0 means no limit."""
        self._threads = VoiceThreads(load, timeout=load_timeout)
        self._max_voices = max_voices
        self._max_memory = max_memory
        self._idle_unload = idle_unload
        self.resident = resident
        """Name of the voice that is unloaded last to make room, and never because it is idle. `None` means no voice."""

        self.failures = LoadFailures()
        """The voices that could not be loaded."""

        self._memory_of = memory_of
        self._shutdown = shutdown or Stage()
        self._clock = clock
        self._places: OrderedDict[VoiceKey, _Place] = OrderedDict()  # least recently used first
        self._waiters: list[_Waiter] = []
        self._changed = asyncio.Event()
        self._warned: set[str] = set()
        # By voice name, the key whose load began last, if it is still in `_places`.
        self._newest: dict[str, VoiceKey] = {}
        self._shutdown.on_begin(self._refuse_waiters)

    def __repr__(self) -> str:
        places = ", ".join(f"{name}: {place.users}" for (name, _), place in self._places.items())
        return f"<VoicePool {{{places}}} waiting: {[waiter.entry.voice for waiter in self._waiters]}>"

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of the voices in memory, least recently used first."""
        return tuple(dict.fromkeys(name for (name, _), place in self._places.items() if place.loading.done()))

    def states(self) -> Mapping[VoiceKey, VoiceState]:
        """Returns the state of each voice that is in memory, is being loaded or could not be loaded."""
        return self.failures.states() | {
            key: VoiceState("loaded" if place.loading.done() else "loading") for key, place in self._places.items()
        }

    @property
    def memory(self) -> int:
        """Estimated memory in bytes of all voices that are loaded or being loaded."""
        return sum(place.size for place in self._places.values())

    @contextlib.asynccontextmanager
    async def acquire(self, entry: VoiceEntry, *, deadline: float | None = None) -> AsyncIterator[Instances]:
        """Yields the loaded instances of the voice `entry`, and keeps the voice in memory until the context exits (see
        `lease`)."""
        lease = await self.lease(entry, deadline=deadline)
        try:
            yield lease.instances
        finally:
            lease.release()

    async def lease(self, entry: VoiceEntry, *, deadline: float | None = None) -> VoiceLease:
        """Loads the voice `entry` if necessary, and returns a lease for it. The caller must release the lease.

        If the voice is already being loaded, waits until it is loaded. If there is no room in memory because all loaded
        voices are in use, waits for room. `deadline` is a time on the event loop's clock; `None` means no deadline.

        Raises VoiceFileError if the voice cannot be loaded (the next request tries again), VoiceLoadTimeout if loading
        takes too long, QueueTimeout at the deadline, or ShuttingDown if the voice is not loaded when the shutdown
        begins.
        """
        begin = self._clock()
        try:
            async with asyncio.timeout_at(deadline):
                return await self._loaded_lease(VoiceLease(await self._place(entry), self._release))
        except TimeoutError:
            seconds = self._clock() - begin
            raise QueueTimeout(
                f"The voice could not be loaded within {seconds:.0f} seconds; please try again in a moment."
            ) from None

    async def try_voice(self, entry: VoiceEntry) -> None:
        """Loads a voice to check whether loading succeeds. Raises the same errors as `lease`."""
        async with self.acquire(entry, deadline=asyncio.get_running_loop().time() + _TRY_SECONDS):
            pass

    async def preload(self, entries: Iterable[VoiceEntry]) -> None:
        """Loads voices one after another, before they are requested. Starts each load only when no voice is in use or
        being loaded.

        Skips a voice if there is no room in memory, because a preload must not unload other voices. Logs a warning for
        each failed load.
        """
        skipped = []
        for entry in entries:
            while self._waiters or not all(place.spare for place in self._places.values()):
                self._changed.clear()
                await self._changed.wait()
            if entry.key in self._places:
                continue
            await asyncio.sleep(0)  # Let other tasks run, because this `for` loop may skip hundreds of voices in a row.
            size = self._memory_of(entry)
            if self._to_drop(size) != []:
                skipped.append(entry.voice)
                continue
            place = self._begin(entry, size, preload=True)
            # When memory is needed, a preloaded voice is unloaded before any requested voice or earlier preload.
            self._places.move_to_end(entry.key, last=False)
            try:
                await asyncio.shield(place.loading)
            except VoiceFileError as error:
                _LOGGER.warning("Voice %s cannot be loaded: %s", error.voice, error.detail)
            except VoiceLoadTimeout as error:
                _LOGGER.warning("%s", error)
        if skipped:
            _LOGGER.warning("Not preloaded because of --max-voices or --max-memory: %s", ", ".join(skipped))

    async def run(self) -> None:
        """Unloads idle voices until cancelled."""
        while True:
            await asyncio.sleep(_IDLE_PERIOD)
            self.expire()

    def expire(self) -> None:
        """Unloads the voices that have not been used for `idle_unload` seconds, except the resident voice."""
        if not self._idle_unload:
            return
        oldest = self._clock() - self._idle_unload
        for key, place in list(self._places.items()):
            if place.spare and place.used <= oldest and key[0] != self.resident:
                self._drop(key, "idle")

    def close(self) -> None:
        """Stops the threads that load and unload voices, without waiting for a load that is running."""
        self._threads.close()

    def _refuse_waiters(self) -> None:
        """Raises ShuttingDown in all waiting requests. Called when the shutdown begins."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.place.done():  # the deadline of the request may have passed in the same event loop iteration
                waiter.place.set_exception(ShuttingDown())

    async def _loaded_lease(self, lease: VoiceLease) -> VoiceLease:
        """Waits until the voice of `lease` is loaded, and returns `lease`.

        If loading fails, releases `lease` and raises a copy of the error for this caller.
        """
        try:
            if not lease.loading.done():
                # The shield prevents a cancelled request from cancelling the load for other requests.
                await self._shutdown.unless_begun(asyncio.shield(lease.loading))
            lease.loading.result()
        except BaseException as error:
            lease.release()
            if isinstance(error, PiperSerialError):
                raise error.copy() from error
            raise
        return lease

    async def _place(self, entry: VoiceEntry) -> _Place:
        """Returns the place of the voice `entry` in memory, after waiting for room if necessary. Counts the caller as a
        user of the voice. Raises ShuttingDown."""
        place = self._places.get(entry.key)
        if place is not None:
            self._use(entry, place)
            return place
        self._shutdown.check()
        waiter = _Waiter(entry)
        self._waiters.append(waiter)
        self._serve_waiters()
        try:
            return await waiter.place
        except asyncio.CancelledError:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
                self._serve_waiters()
            elif not waiter.place.cancelled() and waiter.place.exception() is None:
                self._release(waiter.place.result())
            raise

    def _use(self, entry: VoiceEntry, place: _Place) -> None:
        place.users += 1
        place.used = self._clock()
        self._places.move_to_end(entry.key)

    def _release(self, place: _Place) -> None:
        place.users -= 1
        place.used = self._clock()
        self._drop_outdated()
        self._serve_waiters()

    def _drop_outdated(self) -> None:
        """Unloads each unused voice of which a newer version has been requested."""
        for key, place in list(self._places.items()):
            if place.spare and self._newest.get(key[0]) != key:
                self._drop(key, "its files have changed")

    def _serve_waiters(self) -> None:
        """Serves waiting requests: first those whose voice is already in memory, then the others in order of arrival,
        until there is no room for the next voice.

        Only the first waiting request may cause other voices to be unloaded. Otherwise, later requests could overtake
        it again and again.
        """
        # A cancelled request stays in this list until its task runs.
        self._waiters = [waiter for waiter in self._waiters if not waiter.place.done()]
        while self._waiters:
            in_memory = (waiter for waiter in self._waiters if waiter.entry.key in self._places)
            waiter = next(in_memory, self._waiters[0])
            place = self._places.get(waiter.entry.key) or self._make_place(waiter.entry)
            if place is None:
                break
            self._waiters.remove(waiter)
            # Count the request as a user of the voice now. Otherwise, the voice could be unloaded before the request's
            # task runs.
            self._use(waiter.entry, place)
            waiter.place.set_result(place)
        self._changed.set()

    def _make_place(self, entry: VoiceEntry) -> _Place | None:
        """Starts to load the voice `entry`. If necessary, first unloads voices that are not in use.

        Returns `None` if there would not be enough room even without all unused voices.
        """
        size = self._memory_of(entry)
        keys = self._to_drop(size)
        if keys is None:
            return None
        for key in keys:
            self._drop(key, "to make room")
        if self._max_memory is not None and size > self._max_memory and entry.voice not in self._warned:
            self._warned.add(entry.voice)
            _LOGGER.warning(
                "Voice %s takes about %d MB, more than --max-memory allows; it is loaded only if no other voice is in "
                "memory.",
                entry.voice,
                size // MEBIBYTE,
            )
        return self._begin(entry, size, preload=False)

    def _to_drop(self, size: int) -> list[VoiceKey] | None:
        """Returns the voices that must be unloaded to make room for a voice of `size` bytes, or `None` if not enough
        room can be made.

        If no other voice is in memory, a voice of any size is allowed, because the default voice must always be usable.
        """
        count, memory = len(self._places), self.memory
        spares = [(key, place.size) for key, place in self._places.items() if place.spare]
        spare = iter(sorted(spares, key=lambda one: one[0][0] == self.resident))
        keys: list[VoiceKey] = []
        while count and (
            count >= self._max_voices or (self._max_memory is not None and memory + size > self._max_memory)
        ):
            key, freed = next(spare, (None, 0))
            if key is None:
                return None
            keys.append(key)
            count, memory = count - 1, memory - freed
        return keys

    def _begin(self, entry: VoiceEntry, size: int, *, preload: bool) -> _Place:
        loading = asyncio.create_task(self._load_in(entry, preload=preload))
        loading.add_done_callback(self._loaded)
        place = self._places[entry.key] = _Place(loading, size, self._clock())
        self._newest[entry.voice] = entry.key
        self._drop_outdated()
        return place

    def _loaded(self, task: "asyncio.Task[Instances]") -> None:
        """Called when a load has ended. Gives waiting requests room in memory, because the loaded voice can be unloaded
        if all requests for it have been cancelled."""
        if not task.cancelled():
            task.exception()  # marks the exception as retrieved, because all requests may have been cancelled
        self._serve_waiters()

    def _drop(self, key: VoiceKey, reason: str) -> None:
        """Unloads the voice with the given key, and logs `reason`."""
        _LOGGER.info("Voice %s unloaded: %s", key[0], reason)
        self._threads.unload(self._remove(key).loading.result())

    def _remove(self, key: VoiceKey) -> _Place:
        if self._newest.get(key[0]) == key:
            del self._newest[key[0]]
        return self._places.pop(key)

    async def _load_in(self, entry: VoiceEntry, *, preload: bool) -> Instances:
        try:
            loaded = await self._threads.load(entry, preload=preload)
        except Exception as error:
            self._remove(entry.key)
            self.failures.add(entry.key, error)
            raise
        self.failures.remove(entry.voice)
        return loaded
