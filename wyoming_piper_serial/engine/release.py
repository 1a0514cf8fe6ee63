"""Decides when the first audio of an utterance can be released without a gap later on. All functions are pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.chunks import LARGEST_CHUNK, URGENT_CHUNK, exact_chunks
from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.decoding import VOCODER_MARGIN, DecodingCosts, flow_step, windows
from wyoming_piper_serial.engine.demand import demand, demand_of, is_feasible
from wyoming_piper_serial.engine.plan import Cost, Plan, Stretch, plan

NEWCOMERS_GUARD = 0.05
"""If other audio is playing, the audio of a new utterance must last this many seconds longer than planned."""

TRANSPORT = 0.02
"""Assumed maximum time in seconds from the end of a step to the arrival of its audio at the client's sound card."""

# Factor by which a plan multiplies all costs. Without this reserve, a single delay could make all later chunks smaller,
# and smaller chunks cost more in total.
_CAREFUL = 1.06
_LATER = 100  # assumed number of characters per sentence in text that has not been split into sentences


def stretches(candidate: Candidate, costs: StepCosts, *, large_windows: bool = False) -> list[Stretch]:
    """Returns the remaining work for a candidate in order: the current sentence, the queued sentences, and the text
    that has not been split into sentences. If the flow runs in separate steps, each of them starts a new stretch,
    except in that text.

    `large_windows` is the argument `large` of `decoding.windows` for an encoded sentence.
    """
    decoding = DecodingCosts(candidate, costs)

    def sentence(characters: int) -> list[Stretch]:
        seconds = costs.expected(Work(candidate.voice, Kind.ENCODE, characters))
        frames = max(1, round(characters * candidate.pace / candidate.frame_seconds))
        first, *others = _windows(decoding.windows(frames), margin=VOCODER_MARGIN)
        return [replace(first, encode=first.encode + _CAREFUL * seconds), *others]

    found = (
        _rest_of_sentence(candidate, decoding, large=large_windows) if candidate.frames else sentence(candidate.encode)
    )
    count, rest = divmod(candidate.later, _LATER)
    for characters in candidate.sentences:
        found += sentence(characters)
    if count:
        alike = sentence(_LATER)
        found.append(Stretch(sum(one.encode for one in alike), sum(one.frames for one in alike), count))
    return [*found, *sentence(rest)] if rest else found


def _rest_of_sentence(candidate: Candidate, decoding: DecodingCosts, *, large: bool) -> list[Stretch]:
    """Returns the remaining work for the encoded sentence."""
    if not decoding.flow_steps:
        return [Stretch(0.0, candidate.frames)]
    found = [Stretch(0.0, candidate.flowed)] if candidate.flowed else []
    margin = candidate.frames - candidate.unflowed - candidate.flowed
    # The margin is not known before the first flow step.
    steps = decoding.windows(candidate.unflowed, begun=candidate.flow_begun, large=large)
    return found + _windows(steps, margin=margin or VOCODER_MARGIN, rest=margin)


def _windows(flow_steps: Iterable[tuple[float, int]], *, margin: int, rest: int = 0) -> list[Stretch]:
    """Returns a stretch for each flow step. `flow_steps` yields their seconds and frames.

    The last `margin` frames of each window are decoded after the next flow step, if there is one. `rest` frames of an
    earlier window remain to be decoded.
    """
    steps = list(flow_steps)
    found = []
    for index, (flow, size) in enumerate(steps):
        later = margin if index + 1 < len(steps) else 0
        found.append(Stretch(_CAREFUL * flow, size + rest - later))
        rest = later
    return found


def release_in(candidate: Candidate, playing: Sequence[Candidate], now: float, costs: StepCosts) -> float:
    """Returns the number of seconds until the held audio can be released without causing a gap.

    `playing` contains the other utterances whose audio has been released. If there are any, the result is 0 if the
    audio can be released now, and infinity otherwise. The result is also infinity if too little audio is held.
    """
    held = _safely_held(candidate, costs)
    if not held:
        return math.inf
    alone = _release_exact(candidate, held, costs) if candidate.exact else _planned(candidate, held, costs)[0].release
    if not playing:
        return alone
    demands = [demand_of(other, now, costs) for other in playing]
    demands.append(demand(candidate, candidate.encode, candidate.held - NEWCOMERS_GUARD, candidate.rest, costs))
    return 0.0 if alone <= 0 and is_feasible(demands, 0.0) else math.inf


