"""The engine decides when the first audio of an utterance is released."""

import math
from dataclasses import replace

import pytest

from tests.engine.machines import FRAME, Listener, Machine
from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.chunks import FIRST_CHUNK, chunk_frames
from wyoming_piper_serial.engine.costs import StepCosts, Work
from wyoming_piper_serial.engine.decoding import FIRST_WINDOW
from wyoming_piper_serial.engine.plan import SIZES, Stretch
from wyoming_piper_serial.engine.release import (
    cost_of,
    feasible_window,
    margin,
    planned_chunk,
    planned_window,
    release_in,
    stretches,
)


def held(seconds: float, *, frames: int = 800, sentences: tuple[int, ...] = (), number: int = 1) -> Candidate:
    """Return a candidate in the middle of a sentence, with `seconds` of held audio."""
    listener = Listener(number, 0.0, list(sentences), frames=frames, chunks=1, held=seconds)
    return listener.candidate(300.0)


class CountingCosts(StepCosts):
    """Step costs that count how often an estimate is read."""

    asked = 0

    def expected(self, work: Work) -> float:
        self.asked += 1
        return super().expected(work)


def playing(buffered: float, *, frames: int = 800) -> Candidate:
    return Listener(9, 0.0, [], frames=frames, deadline=buffered).candidate(300.0)


def test_first_chunk_is_released_at_once_on_a_fast_machine() -> None:
    """If the following chunks can be decoded in time, the audio is released at once."""
    assert release_in(held(FIRST_CHUNK * FRAME), [], 0.0, Machine(0.1).measured()) == 0.0


def test_without_known_costs_audio_is_released() -> None:
    """If no step has been measured yet, audio is not held back."""
    assert release_in(held(FIRST_CHUNK * FRAME), [], 0.0, StepCosts()) == 0.0


def test_audio_is_held_on_a_machine_slower_than_playback() -> None:
    """If a second of audio takes 1.5 seconds to decode, the audio is held for about half of the remaining duration."""
    rest = 800 * FRAME
    seconds = release_in(held(1.0), [], 0.0, Machine(1.5).measured())
    assert rest * 0.5 - 1.0 < seconds < rest * 0.65


def test_release_is_later_if_more_sentences_follow() -> None:
    """The more sentences follow, the later the audio is released."""
    costs = Machine(1.2).measured()
    alone = release_in(held(1.0), [], 0.0, costs)
    more = release_in(held(1.0, sentences=(100, 100)), [], 0.0, costs)
    much_more = release_in(held(1.0, sentences=(100,) * 20), [], 0.0, costs)
    assert alone < more - 1.0 < much_more - 10.0


def test_audio_too_short_for_the_transport_is_not_released() -> None:
    """Audio that would end before the next chunk can reach the client is held."""
    assert release_in(held(0.01), [], 0.0, Machine(0.1).measured()) == math.inf


def test_others_that_play_have_precedence() -> None:
    """If the voice cannot supply this listener in addition to the listeners that are playing, the audio is held."""
    costs = Machine(0.4).measured()
    assert release_in(held(1.0), [playing(1.0), playing(1.0)], 0.0, costs) == math.inf
    assert release_in(held(1.0), [playing(5.0, frames=1)], 0.0, costs) == 0.0


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.3])
def test_plan_of_exact_speech_is_that_of_each_chunk(factor: float) -> None:
    """The release of exact speech (speech with a seed) is determined by the chunk that requires the latest release,
    even if this chunk is in the middle of a long text."""
    costs = Machine(factor).measured()
    candidate = Candidate(**{**vars(held(1.0, frames=9000, sentences=(30, 400))), "exact": True, "later": 9000})
    audio = 1.0 - margin(candidate, costs)
    work = late = 0.0
    everything = [one for stretch in stretches(candidate, costs) for one in [stretch] * stretch.count]
    for at, stretch in enumerate(everything):
        work += stretch.encode
        left, chunks = stretch.frames, 0 if at else candidate.chunks
        while left:
            frames = min(left, chunk_frames(chunks))
            work += 1.06 * cost_of(candidate, costs)(frames)
            late = max(late, work - audio)
            audio += frames * FRAME
            left, chunks = left - frames, chunks + 1
    assert release_in(candidate, [], 0.0, costs) == pytest.approx(late)


def test_exact_speech_of_a_long_text_is_planned_at_once() -> None:
    """The number of step costs that are read does not depend on the amount of text after the next sentences."""
    costs = CountingCosts()
    asked = []
    for later in (200, 1 << 24):
        candidate = Candidate(**{**vars(held(1.0)), "exact": True, "later": later})
        costs.asked = 0
        release_in(candidate, [], 0.0, costs)
        asked.append(costs.asked)
    assert 0 < asked[1] <= asked[0] + 6


