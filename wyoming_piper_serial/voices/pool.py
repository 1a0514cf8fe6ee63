"""Voices in memory."""

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from wyoming_piper_serial.exceptions import PiperSerialError, QueueTimeout, ShuttingDown, VoiceFileError
from wyoming_piper_serial.model.memory import hand_back
from wyoming_piper_serial.model.voice import Voice
from wyoming_piper_serial.voices.catalogue import VoiceEntry, VoiceKey

_LOGGER = logging.getLogger(__name__)

_LOADS_AT_ONCE = 2  # a slow disk does not hold up a second voice; more would fight with speech for the cores
_IDLE_PERIOD = 1.0  # seconds between two looks at who has been idle for too long
_MEBIBYTE = 1 << 20

Instances = tuple[Voice, ...]
"""Copies of one voice, each with a lock of its own."""

Loader = Callable[[VoiceEntry], Instances]
"""Loads a voice; runs in a thread, may take seconds, raises VoiceFileError."""


@dataclass(eq=False)
class _Place:
    """One of the places for voices in memory, from the begin of the load on."""

    loading: "asyncio.Task[Instances]"
    size: int
    """Bytes, as estimated."""

    used: float
    """When it was last lent or given back."""

    users: int = 0

    @property
    def spare(self) -> bool:
        """Nobody speaks with it or waits for it, and it is loaded."""
        return self.users == 0 and self.loading.done()


