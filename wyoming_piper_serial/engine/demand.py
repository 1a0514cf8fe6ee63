"""Checks whether the voice can serve several listeners in time. All functions are pure.

The check is the processor demand criterion of earliest-deadline-first scheduling (Baruah, Rosier, Howell 1990): for
each deadline, the work due by the deadline must not take longer than the time until the deadline.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.chunks import URGENT_CHUNK
from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.decoding import DecodingCosts, flow_step

# Length of a typical sentence in characters and in seconds, used to estimate the cost of encoding later sentences.
_SENTENCE = 100
_SENTENCE_SECONDS = 5.0

# Safety margin in seconds. An utterance may start only if the next audio of each listener protected by the scheduler is
# expected to be ready this long, plus the duration of one step, before its deadline. The margin is needed because a
# shared or hot machine can suddenly become half as fast.
_GUARD = 0.4


@dataclass(frozen=True, slots=True)
class Demand:
    """Model time that one listener needs: `at_once` seconds due at `start`, then `rate` seconds per second until `end`.

    `start` and `end` are in seconds from now.
    """

    start: float
    at_once: float
    rate: float
    end: float


def demand_of(playing: Candidate, now: float, costs: StepCosts) -> Demand:
    guard = _GUARD + DecodingCosts(playing, costs).expected(URGENT_CHUNK)
    return demand(playing, playing.encode, (playing.deadline or now) - now - guard, playing.rest, costs)


def demand(
    candidate: Candidate, encode: int, start: float, rest: float, costs: StepCosts, *, flowed: bool = False
) -> Demand:
    """Returns the demand of a listener who has audio until `start` and needs `rest` more seconds of audio.

    `encode` is the number of characters to encode first, or 0 if the sentence is already encoded. If `flowed` is true,
    the next flow step is not counted.
    """
    if rest <= 0:
        return Demand(start, 0.0, 0.0, start)
    decoding = DecodingCosts(candidate, costs)
    rate = decoding.per_frame() / candidate.frame_seconds
    if rest > candidate.frames * candidate.frame_seconds:
        rate += costs.typical(Work(candidate.voice, Kind.ENCODE, _SENTENCE)) / _SENTENCE_SECONDS
    urgent = URGENT_CHUNK * candidate.frame_seconds
    at_once = costs.typical(decoding.chunk(URGENT_CHUNK)) * min(1.0, rest / urgent)
    flow = 0.0 if flowed else decoding.flow(flow_step(candidate, decoding))
    at_once += flow
    if encode:
        at_once += costs.bound(Work(candidate.voice, Kind.ENCODE, encode))
    # `rate` includes the flow for all frames. If a flow step is due at once, the demand therefore ends earlier.
    later = max(0.0, rest - urgent - (flow / rate if rate else 0.0))
    return Demand(start, at_once, rate, start + later)


def deferred(demand: Demand, delay: float) -> Demand:
    """Returns the demand of a listener whose audio is held back until the voice can meet the demand.

    The voice is assumed to start after `delay` seconds and to serve only this listener. If it can then meet `demand`,
    returns `demand` unchanged. Otherwise, the demand begins later, at the earliest time at which the voice can meet it.
    """
    late = delay + demand.at_once - demand.start + max(0.0, demand.rate - 1.0) * (demand.end - demand.start)
    return replace(demand, start=demand.start + late, end=demand.end + late) if late > 0 else demand


def is_feasible(demands: Sequence[Demand], delay: float) -> bool:
    """Returns whether all work can be done in time if it starts after `delay` seconds. Times are in seconds from now.

    Only the start and the end of each demand are checked: if any work is late, some work is late at one of these times.
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
