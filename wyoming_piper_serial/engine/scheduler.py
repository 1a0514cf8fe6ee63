"""Which utterance gets the next step, and how large the step is. Pure: everything that it depends on is an argument.

A *playing* utterance has a deadline: the time at which a listener who started at the first audio has
played all audio that was made. A *waiting* utterance has no audio yet. The rule `deadline` is:

1. The first waiting utterance in queue order starts, if it and all playing utterances can then get
   their audio in time.
2. Otherwise the playing utterance with the earliest deadline gets the step.

Turns belong to clients, not to requests. The queue order determines which priority is next. Of the
requests of this priority, one starts whose client has the fewest in progress, then whose client was
served least recently, then the first in queue order (`_turn`). The playing utterances of a client delay
the start of another client's request for a limited time only. If the voice is too slow for all, the
client with the fewest utterances is fed first.

The check in rule 1 is the processor demand criterion of earliest-deadline-first scheduling (Baruah,
Rosier, Howell 1990). At each deadline, the work that must be done by then, in seconds, must not be
more than the seconds that are left until then. The rule `fifo` gives all steps to the oldest
utterance until it is complete.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.settings import Priority

_FIRST_CHUNK = 20  # frames: 0.23 s of audio at a hop of 256 and 22,050 Hz
_CROWDED_FIRST_CHUNK = 40  # if there are other utterances: the next step comes later, so the audio must last longer
_URGENT_CHUNK = 40  # must be made by a deadline, so that playback continues
_CROWDED_CHUNK = 96  # while others wait: smaller chunks cost more in total, larger ones increase the wait
_LARGEST_CHUNK = 160  # the repeated margins are a tenth of it; a new request waits until it is made
_CHUNKS = (_FIRST_CHUNK, _URGENT_CHUNK, 64, _CROWDED_CHUNK, _LARGEST_CHUNK)

# A usual sentence, in characters and seconds, for the cost of encoding later ones.
_SENTENCE = 100
_SENTENCE_SECONDS = 5.0

# Before another utterance starts, the audio of all must be expected this many seconds before its deadline: a shared
# or hot machine can suddenly be half as fast. The first chunk of the new utterance is shorter than that, so its second
# chunk has a smaller guard, for the transport to the client.
_GUARD = 0.4
_NEWCOMERS_GUARD = 0.05

# Short answers start slightly before long texts: for each second of its speech, an utterance counts as if it had
# arrived this much later, up to a limit. This reduces the typical wait, and a long text waits only slightly longer.
_HANDICAP = 0.2  # seconds
_MOST_HANDICAP = 3.0

# Seconds for which all playing utterances keep a waiting one from starting, if it would make them late. After that only
# as many of each client do as the waiting one's client would have: one client could have the voice for an hour.
_PATIENCE = 5.0

# For each priority, a waiting utterance counts as if it had arrived this many seconds earlier. A high one starts
# before each normal one that has not waited 20 seconds longer. A low one starts before each high one that arrives more
# than 30 seconds after it, so its wait is limited.
_HEAD_START = {Priority.HIGH: 30.0, Priority.NORMAL: 10.0, Priority.LOW: 0.0}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What the decision needs to know of an utterance that has text to speak."""

    number: int
    """Of its request. A request that waits for text or for its voice may get a later place than its number."""

    voice: str
    priority: Priority = Priority.NORMAL
    since: float
    """When it began to wait."""

    deadline: float | None
    """When its listener has played all that was made; `None` before the first audio."""

    encode: int
    """Characters of the sentence that has to be encoded next; 0 in mid-sentence."""

    frames: int
    """Frames left of the sentence; 0 before it is encoded."""

    chunks: int
    """Chunks decoded of the sentence."""

    frame_seconds: float
    rest: float
    """Seconds of audio still to be made of the text that is there; an estimate."""

    ready: bool = True
    """Whether it has room for more audio. One without room gets no step now, but needs steps later."""

    exact: bool = False
    """Whether chunks are cut at fixed places, so that the same request makes the same bytes."""

    client: int = 0
    """Anonymous number of the client that it belongs to."""

    served: float = 0.0
    """Seconds of model runs that the client has had lately."""

    @property
    def begun(self) -> bool:
        """Whether it is in progress: it has audio, or a sentence is encoded."""
        return self.deadline is not None or self.frames > 0


class Reason(Enum):
    """Why a step was chosen; the value is for log lines and traces."""

    ALONE = "no other utterance needs a step"
    START = "starts: all playing ones can get their audio in time"
    START_IDLE = "starts: no playing one needs audio now"
    FEED = "earliest deadline"
    FEED_CROWDED = "earliest deadline: to start the first of the waiting ones now would make a listener late"
    FIFO = "the oldest"


