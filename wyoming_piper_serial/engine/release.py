"""Decides when the first audio of an utterance can be released without a later gap in playback. Pure."""

import math
from collections.abc import Sequence

from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.chunks import URGENT_CHUNK, exact_chunks
from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.demand import demand, demand_of, is_feasible
from wyoming_piper_serial.engine.plan import Cost, Plan, Stretch, plan

NEWCOMERS_GUARD = 0.05
"""If there are other utterances, the audio of a new utterance must last this many seconds longer than planned."""

_CAREFUL = 1.06  # factor for the costs in a plan, because near the limit, one delay would make all later chunks smaller
_TRANSPORT = 0.02  # maximum seconds between the end of a step and the arrival of its audio at the client's sound card
_LATER = 100  # assumed characters per sentence in text that has not been split into sentences


def stretches(candidate: Candidate, costs: StepCosts) -> list[Stretch]:
    """Returns the remaining work for a candidate in order: the current sentence, the queued sentences, and the text
    that has not been split into sentences.
    """

    def encoded(characters: int, count: int = 1) -> Stretch:
        seconds = _CAREFUL * costs.expected(Work(candidate.voice, Kind.ENCODE, characters))
        return Stretch(seconds, max(1, round(characters * candidate.pace / candidate.frame_seconds)), count)

    first = Stretch(0.0, candidate.frames) if candidate.frames else encoded(candidate.encode)
    later = [encoded(_LATER, candidate.later // _LATER)] if candidate.later >= _LATER else []
    return [first, *map(encoded, candidate.sentences), *later]


def release_in(candidate: Candidate, playing: Sequence[Candidate], now: float, costs: StepCosts) -> float:
    """Returns the number of seconds until the held audio can be released without causing a gap.

    `playing` contains the other utterances whose listeners have audio. The result is infinite while they need the voice
    or while too little audio is held.
    """
    if not playing:
        held = _safely_held(candidate, costs)
        if not held:
            return math.inf
        if candidate.exact:
            return _release_exact(candidate, held, costs)
        return _planned(candidate, held, costs).release
    demands = [demand_of(other, now, costs) for other in playing]
    demands.append(demand(candidate, candidate.encode, candidate.held - NEWCOMERS_GUARD, candidate.rest, costs))
    return 0.0 if is_feasible(demands, 0.0) else math.inf


def _release_exact(candidate: Candidate, held: float, costs: StepCosts) -> float:
    """Returns the number of seconds until the release if chunks have fixed sizes.

    This is the maximum delay of any chunk if the audio were released now.
    """
    cost, late = _careful(candidate, costs), 0.0
    delay = -held  # seconds of work so far minus seconds of audio
    for stretch in stretches(candidate, costs):
        before, latest = delay, -math.inf
        delay += stretch.encode
        for frames, count in exact_chunks(stretch.frames, candidate.chunks if not stretch.encode else 0):
            seconds = cost(frames)
            growth = seconds - frames * candidate.frame_seconds
            # The delay changes by the same amount with each chunk, so it is largest for the first or the last one.
            latest = max(latest, delay + seconds, delay + seconds + (count - 1) * growth)
            delay += count * growth
        others = (stretch.count - 1) * (delay - before)  # the same applies to sentences of the same length
        late = max(late, latest, latest + others)
        delay += others
    return late


def cost_of(candidate: Candidate, costs: StepCosts) -> Cost:
    """Returns a function for the expected time to decode a chunk of `candidate`, in seconds."""
    return lambda frames: costs.expected(Work(candidate.voice, Kind.DECODE, frames))


def _careful(candidate: Candidate, costs: StepCosts) -> Cost:
    cost = cost_of(candidate, costs)
    return lambda frames: _CAREFUL * cost(frames)


def margin(candidate: Candidate, costs: StepCosts) -> float:
    """Returns how many seconds longer than planned the audio must last, to allow for transport and slow steps."""
    work = Work(candidate.voice, Kind.DECODE, URGENT_CHUNK)
    return _TRANSPORT + costs.bound(work) - costs.expected(work)


def planned_chunk(candidate: Candidate, costs: StepCosts) -> int:
    """Returns the frames of the next chunk for a single utterance whose audio is held."""
    return _planned(candidate, _safely_held(candidate, costs), costs).frames


def _safely_held(candidate: Candidate, costs: StepCosts) -> float:
    """Returns the seconds of held audio that a plan may rely on."""
    return max(0.0, candidate.held - margin(candidate, costs))


def _planned(candidate: Candidate, held: float, costs: StepCosts) -> Plan:
    return plan(stretches(candidate, costs), _careful(candidate, costs), candidate.frame_seconds, held=held)
