"""The plan for one listener is nearly optimal, and playback that follows the plan has no gap."""

import random
from collections.abc import Sequence
from functools import cache

import pytest

from wyoming_piper_serial.engine.plan import SIZES, Cost, Plan, Stretch, largest_chunk, plan

_FRAME = 256 / 22_050


def machine(real_time_factor: float, overhead: int = 9) -> Cost:
    """Return the cost function of a machine of this speed. Each chunk costs as much as `overhead` additional frames."""
    per_frame = real_time_factor * _FRAME
    return lambda frames: per_frame * (frames + overhead)


def best_release(stretches: Sequence[Stretch], cost: Cost, held: float) -> float:
    """Return the earliest release in seconds from now, found by trying all plans."""

    @cache
    def latest(index: int, left: int) -> float:
        """Return the seconds that playback must wait for the last `left` frames of stretch `index` and for all later
        stretches."""
        if left == 0:
            following = index + 1
            if following == len(stretches):
                return -1e9
            return stretches[following].encode + latest(following, stretches[following].frames)
        plans = []
        for size in SIZES:
            frames = min(size, left)
            seconds = cost(frames)
            plans.append(max(seconds, seconds - frames * _FRAME + latest(index, left - frames)))
            if size >= left:
                break
        return min(plans)

    first = stretches[0]
    at_least = 0.0 if held else first.encode + cost(min(SIZES[0], first.frames))
    return max(at_least, first.encode + latest(0, first.frames) - held)


def random_stretches(rng: random.Random, slowness: float) -> list[Stretch]:
    return [Stretch(rng.choice((0.0, 0.05, 0.3)) * slowness, rng.randint(1, 500)) for _ in range(rng.randint(1, 4))]


@pytest.mark.unmeasured  # coverage is not measured here, because faster tests cover the same code
def test_release_is_within_one_small_chunk_of_the_best() -> None:
    """On machines of any speed, the release is never earlier than the optimum, and later by at most the time for one
    small chunk."""
    rng = random.Random(1)
    for _ in range(400):
        slowness = rng.uniform(0.05, 3.0)
        cost = machine(slowness, rng.choice((3, 9, 20)))
        stretches, held = random_stretches(rng, slowness), rng.choice((0.0, 0.0, 0.3, 1.0))
        best = best_release(stretches, cost, held)
        release = plan(stretches, cost, _FRAME, held=held).release
        assert best - 1e-9 <= release <= best + cost(SIZES[0])


def played(stretches: Sequence[Stretch], cost: Cost) -> tuple[float, float]:
    """Simulate decoding and playback according to the plan. Return the time of release and the seconds of silence
    after it."""
    now = audio = silence = 0.0
    release: float | None = None
    for index, stretch in enumerate(stretches):
        now += stretch.encode
        left = stretch.frames
        while left:
            if release is None:
                planned = plan([Stretch(0.0, left), *stretches[index + 1 :]], cost, _FRAME, held=audio)
                frames = min(left, planned.frames)
                if planned.release <= cost(frames):  # the release is due when this chunk ends, or earlier
                    release = now + planned.release
            else:
                frames = largest_chunk(cost, left, release + audio - now)
            now += cost(frames)
            if release is not None and now > release + audio:
                silence += now - release - audio
                release += now - release - audio
            audio += frames * _FRAME
            left -= frames
    return (now if release is None else release), silence


@pytest.mark.unmeasured  # coverage is not measured here, because faster tests cover the same code
def test_playback_has_no_gap_on_2000_machines() -> None:
    """With exact costs, playback according to the plan has no gap. Playback starts later than the optimum by at most
    the time for one small chunk."""
    rng = random.Random(2)
    for _ in range(2000):
        slowness = 10 ** rng.uniform(-1.3, 0.5)
        cost = machine(slowness, rng.choice((3, 9, 20)))
        stretches = random_stretches(rng, slowness)
        release, silence = played(stretches, cost)
        assert silence <= 0.003 * len(stretches)
        assert release <= best_release(stretches, cost, 0.0) + cost(SIZES[0]) + 0.003


def test_fast_machine_releases_the_first_chunk() -> None:
    """On a fast machine, playback begins with the smallest chunk."""
    planned = plan([Stretch(0.02, 300), Stretch(0.02, 300)], machine(0.1), _FRAME)
    assert planned.frames == SIZES[0]
    assert planned.release == pytest.approx(0.02 + machine(0.1)(SIZES[0]), abs=0.003)


def test_machine_slower_than_playback_holds_the_audio_back() -> None:
    """If a second of audio takes 1.5 seconds to decode, ten seconds of audio are released after about five seconds."""
    frames = round(10 / _FRAME)
    planned = plan([Stretch(0.0, frames)], machine(1.5), _FRAME)
    assert 5.0 < planned.release < 6.5
    assert planned.frames == SIZES[-1]


def test_long_text_is_planned_quickly_and_nearly_as_well() -> None:
    """For an hour of text, the time until the release differs by at most 5 % from the optimum: the duration of all work
    minus the duration of the audio."""
    hour = [Stretch(0.1, 800)] * 390
    audio = 390 * 800 * _FRAME
    work = sum(0.1 + 5 * machine(1.2)(160) for _ in hour)
    assert plan(hour, machine(1.2), _FRAME).release == pytest.approx(work - audio, rel=0.05)
    assert plan(hour, machine(0.3), _FRAME).release < 1.0


@pytest.mark.unmeasured  # coverage is not measured here, because faster tests cover the same code
@pytest.mark.parametrize("slowness", [0.3, 0.7, 0.95, 1.2])
@pytest.mark.parametrize("encode", [0.02, 0.3, 2.0])
def test_sentences_that_are_alike_are_planned_as_one_by_one(slowness: float, encode: float) -> None:
    """A stretch of several equal sentences has the same plan as the same number of separate stretches."""
    for count in (1, 2, 3, 40, 500):
        together = plan([Stretch(0.0, 200), Stretch(encode, 300, count)], machine(slowness), _FRAME, held=0.5)
        single = plan([Stretch(0.0, 200), *[Stretch(encode, 300)] * count], machine(slowness), _FRAME, held=0.5)
        assert together.release == pytest.approx(single.release, abs=0.002)
        assert together.frames == single.frames


def test_short_sentence_before_a_long_one_waits_for_its_encoding() -> None:
    """A short sentence is held back if encoding the next sentence takes longer than playing the short sentence."""
    short, cost = 30, machine(0.2)
    alone = plan([Stretch(0.0, short)], cost, _FRAME)
    before = plan([Stretch(0.0, short), Stretch(1.0, 500)], cost, _FRAME)
    assert alone.release < 0.1
    assert before.release >= 1.0 - short * _FRAME


def test_held_audio_is_released_if_nothing_is_left() -> None:
    """If nothing is left to decode, the held audio is released at once."""
    assert plan([], machine(1.0), _FRAME, held=1.0) == Plan(0.0, SIZES[0])
    assert plan([Stretch(0.0, 3)], machine(0.1), _FRAME, held=1.0).frames == 3


@pytest.mark.parametrize(("slack", "frames"), [(0.0, 20), (0.04, 20), (0.1, 56), (10.0, 160)])
def test_largest_chunk_fits_into_the_slack(slack: float, frames: int) -> None:
    """The next chunk is the largest one that can be decoded before the audio ends, or the smallest one if none can."""
    assert largest_chunk(machine(0.1), 1000, slack) == frames
    assert largest_chunk(machine(0.1), 5, slack) == 5