@dataclass(frozen=True)
class Step:
    """One step of an utterance."""

    number: int
    frames: int | None = None
    """To decode; `None` to encode the next sentence."""

    reason: Reason = field(default=Reason.ALONE, compare=False)


def choose(candidates: Iterable[Candidate], now: float, costs: StepCosts) -> Step | None:
    """The next step by deadline; `None` if no candidate can take one."""
    playing: list[Candidate] = []
    waiting: list[Candidate] = []
    for candidate in candidates:
        (waiting if candidate.deadline is None else playing).append(candidate)
    ready = [candidate for candidate in playing if candidate.ready]
    in_progress = Counter(candidate.client for candidate in (*playing, *waiting) if candidate.begun)
    if waiting:
        alone = not playing and len(waiting) == 1
        for first in _heads(waiting, in_progress):
            step = _first_step(first, alone=alone)
            if not ready:
                return replace(step, reason=Reason.ALONE if alone else Reason.START_IDLE)
            if _may_start(first, step, _protected(first, playing, in_progress, now), now, costs):
                return replace(step, reason=Reason.START)
    if not ready:
        return None
    urgent = _most_urgent(ready, in_progress, now)
    step = _next_step(urgent, ready, now, costs, crowded=bool(waiting))
    if waiting:
        return replace(step, reason=Reason.FEED_CROWDED)
    return replace(step, reason=Reason.FEED if len(ready) > 1 else Reason.ALONE)


def choose_fifo(candidates: Iterable[Candidate]) -> Step | None:
    """The next step of the oldest that has begun, until it is done; then the oldest of the client whose turn it is.
    Chunks are cut as for one listener."""
    everyone = list(candidates)
    in_progress = Counter(candidate.client for candidate in everyone if candidate.begun)
    oldest = min(
        (candidate for candidate in everyone if candidate.ready),
        key=lambda candidate: (
            *((False, 0, 0.0) if candidate.begun else _turn(candidate, in_progress)),
            candidate.since,
            candidate.number,
        ),
        default=None,
    )
    return None if oldest is None else replace(_step(oldest, chunk_frames(oldest.chunks)), reason=Reason.FIFO)


def _turn(candidate: Candidate, in_progress: Counter[int]) -> tuple[bool, int, float]:
    """Sort key of clients: those that have begun go on; then the client with the fewest in progress, then the one that
    was served least."""
    if candidate.begun:
        return False, in_progress[candidate.client], 0.0
    return True, in_progress[candidate.client], candidate.served


def _heads(waiting: Sequence[Candidate], in_progress: Counter[int]) -> Sequence[Candidate]:
    """The one that starts next. If its client has many others in progress, a second one follows: it is that of a client
    with fewer, and starts if the first may not.

    The first in queue order says which priority is next; the clients take turns within it.
    """
    priority = min(waiting, key=_queue_order).priority

    def order(candidate: Candidate) -> tuple[float, ...]:
        return *_turn(candidate, in_progress), *_queue_order(candidate)

    queue = [candidate for candidate in waiting if candidate.priority is priority]
    first = min(queue, key=order)

    def others_in_progress(candidate: Candidate) -> int:
        return in_progress[candidate.client] - candidate.begun

    fewer = [candidate for candidate in queue if others_in_progress(candidate) < others_in_progress(first)]
    return [first, min(fewer, key=order)] if fewer else [first]


def _protected(
    first: Candidate, playing: Sequence[Candidate], in_progress: Counter[int], now: float
) -> Sequence[Candidate]:
    """The playing ones that must not be late if `first` starts. See `_PATIENCE`."""
    if now - first.since < _PATIENCE:
        return playing
    own = max(1, in_progress[first.client] + (not first.begun))
    kept: Counter[int] = Counter()
    protected = []
    for candidate in sorted(playing, key=lambda candidate: candidate.number):
        kept[candidate.client] += 1
        if kept[candidate.client] <= own or candidate.client == first.client:
            protected.append(candidate)
    return protected


def _most_urgent(ready: Sequence[Candidate], in_progress: Counter[int], now: float) -> Candidate:
    """The one with the earliest deadline. If that has passed, the voice is too slow for all: of those that are due, the
    one whose client has the fewest in progress."""

    def by_deadline(candidate: Candidate) -> tuple[float, int]:
        return candidate.deadline or now, candidate.number

    earliest, _ = by_deadline(min(ready, key=by_deadline))
    if earliest >= now:
        return min(ready, key=by_deadline)
    due = (candidate for candidate in ready if by_deadline(candidate)[0] < now + _GUARD)
    return min(due, key=lambda candidate: (in_progress[candidate.client], *by_deadline(candidate)))


def _queue_order(candidate: Candidate) -> tuple[float, int]:
    """Sort key of those that wait: time of arrival, corrected by priority and length."""
    return candidate.since - _HEAD_START[candidate.priority] + min(
        _HANDICAP * candidate.rest, _MOST_HANDICAP
    ), candidate.number