@dataclass(eq=False)
class _Waiter:
    """One who waits for a place."""

    entry: VoiceEntry
    place: "asyncio.Future[_Place]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class VoicePool:
    """Voices in memory. Lives on the event loop; loads in threads.

    A voice keeps its place until another needs the room: the least recently used goes first, never one that
    is lent or loading. Those who wait for a place get it in the order they came, and before any preload.
    """

    def __init__(  # noqa: PLR0913 -- each is its own, and has a name
        self,
        load: Loader,
        *,
        max_voices: int,
        max_memory: int | None = None,
        idle_unload: float = 0.0,
        queue_timeout: float = 0.0,
        resident: str | None = None,
        memory_of: Callable[[VoiceEntry], int] = lambda _: 0,
        refused: Callable[[str], object] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`max_memory` in bytes, as `memory_of`, which must be quick; `None` for no bound. Seconds of 0 are for ever.

        The voice called `resident` is not unloaded for being idle. `refused` is told the code when somebody
        has waited for longer than `queue_timeout`.
        """
        self._load = load
        self._max_voices = max_voices
        self._max_memory = max_memory
        self._idle_unload = idle_unload
        self._queue_timeout = queue_timeout
        self._resident = resident
        self._memory_of = memory_of
        self._refused = refused
        self._clock = clock
        self._places: OrderedDict[VoiceKey, _Place] = OrderedDict()  # least recently used first
        self._line: list[_Waiter] = []
        self._changed = asyncio.Event()
        self._warned: set[str] = set()
        self._newest: dict[str, VoiceKey] = {}  # of each voice, the one that was asked for last
        self._waits: set[asyncio.Timeout] = set()
        self._draining = False
        self._thread = ThreadPoolExecutor(_LOADS_AT_ONCE, thread_name_prefix="loader")
        # Of their own, so that neither a preload nor an unload keeps a request's load waiting.
        self._preloader = ThreadPoolExecutor(1, thread_name_prefix="preloader")
        self._unloader = ThreadPoolExecutor(1, thread_name_prefix="unloader")

    def __repr__(self) -> str:
        places = ", ".join(f"{name}: {place.users}" for (name, _), place in self._places.items())
        return f"<VoicePool {{{places}}} waiting: {[waiter.entry.voice for waiter in self._line]}>"

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of the voices in memory, least recently used first."""
        return tuple(dict.fromkeys(name for (name, _), place in self._places.items() if place.loading.done()))

    @property
    def memory(self) -> int:
        """Bytes that the voices in memory, and those that load, take by estimate."""
        return sum(place.size for place in self._places.values())

    @contextlib.asynccontextmanager
    async def acquire(self, entry: VoiceEntry, *, patient: bool = False) -> AsyncIterator[Instances]:
        """The loaded instances of `entry`, kept in memory while inside.

        Whoever asks while it loads waits for that load. Where every place is taken by a voice in use,
        waits until one is free. Raises VoiceFileError (the next to ask tries again), and QueueTimeout after
        `queue_timeout` without the voice, unless `patient`.
        """
        async with contextlib.AsyncExitStack() as stack:
            timeout = asyncio.timeout(None if patient else self._queue_timeout or None)
            try:
                async with timeout:
                    self._waits.add(timeout)
                    place = await self._place(entry)
                    stack.callback(self._give_back, place)
                    # One who gives up must not cancel the load for the others.
                    instances = await asyncio.shield(place.loading)
            except TimeoutError:
                if self._draining:
                    raise ShuttingDown from None
                error = QueueTimeout(
                    f"The voice was not in memory within {self._queue_timeout:g} seconds; please try again in a moment."
                )
                self._refused(error.code)
                raise error from None
            finally:
                self._waits.discard(timeout)
            yield instances

    async def preload(self, entries: Iterable[VoiceEntry]) -> None:
        """Load voices one after the other, each in a moment in which nobody speaks, loads or waits.

        Nothing is dropped for them: those that find no room are left out. One warning for each that fails.
        """
        left = []
        for entry in entries:
            while self._line or not all(place.spare for place in self._places.values()):
                self._changed.clear()
                await self._changed.wait()
            if entry.key in self._places:
                continue
            await asyncio.sleep(0)  # hundreds may have no room
            size = self._memory_of(entry)
            if self._to_drop(size) != []:
                left.append(entry.voice)
                continue
            place = self._begin(entry, size, self._preloader)
            # Whatever is asked for is worth more, and so is what was named before.
            self._places.move_to_end(entry.key, last=False)
            try:
                await asyncio.shield(place.loading)
            except VoiceFileError as error:
                _LOGGER.warning("Voice %s cannot be loaded: %s", error.voice, error.detail)
        if left:
            _LOGGER.warning("Not preloaded, as --max-voices or --max-memory has no room: %s", ", ".join(left))

    async def run(self) -> None:
        """Unload idle voices until cancelled."""
        while True:
            await asyncio.sleep(_IDLE_PERIOD)
            self.expire()

    def expire(self) -> None:
        """Unload the voices that nobody has used for `idle_unload` seconds."""
        if not self._idle_unload:
            return
        oldest = self._clock() - self._idle_unload
        for key, place in list(self._places.items()):
            if place.spare and place.used <= oldest and key[0] != self._resident:
                self._drop(key, "nobody has used it lately")

    def drain(self) -> None:
        """The server is ending: those who wait for a voice are told so, and nobody need wait any more."""
        self._draining = True
        for wait in self._waits:
            wait.reschedule(asyncio.get_running_loop().time())

    def close(self) -> None:
        """Load nothing more."""
        for thread in (self._thread, self._preloader, self._unloader):
            thread.shutdown(wait=False, cancel_futures=True)

    async def _place(self, entry: VoiceEntry) -> _Place:
        """The place of `entry`, with the caller among its users."""
        place = self._places.get(entry.key)
        if place is None:
            waiter = _Waiter(entry)
            self._line.append(waiter)
            self._serve_line()
            try:
                place = await waiter.place
            except asyncio.CancelledError:
                if waiter in self._line:
                    self._line.remove(waiter)
                    self._serve_line()
                else:
                    self._give_back(waiter.place.result())
                raise
        else:
            self._use(entry, place)
        return place

    def _use(self, entry: VoiceEntry, place: _Place) -> None:
        place.users += 1
        place.used = self._clock()
        self._places.move_to_end(entry.key)

    def _give_back(self, place: _Place) -> None:
        place.users -= 1
        place.used = self._clock()
        self._drop_outdated()
        self._serve_line()

    def _drop_outdated(self) -> None:
        """Let go of a voice whose files have changed, once nobody speaks with it and the newer one has a place."""
        for key, place in list(self._places.items()):
            if place.spare and self._newest[key[0]] != key:
                self._drop(key, "its files have changed")

    def _serve_line(self) -> None:
        """Give places to those who wait. Only the first makes room, so that nobody is passed for ever."""
        while self._line:
            at_hand = (waiter for waiter in self._line if waiter.entry.key in self._places)
            waiter = next(at_hand, self._line[0])
            place = self._places.get(waiter.entry.key) or self._make_place(waiter.entry)
            if place is None:
                break
            self._line.remove(waiter)
            # Counted here: before the waiter has its turn, another could have the place.
            self._use(waiter.entry, place)
            waiter.place.set_result(place)
        self._changed.set()

    def _make_place(self, entry: VoiceEntry) -> _Place | None:
        """Begin to load `entry`, in the room of voices that nobody uses if need be; `None` if that is not enough."""
        size = self._memory_of(entry)
        keys = self._to_drop(size)
        if keys is None:
            return None
        for key in keys:
            self._drop(key, "to make room")
        if self._max_memory is not None and size > self._max_memory and entry.voice not in self._warned:
            self._warned.add(entry.voice)
            _LOGGER.warning(
                "Voice %s takes about %d MB, more than --max-memory allows; it is loaded when it is the only one.",
                entry.voice,
                size // _MEBIBYTE,
            )
        return self._begin(entry, size, self._thread)

    def _to_drop(self, size: int) -> list[VoiceKey] | None:
        """Which voices must go so that one of `size` bytes has room; `None` if those that may go are too few.

        Alone it has room in any case: the default voice must speak.
        """
        count, memory = len(self._places), self.memory
        spare = iter([(key, place.size) for key, place in self._places.items() if place.spare])
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

    def _begin(self, entry: VoiceEntry, size: int, thread: ThreadPoolExecutor) -> _Place:
        loading = asyncio.create_task(self._load_in(thread, entry))
        loading.add_done_callback(self._loaded)
        place = self._places[entry.key] = _Place(loading, size, self._clock())
        self._newest[entry.voice] = entry.key
        self._drop_outdated()
        return place

    def _loaded(self, task: "asyncio.Task[Instances]") -> None:
        """Whoever waits for a place may have this one, if those who asked for it have left meanwhile."""
        if not task.cancelled():
            task.exception()  # nobody may be left to hear of it, and then nobody needs to
        self._serve_line()

    def _drop(self, key: VoiceKey, reason: str) -> None:
        """Give back the memory of a voice that nobody uses, in a thread: it takes some 10 ms."""
        places = [self._places.pop(key)]
        _LOGGER.info("Voice %s unloaded: %s", key[0], reason)
        self._unloader.submit(_let_go, places)

    async def _load_in(self, thread: ThreadPoolExecutor, entry: VoiceEntry) -> Instances:
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, self._load, entry)
        except Exception as error:
            del self._places[entry.key]
            raise (
                error if isinstance(error, VoiceFileError) else VoiceFileError(entry.voice, _reason(error))
            ) from error


def _let_go(places: list[_Place]) -> None:
    """Drop the last reference here, not where the list came from."""
    places.clear()
    hand_back()


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, PiperSerialError) else repr(error)
