"""Decides which utterance gets the next step and how large the step is. Pure: the result depends only on the arguments.

A *playing* utterance has a deadline: the time at which its listener runs out of audio. The listener is assumed to play
the audio as soon as it is released. The audio of a *waiting* utterance has not been released yet. The schedule
`deadline` has two rules:

1. The next waiting utterance gets the step if it and all playing utterances can then get their audio in time.
2. Otherwise, the playing utterance with the earliest deadline gets the step.

Clients take turns, regardless of how many requests they have. The first request in queue order determines the priority
of the next request. Among the requests of this priority, the scheduler prefers those that are already in progress.
Among the others, it prefers those whose client has the fewest requests in progress, then those whose client has used
the least model time, and finally the first in queue order (`_turn`). The playing utterances of one client delay the
start of another client's request only for a limited time. If the voice is too slow for everyone, the client with the
fewest utterances is served first.

`engine.demand` performs the check in rule 1. A started utterance becomes a playing utterance when its audio is released
(`engine.release`). The schedule `fifo` completes one utterance after another (`choose_fifo`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.chunks import (
    CROWDED_CHUNK,
    CROWDED_FIRST_CHUNK,
    LARGEST_CHUNK,
    URGENT_CHUNK,
    chunk_frames,
)
from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.decoding import FIRST_WINDOW, FLOW_WINDOW, DecodingCosts, flow_step, windows
from wyoming_piper_serial.engine.demand import deferred, demand, demand_of, is_feasible
from wyoming_piper_serial.engine.plan import SIZES, largest_chunk
from wyoming_piper_serial.engine.release import (
    NEWCOMERS_GUARD,
    TRANSPORT,
    feasible_window,
    margin,
    planned_chunk,
    planned_window,
)
from wyoming_piper_serial.settings import Priority

# If a deadline has passed, the scheduler chooses among the utterances whose audio lasts less than this many seconds. It
# prefers the client with the fewest utterances in progress.
_OVERDUE = 0.4
_SLOW = 0.4  # A voice counts as slow if it needs more than this many seconds for a second of audio.
_FOR_NEWCOMERS = 0.25  # Maximum seconds of slack that are reserved for a request that arrives during the step.

# While a listener needs audio, a long text may start only if all long texts together need at most the share
# `_SHARE_OF_LONG` of the voice's time. The remaining time is reserved for later short requests and for steps that take
# longer than expected.
_LONG = 30.0  # A text is long if the rest of its speech lasts more than this many seconds.
_SHARE_OF_LONG = 0.75

# Short texts are slightly preferred. An utterance is treated as if it had arrived `_HANDICAP` seconds later for each
# second of its speech, up to `_MOST_HANDICAP` seconds. This reduces the typical wait and delays long texts only
# slightly.
_HANDICAP = 0.2
_MOST_HANDICAP = 3.0

# During its first `_PATIENCE` seconds in the queue, an utterance does not start if it would make any playing utterance
# late. After that, only some playing utterances of each other client are protected from becoming late: as many as the
# client of the waiting utterance would have in progress itself. Without this rule, one client could occupy the voice
# for an hour.
_PATIENCE = 5.0

# A waiting utterance is treated as if it had arrived this many seconds earlier. A request of high priority therefore
# starts before one of normal priority, unless the normal request has waited about 20 seconds longer (the exact time
# depends on `_HANDICAP`). Low-priority requests wait only for a limited time, because high-priority requests do not
# overtake requests that arrived more than about 30 seconds earlier.
HEAD_START = {Priority.HIGH: 30.0, Priority.NORMAL: 10.0, Priority.LOW: 0.0}


class Reason(Enum):
    """The reason why a step was chosen. The values appear in log lines and traces."""

    ALONE = "no other utterance needs a step"
    START = "starts: all listeners can still get their audio in time"
    START_IDLE = "starts: no listener needs audio now"
    FEED = "earliest deadline"
    FEED_CROWDED = "earliest deadline: starting a waiting utterance now would make a listener late"
    FIFO = "the oldest"


@dataclass(frozen=True)
class Step:
    """One step of an utterance."""

    number: int
    frames: int | None = None
    """Number of frames to process; `None` means that the step encodes the next sentence or finishes the audio."""

    kind: Kind = Kind.DECODE
    """DECODE, FLOW or VOCODE: what the step does with `frames`."""

    reason: Reason = field(default=Reason.ALONE, compare=False)


def choose(candidates: Iterable[Candidate], now: float, costs: StepCosts) -> Step | None:
    """Returns the next step according to the schedule `deadline`, or `None` if no candidate can run a step now."""
    playing: list[Candidate] = []
    waiting: list[Candidate] = []
    for candidate in candidates:
        (waiting if candidate.deadline is None else playing).append(candidate)
    ready = [candidate for candidate in playing if candidate.ready]
    in_progress = Counter(candidate.client for candidate in (*playing, *waiting) if candidate.begun)
    if waiting:
        alone = not playing and len(waiting) == 1
        for first in _heads(waiting, in_progress):
            step = _first_step(first, costs, alone=alone, playing=bool(playing))
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
    """Returns the next step according to the schedule `fifo`, or `None` if no candidate can run a step now.

    The oldest candidate in progress that has room for more audio gets the step. If there is none, a waiting candidate
    starts: the oldest one of the client whose turn it is. Chunk sizes are fixed (see `chunk_frames`).
    """
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
    """Returns a sort key. Candidates in progress come first, then those whose clients have the fewest candidates in
    progress, then those whose clients have used the least model time."""
    if candidate.begun:
        return False, in_progress[candidate.client], 0.0
    return True, in_progress[candidate.client], candidate.served


def _heads(waiting: Sequence[Candidate], in_progress: Counter[int]) -> Sequence[Candidate]:
    """Returns the candidates that may start next, in order of preference.

    The first candidate in queue order determines the priority, and the clients with this priority take turns. The
    preferred candidate may not be allowed to start yet. Therefore, it is followed by up to two alternatives: a
    candidate whose client has fewer other candidates in progress and, if the preferred one has a long text, a candidate
    with a short text.
    """
    priority = min(waiting, key=_queue_order).priority

    def order(candidate: Candidate) -> tuple[float, ...]:
        return *_turn(candidate, in_progress), *_queue_order(candidate)

    queue = [candidate for candidate in waiting if candidate.priority is priority]
    first = min(queue, key=order)

    def others_in_progress(candidate: Candidate) -> int:
        return in_progress[candidate.client] - candidate.begun

    fewer = [candidate for candidate in queue if others_in_progress(candidate) < others_in_progress(first)]
    short = [candidate for candidate in queue if first.rest > _LONG >= candidate.rest]
    return [first, *(min(others, key=order) for others in (fewer, short) if others)]


def _protected(
    first: Candidate, playing: Sequence[Candidate], in_progress: Counter[int], now: float
) -> Sequence[Candidate]:
    """Returns the playing candidates that must not become late if `first` starts (see `_PATIENCE`)."""
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
    """Returns the candidate with the earliest deadline.

    If this deadline has passed, the voice is too slow for everyone. In this case, returns one of the candidates that
    are due soon: the one whose client has the fewest candidates in progress.
    """

    def by_deadline(candidate: Candidate) -> tuple[float, int]:
        return candidate.deadline or now, candidate.number

    earliest, _ = by_deadline(min(ready, key=by_deadline))
    if earliest >= now:
        return min(ready, key=by_deadline)
    due = (candidate for candidate in ready if by_deadline(candidate)[0] < now + _OVERDUE)
    return min(due, key=lambda candidate: (in_progress[candidate.client], *by_deadline(candidate)))


def _queue_order(candidate: Candidate) -> tuple[float, int]:
    """Returns the sort key of a waiting candidate: the arrival time, adjusted for priority and length."""
    return candidate.since - HEAD_START[candidate.priority] + min(
        _HANDICAP * candidate.rest, _MOST_HANDICAP
    ), candidate.number


def _may_start(first: Candidate, step: Step, playing: Sequence[Candidate], now: float, costs: StepCosts) -> bool:
    """Returns whether `first` can take `step` now without causing an underrun for itself or the `playing` listeners.

    Playback of `first` is assumed to start with its first audio. On a slow machine, it is assumed to start when the
    voice could serve `first` alone without a gap. Returns false for a long text if all long texts together would need
    too much of the voice's time (see `_SHARE_OF_LONG`).
    """
    delay = costs.bound(_work(first, step))
    frames = step.frames
    decoding = DecodingCosts(first, costs)
    if frames is None:  # a flow step may be needed between encoding and the first chunk
        delay += decoding.flow(next(windows(round(first.encode * first.pace / first.frame_seconds)), 0))
    if frames is None or step.kind is Kind.FLOW:  # the first chunk needs another step
        frames = CROWDED_FIRST_CHUNK
        delay += costs.bound(decoding.chunk(frames))
    heard = frames * first.frame_seconds
    demands = [demand_of(other, now, costs) for other in playing]
    flowed = step.kind is Kind.FLOW  # `delay` already includes the flow step
    own = demand(first, 0, delay + heard - NEWCOMERS_GUARD, first.rest - heard, costs, flowed=flowed)
    demands.append(deferred(own, delay))
    long = [demand.rate for demand in demands if demand.end - demand.start > _LONG]
    if demands[-1].end - demands[-1].start > _LONG and sum(long) > _SHARE_OF_LONG:
        return False
    return is_feasible(demands, delay)


def _first_step(candidate: Candidate, costs: StepCosts, *, alone: bool, playing: bool) -> Step:
    """Returns the next step of a candidate whose audio has not been released.

    `alone` means that there is no other candidate, and `playing` that the audio of another candidate has been released.
    """
    if candidate.exact or candidate.encode:
        return _step(candidate, chunk_frames(candidate.chunks))
    decoding = DecodingCosts(candidate, costs)
    # On a slow machine without a playing candidate, the time of the release is computed from the planned steps, even if
    # other candidates are waiting. Smaller steps would cost more and cause a gap.
    planned = alone or (not playing and _is_slow(candidate, decoding))
    window = planned_window(candidate, costs) if planned else flow_step(candidate, decoding)
    if window:
        return Step(candidate.number, window, Kind.FLOW)
    if planned:
        return _step(candidate, planned_chunk(candidate, costs), decoding.kind)
    return _step(candidate, CROWDED_FIRST_CHUNK, decoding.kind)


def _is_slow(candidate: Candidate, decoding: DecodingCosts) -> bool:
    """Returns whether decoding a second of audio takes more than `_SLOW` seconds."""
    flow = decoding.flow(FLOW_WINDOW) * CROWDED_CHUNK / FLOW_WINDOW
    return decoding.expected(CROWDED_CHUNK) + flow > _SLOW * CROWDED_CHUNK * candidate.frame_seconds


def _next_step(
    candidate: Candidate, playing: Sequence[Candidate], now: float, costs: StepCosts, *, crowded: bool
) -> Step:
    """Returns the next step of a candidate whose audio is playing.

    `playing` contains all playing candidates that can run a step. If neither encoding nor a flow step is due, the step
    decodes a chunk. Exact speech has fixed chunk sizes. Otherwise, the chunk is the largest one that is ready in time
    for all `playing` listeners and, if possible, leaves time for new requests. If even the smallest chunk would be
    late, the chunk has `URGENT_CHUNK` frames, because smaller chunks would make the voice fall further behind.
    """
    if candidate.exact or candidate.encode:
        return _step(candidate, chunk_frames(candidate.chunks))
    decoding = DecodingCosts(candidate, costs)
    left = min(other.deadline or now for other in playing) - now
    window = flow_step(candidate, decoding)
    if window and len(playing) == 1 and not crowded:
        large = feasible_window(candidate, costs, left - margin(candidate, costs, LARGEST_CHUNK))
        if large:
            return Step(candidate.number, large, Kind.FLOW)
    if window:
        return Step(candidate.number, _timely_window(window, decoding, left - TRANSPORT), Kind.FLOW)
    slack = left - margin(candidate, costs)
    cost = decoding.expected
    if _is_slow(candidate, decoding):
        # The plan that released the audio relies on the largest chunks. The overhead of smaller chunks would cause an
        # underrun at the end of the speech.
        most = LARGEST_CHUNK
    else:
        most = CROWDED_CHUNK if crowded else LARGEST_CHUNK
        frames = largest_chunk(cost, most, slack - min(slack / 2, _FOR_NEWCOMERS))
        if cost(frames) <= slack:
            return _step(candidate, frames, decoding.kind)
    for seconds in (slack, left - TRANSPORT):  # a chunk without a margin for slow steps is better than a late chunk
        frames = largest_chunk(cost, most, seconds)
        if cost(frames) <= seconds:
            return _step(candidate, frames, decoding.kind)
    return _step(candidate, URGENT_CHUNK, decoding.kind)


def _timely_window(window: int, decoding: DecodingCosts, slack: float) -> int:
    """Returns the largest of up to three sizes of a flow step after which the smallest chunk is ready within `slack`
    seconds. The sizes are `window`, half of it, and `FIRST_WINDOW`.

    If the chunk would be late with each size, returns the middle size, or the smaller one of two sizes. A smaller size
    would make the voice fall further behind.
    """
    sizes = sorted({window, min(window, max(window // 2, FIRST_WINDOW)), min(window, FIRST_WINDOW)}, reverse=True)
    for size in sizes:
        if decoding.flow(size) + decoding.expected(SIZES[0]) <= slack:
            return size
    return sizes[len(sizes) // 2]


def _step(candidate: Candidate, frames: int, kind: Kind = Kind.DECODE) -> Step:
    """Returns the step that encodes the next sentence or finishes the audio. If an encoded sentence must be decoded
    first, returns a step of this `kind` with at most `frames` frames."""
    if candidate.encode:
        return Step(candidate.number)
    left = candidate.flowed if kind is Kind.VOCODE else candidate.frames
    return Step(candidate.number, min(frames, left), kind)


def _work(candidate: Candidate, step: Step) -> Work:
    if step.frames is None:
        return Work(candidate.voice, Kind.ENCODE, candidate.encode)
    return Work(candidate.voice, step.kind, step.frames)