def _release_exact(candidate: Candidate, held: float, costs: StepCosts) -> float:
    """Returns the number of seconds until the release if chunks have fixed sizes.

    The result is the longest delay that any chunk would have if the audio were released now, or 0 if no chunk would be
    late.
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
        others = (stretch.count - 1) * (delay - before)  # the delay changes equally in each sentence
        late = max(late, latest, latest + others)
        delay += others
    return late


def cost_of(candidate: Candidate, costs: StepCosts) -> Cost:
    """Returns a function that estimates the time in seconds to decode a chunk of `candidate`."""
    return DecodingCosts(candidate, costs).expected


def _careful(candidate: Candidate, costs: StepCosts) -> Cost:
    cost = cost_of(candidate, costs)
    return lambda frames: _CAREFUL * cost(frames)


def margin(candidate: Candidate, costs: StepCosts, frames: int = URGENT_CHUNK) -> float:
    """Returns how many seconds longer than planned the audio must last, to allow for transport and for a slow step that
    decodes `frames` frames."""
    work = DecodingCosts(candidate, costs).chunk(frames)
    return TRANSPORT + costs.bound(work) - costs.expected(work)


def planned_chunk(candidate: Candidate, costs: StepCosts) -> int:
    """Returns the number of frames in the next chunk of an utterance whose audio has not been released, planned as if
    there were no other utterances."""
    chosen, _ = _planned(candidate, _safely_held(candidate, costs), costs)
    return chosen.frames


def planned_window(candidate: Candidate, costs: StepCosts) -> int:
    """Returns the number of frames in the next flow step of an utterance whose audio has not been released, planned as
    if there were no other utterances. Returns 0 if no flow step is needed before the next chunk.

    The flow runs for the rest of the sentence, but at most for `LARGEST_WINDOW` frames, if this does not delay the
    release. One large step has fewer margins than several windows.
    """
    window = flow_step(candidate, DecodingCosts(candidate, costs))
    large = _large_window(candidate, costs) if window else 0
    if not large:
        return window
    _, is_large = _planned(candidate, _safely_held(candidate, costs), costs)
    return large if is_large else window


def feasible_window(candidate: Candidate, costs: StepCosts, slack: float) -> int:
    """Returns the number of frames in the largest possible flow step: the rest of the sentence, but at most
    `LARGEST_WINDOW`. Returns 0 if this step would cause a gap or would not be larger than usual, or if the flow does
    not run in separate steps.

    `candidate` is the only utterance, and its audio is playing and lasts for `slack` seconds.
    """
    large = _large_window(candidate, costs)
    return large if large and not _plan(candidate, slack, costs, large=True).release else 0


def _large_window(candidate: Candidate, costs: StepCosts) -> int:
    """Returns the number of frames in the largest possible flow step, or 0 if no step is larger than the usual one."""
    if not candidate.unflowed or not DecodingCosts(candidate, costs).flow_steps:
        return 0
    large = next(windows(candidate.unflowed, large=True))
    return large if large > next(windows(candidate.unflowed, begun=candidate.flow_begun)) else 0


def _safely_held(candidate: Candidate, costs: StepCosts) -> float:
    """Returns how many seconds of held audio a plan may rely on."""
    frames = URGENT_CHUNK
    if DecodingCosts(candidate, costs).flow_steps:
        # On a slow machine, the plan relies on the largest chunks, which can be delayed for a noticeable time.
        last = not candidate.sentences and not candidate.later
        frames = min(LARGEST_CHUNK, candidate.frames) if last else LARGEST_CHUNK
    return max(0.0, candidate.held - margin(candidate, costs, frames))


def _planned(candidate: Candidate, held: float, costs: StepCosts) -> tuple[Plan, bool]:
    """Compares a plan with flow steps of the usual size and, if possible, a plan with larger flow steps.

    Returns the plan with the earlier release, and whether its flow steps are large. If both plans have the same
    release, returns the plan with large flow steps.
    """
    usual = _plan(candidate, held, costs)
    if not _large_window(candidate, costs):
        return usual, False
    large = _plan(candidate, held, costs, large=True)
    return (large, True) if large.release <= usual.release else (usual, False)


def _plan(candidate: Candidate, held: float, costs: StepCosts, *, large: bool = False) -> Plan:
    work = stretches(candidate, costs, large_windows=large)
    return plan(work, _careful(candidate, costs), candidate.frame_seconds, held=held)
