"""Who gets the next step, and how large it is. Pure: everything it needs to know is given.

A *playing* utterance has a deadline: the instant at which a listener who started at the first audio
runs dry. A *waiting* one has not been heard yet; it wants to start now. The rule (`deadline`):

1. The first in the queue of the waiting starts, if afterwards every playing listener, and it too,
   can be fed in time.
2. Otherwise the playing one that runs dry first is fed.

Whether all can be fed is the processor demand criterion of earliest-deadline-first scheduling
(Baruah, Rosier, Howell 1990): at no instant ahead may the work that is due by then exceed the time
until then. The classic rule (`fifo`) gives the voice to the oldest until it is done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.settings import Priority

_FIRST_CHUNK = 20  # frames: 0.23 s of sound at a hop of 256 and 22,050 Hz
_CROWDED_FIRST_CHUNK = 40  # for who is not alone: more to wait with until the voice comes back
_URGENT_CHUNK = 40  # what must be there at a deadline, so that the listener goes on
_CROWDED_CHUNK = 96  # while others wait: smaller ones cost more in all, larger ones make them wait
_LARGEST_CHUNK = 160  # of a chunk this long the repeated margins are a tenth; a newcomer waits for its end
_CHUNKS = (_FIRST_CHUNK, _URGENT_CHUNK, 64, _CROWDED_CHUNK, _LARGEST_CHUNK)

# A usual sentence, in characters and seconds: later ones have to be encoded, too.
_SENTENCE = 100
_SENTENCE_SECONDS = 5.0

# Seconds before a deadline at which the audio should be there when another is started: a shared or hot
# machine is half as fast from one moment to the next. Who has just been started has not that much in
# hand, and needs only the time of the way.
_GUARD = 0.4
_NEWCOMERS_GUARD = 0.05

# Short answers go a little ahead of long texts: a second of speech counts as come that much later, up
# to a bound. It lowers the typical wait; the long text, whose encoding takes longest, loses little.
_HANDICAP = 0.2  # seconds
_MOST_HANDICAP = 3.0

# How many seconds sooner a waiting utterance of each priority is taken to have come. High goes before
# every normal one that has not waited twenty seconds longer; low goes, at the latest, before those that
# came half a minute after it, so it never waits for good.
_HEAD_START = {Priority.HIGH: 30.0, Priority.NORMAL: 10.0, Priority.LOW: 0.0}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What the decision needs to know of an utterance that can take a step."""

    number: int
    """Rises in order of arrival."""

    voice: str
    priority: Priority = Priority.NORMAL
    since: float
    """When it began to wait."""

    deadline: float | None
    """When its listener runs dry; `None` before the first audio."""

    encode: int
    """Characters of the sentence that must be encoded first; 0 in mid-sentence."""

    frames: int
    """Frames left of the sentence; 0 before it is encoded."""

    chunks: int
    """Chunks made of the sentence."""

    frame_seconds: float
    rest: float
    """Seconds of audio that are still to be made of the text that is there; an estimate."""

    ready: bool = True
    """Has room for more audio. One whose listener has enough gets no step, but will want some later."""

    exact: bool = False
    """Chunks are cut at fixed places, whoever waits: the same request makes the same bytes."""


@dataclass(frozen=True)
class Step:
    """One step of an utterance."""

    number: int
    frames: int | None = None
    """To decode; `None` to encode the next sentence."""


def choose(candidates: Iterable[Candidate], now: float, costs: StepCosts) -> Step | None:
    """By deadline. `turns` are those that have text to speak."""
    playing: list[Candidate] = []
    waiting: list[Candidate] = []
    for candidate in candidates:
        (waiting if candidate.deadline is None else playing).append(candidate)
    hungry = [candidate for candidate in playing if candidate.ready]
    if waiting:
        first = min(waiting, key=_queue_order)
        step = _first_step(first, alone=not playing and len(waiting) == 1)
        if not hungry or _may_start(first, step, playing, now, costs):
            return step
    if not hungry:
        return None
    urgent = min(hungry, key=lambda candidate: (candidate.deadline, candidate.number))
    return _feeding_step(urgent, hungry, now, costs, crowded=bool(waiting))


def choose_fifo(candidates: Iterable[Candidate]) -> Step | None:
    """The oldest, until it is done; chunks as they are cut for one listener."""
    oldest = min(
        (candidate for candidate in candidates if candidate.ready), key=lambda candidate: candidate.number, default=None
    )
    return None if oldest is None else _step(oldest, chunk_frames(oldest.chunks))


def _queue_order(candidate: Candidate) -> tuple[float, int]:
    """Who of the waiting comes first: the oldest, with a head start by priority and brevity."""
    return candidate.since - _HEAD_START[candidate.priority] + min(
        _HANDICAP * candidate.rest, _MOST_HANDICAP
    ), candidate.number


def chunk_frames(chunks: int) -> int:
    """Frames of the next chunk of a sentence after `chunks`, with nobody else to think of.

    The first is small, for the sake of the first sound. Each later one takes less time than the sound
    before it lasts, where speech is made at least twice as fast as it is heard.
    """
    return _CHUNKS[min(chunks, len(_CHUNKS) - 1)]


def _may_start(first: Candidate, step: Step, playing: Sequence[Candidate], now: float, costs: StepCosts) -> bool:
    """Whether nobody runs dry if `first` takes `step` now and is played from its first audio on."""
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
    """Work for one listener: `at_once` seconds by `start`, then `rate` seconds a second until `end`."""

    start: float
    at_once: float
    rate: float
    end: float


def _demand(candidate: Candidate, encode: int, start: float, rest: float, costs: StepCosts) -> _Demand:
    """That of a listener who has enough until `start`, with `rest` seconds still to be made."""
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
    """Whether all work can be done in time after a `delay`; times are seconds from now.

    The work due by t, less t, is largest where work falls due at once or where a listener's end comes:
    only there it is looked at.
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


def _feeding_step(
    candidate: Candidate, playing: Sequence[Candidate], now: float, costs: StepCosts, *, crowded: bool
) -> Step:
    """The largest chunk that suits the listener's buffer and makes no other listener run dry.

    Who is late already gets one that is worth its cost, or the voice would never catch up.
    """
    if candidate.exact or candidate.encode:
        return _step(candidate, chunk_frames(candidate.chunks))
    if crowded:
        largest, time_left = _CROWDED_CHUNK, (candidate.deadline or now) - now
    else:
        # Half of the time left: the other half is for whoever comes meanwhile.
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