def test_exact_speech_is_planned_with_its_fixed_chunks() -> None:
    """Exact speech (speech with a seed) is released later than other speech, because its chunks have fixed sizes."""
    costs = Machine(0.9).measured()
    listener = Listener(1, 0.0, [], frames=800, chunks=1, held=0.3).candidate(300.0)
    exact = Candidate(**{**vars(listener), "exact": True})
    assert release_in(exact, [], 0.0, costs) > release_in(listener, [], 0.0, costs) > 0


def test_planned_chunk_is_the_smallest_on_a_fast_machine_and_the_largest_on_a_slow_one() -> None:
    """While audio is held, the next chunk is the smallest one on a fast machine, and the largest one on a slow
    machine."""
    fresh = held(0.0)
    assert planned_chunk(fresh, Machine(0.05).measured()) == SIZES[0]
    assert planned_chunk(fresh, Machine(2.0).measured()) == SIZES[-1]


def test_flow_of_a_sentence_runs_in_one_step_if_this_does_not_delay_the_release() -> None:
    """If most of the audio must be held anyway, one step saves margins. Otherwise, it would delay the first audio."""
    fresh = Listener(1, 0.0, [], frames=800, unflowed=800).candidate(300.0)
    assert planned_window(fresh, Machine(1.5, flow=True).measured()) == 800
    assert planned_window(fresh, Machine(0.4, flow=True).measured()) == FIRST_WINDOW
    assert planned_window(replace(fresh, unflowed=0), Machine(1.5, flow=True).measured()) == 0


def test_flow_of_a_playing_sentence_runs_in_one_step_only_if_the_audio_lasts() -> None:
    """There is no such step if it would cause a gap, or if the usual window already covers the rest."""
    costs = Machine(0.6, flow=True).measured()
    candidate = Listener(1, 0.0, [], frames=800, unflowed=800, deadline=9.0).candidate(300.0)
    assert feasible_window(candidate, costs, 9.0) == 800
    assert feasible_window(candidate, costs, 0.5) == 0
    short = Listener(1, 0.0, [], frames=FIRST_WINDOW, unflowed=FIRST_WINDOW, deadline=9.0).candidate(300.0)
    assert feasible_window(short, costs, 9.0) == 0


def test_stretches_are_all_that_is_to_be_made() -> None:
    """`stretches` lists the remaining part of the current sentence, then the waiting sentences, and then all later
    text."""
    candidate = held(0.0, frames=100, sentences=(50, 60, 70, 200, 300))
    costs = Machine(0.1).measured()
    found = stretches(candidate, costs)
    assert [stretch.frames for stretch in found[:4]] == [100, *(round(size * 0.06 / FRAME) for size in (50, 60, 70))]
    assert found[0].encode == 0.0
    alike = stretches(held(0.0, sentences=(100,)), costs)[1]
    assert found[-1] == Stretch(alike.encode, round(100 * 0.06 / FRAME), count=5)


def test_a_short_sentence_before_a_long_one_is_held_beside_others_too() -> None:
    """The audio of a short sentence is held if it would end before the next, long sentence has been encoded. The audio
    is held even if the voice could supply all listeners on average."""
    costs = Machine(0.5).measured()
    other = playing(60.0, frames=100)
    assert release_in(held(0.8, frames=0, sentences=(250,)), [], 0.0, costs) > 0
    assert release_in(held(0.8, frames=0, sentences=(250,)), [other], 0.0, costs) == math.inf
    assert release_in(held(20.0, frames=0, sentences=(250,)), [other], 0.0, costs) == 0.0


def test_the_end_of_a_long_text_is_counted() -> None:
    """The plan includes all characters of the text after the next sentences."""
    costs = Machine(0.1).measured()
    for later in (37, 100, 288, 1234):
        found = stretches(replace(held(0.0, frames=100), later=later), costs)[1:]
        frames = sum(stretch.frames * stretch.count for stretch in found)
        assert frames == pytest.approx(later * 0.06 / FRAME, rel=0.02)


@pytest.mark.parametrize("real_time_factor", [0.3, 0.6, 0.7])
@pytest.mark.parametrize("exact", [False, True])
def test_a_long_text_is_released_as_early_as_a_short_one(real_time_factor: float, exact: bool) -> None:
    """On a machine faster than playback, text after the next sentences does not delay the release.

    The sentences of this text are encoded one by one, each before its own first audio.
    """
    costs = Machine(real_time_factor).measured()
    short = held(1.0, sentences=(100,) * 4)
    short = Candidate(**{**vars(short), "exact": exact})
    long = Candidate(**{**vars(short), "later": 50_000})
    assert release_in(long, [], 0.0, costs) == pytest.approx(release_in(short, [], 0.0, costs), abs=0.1)
    assert planned_chunk(long, costs) == planned_chunk(short, costs)