def chunk_frames(chunks: int) -> int:
    """Frames of a sentence's next chunk after `chunks` others, for one listener alone.

    The first is small, so that the first audio is early. Each later one takes less time to make than the one
    before takes to play, on a machine that makes speech at least twice as fast as it is played.
    """
    return _CHUNKS[min(chunks, len(_CHUNKS) - 1)]


def _may_start(first: Candidate, step: Step, playing: Sequence[Candidate], now: float, costs: StepCosts) -> bool:
    """Whether no listener has an underrun if `first` takes `step` now and is played from its first audio on."""
    delay = costs.bound(_work(first, step))
    frames = step.frames
    if frames is None:  # the first chunk comes after it
        frames = _CROWDED_FIRST_CHUNK
        delay += costs.bound(Work(first.voice, Kind.DECODE, frames))
    heard = frames * first.frame_seconds
    demands = [
        _demand(candidate, candidate.encode, (candidate.deadline or now) - now - _GUARD, candidate.rest, costs)
        for candidate in playing
    ]
    demands.append(_demand(first, 0, delay + heard - _NEWCOMERS_GUARD, first.rest - heard, costs))
    return _feasible(demands, delay)


@dataclass(frozen=True, slots=True)
class _Demand:
    """Work for one listener: `at_once` seconds of it due at `start`, then `rate` seconds a second until `end`."""

    start: float
    at_once: float
    rate: float
    end: float


def _demand(candidate: Candidate, encode: int, start: float, rest: float, costs: StepCosts) -> _Demand:
    """The work for a listener who has audio until `start`, with `rest` seconds still to be made."""
    if rest <= 0:
        return _Demand(start, 0.0, 0.0, start)
    rate = costs.typical(Work(candidate.voice, Kind.DECODE, _CROWDED_CHUNK)) / (
        _CROWDED_CHUNK * candidate.frame_seconds
    )
    if rest > candidate.frames * candidate.frame_seconds:
        rate += costs.typical(Work(candidate.voice, Kind.ENCODE, _SENTENCE)) / _SENTENCE_SECONDS
    urgent = _URGENT_CHUNK * candidate.frame_seconds
    at_once = costs.typical(Work(candidate.voice, Kind.DECODE, _URGENT_CHUNK)) * min(1.0, rest / urgent)
    if encode:
        at_once += costs.bound(Work(candidate.voice, Kind.ENCODE, encode))
    return _Demand(start, at_once, rate, start + max(0.0, rest - urgent))


def _feasible(demands: Sequence[_Demand], delay: float) -> bool:
    """Whether all work can be done in time after a `delay`. Times are seconds from now.

    The work due by t, less t, is largest where some is due at once and where a demand ends, so it is compared
    only there.
    """
    events = sorted(
        [(demand.start, demand.at_once, demand.rate) for demand in demands]
        + [(demand.end, 0.0, -demand.rate) for demand in demands]
    )
    due, rate, before = delay, 0.0, 0.0
    for when, at_once, change in events:
        due += rate * (when - before) + at_once
        if due > when and (at_once or rate > 1):
            return False
        rate += change
        before = when
    return True


def _first_step(candidate: Candidate, *, alone: bool) -> Step:
    return _step(candidate, chunk_frames(candidate.chunks) if alone or candidate.exact else _CROWDED_FIRST_CHUNK)


def _next_step(
    candidate: Candidate, playing: Sequence[Candidate], now: float, costs: StepCosts, *, crowded: bool
) -> Step:
    """The largest chunk that is made in time for this listener and for every other one that plays.

    If it is too late for any size, the chunk is large enough to be worth its cost: smaller ones would let the voice
    fall further behind.
    """
    if candidate.exact or candidate.encode:
        return _step(candidate, chunk_frames(candidate.chunks))
    if crowded:
        largest, time_left = _CROWDED_CHUNK, (candidate.deadline or now) - now
    else:
        # Half of the time left: the other half is for requests that arrive meanwhile.
        largest, time_left = _LARGEST_CHUNK, (min(other.deadline or now for other in playing) - now) / 2
    fitting = [
        size
        for size in _CHUNKS
        if size <= largest and costs.bound(Work(candidate.voice, Kind.DECODE, size)) <= time_left
    ]
    return _step(candidate, max(fitting, default=_URGENT_CHUNK))


def _step(candidate: Candidate, frames: int) -> Step:
    return Step(candidate.number, None if candidate.encode else min(frames, candidate.frames))


def _work(candidate: Candidate, step: Step) -> Work:
    if step.frames is None:
        return Work(candidate.voice, Kind.ENCODE, candidate.encode)
    return Work(candidate.voice, Kind.DECODE, step.frames)
