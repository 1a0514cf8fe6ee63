"""Playback: the audio that a listener has, the deadline for more audio, and which gaps count as underruns."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.engine.playback import Playback

RATE = 1000
SECOND = 2 * RATE  # bytes of 16-bit PCM


def playback(max_ahead: float = 10.0) -> Playback:
    """Return a playback whose text is available from the start."""
    started = Playback(rate=RATE, max_ahead=max_ahead)
    started.note_text(0.0, available=True)
    return started


def test_nothing_plays_before_the_first_audio() -> None:
    """Before the first audio, playback has no start and no deadline, and the buffer is empty."""
    fresh = playback()
    assert (fresh.began, fresh.deadline) == (None, None)
    assert (fresh.made, fresh.taken, fresh.buffered, fresh.samples, fresh.full) == (0, 0, 0, 0, False)


def test_playback_begins_with_the_first_audio() -> None:
    """Playback starts with the first audio. The wait before the first audio is never an underrun."""
    one = playback()
    assert one.add(2 * SECOND, now=60.0) == 0
    assert (one.began, one.deadline) == (60, 62)


def test_audio_in_time_moves_the_deadline_by_its_length() -> None:
    """Audio that is added before the deadline moves the deadline by its duration."""
    one = playback()
    one.add(2 * SECOND, now=0.0)
    assert one.add(3 * SECOND, now=1.5) == 0
    assert one.deadline == 5


def test_made_taken_and_buffered_are_in_seconds() -> None:
    """The properties `made`, `taken` and `buffered` are in seconds. `buffered` is the audio that has been generated but
    not read."""
    one = playback()
    one.add(3 * SECOND, now=0.0)
    one.take(SECOND // 2, now=0.0)
    assert (one.made, one.taken, one.buffered, one.samples) == (3, 0.5, 2.5, 3 * RATE)
    assert repr(one) == "<Playback 3.000s generated, 0.500s read, deadline 3.0>"


def test_audio_that_is_late_is_an_underrun() -> None:
    """If audio is added after the deadline, the time since the deadline counts as an underrun, and playback
    continues."""
    one = playback()
    one.add(SECOND, now=0.0)
    assert one.add(SECOND, now=1.25) == 0.25
    assert one.deadline == 2.25


def test_text_that_came_late_is_not_an_underrun() -> None:
    """If no text was available at the deadline, late audio is not an underrun."""
    one = playback()
    one.add(SECOND, now=0.0)
    one.note_text(0.0, available=False)
    one.note_text(5.0, available=True)
    assert one.add(SECOND, now=6.0) == 0
    assert one.deadline == 7


def test_late_audio_for_text_that_came_before_the_deadline_is_an_underrun() -> None:
    """If text arrived before the deadline, audio after the deadline is an underrun."""
    one = playback()
    one.add(SECOND, now=0.0)
    one.note_text(0.0, available=False)
    one.note_text(0.9, available=True)
    assert one.add(SECOND, now=3.0) == 2


def test_text_that_is_noted_again_does_not_count_as_new() -> None:
    """Text counts as available from the time at which it was first recorded. Recording it again changes nothing."""
    one = playback()
    one.add(SECOND, now=0.0)
    one.note_text(0.5, available=True)
    one.note_text(2.0, available=True)
    assert one.add(SECOND, now=3.0) == 2


def test_a_pause_of_the_reader_is_not_an_underrun() -> None:
    """A pause of the reader while its buffer is full is not an underrun. Late audio after the pause is an underrun."""
    one = playback(max_ahead=2.0)
    one.add(2 * SECOND, now=0.0)
    full = [one.full]
    one.note_text(0.0, available=True)
    one.take(SECOND, now=60.0)
    assert [*full, one.full] == [True, False]
    one.note_text(60.0, available=True)
    assert one.add(SECOND, now=61.5) == 0
    assert one.deadline == 63
    assert one.add(SECOND, now=64.0) == 1


def test_audio_after_a_full_buffer_is_not_an_underrun() -> None:
    """No audio can be generated while the buffer is full, so late audio after a full buffer is not an underrun."""
    one = playback(max_ahead=1.0)
    one.add(SECOND, now=0.0)
    one.note_text(0.0, available=True)
    assert one.add(SECOND, now=5.0) == 0


def test_audio_that_was_not_taken_has_not_been_played() -> None:
    """Audio cannot be played before it is read. If audio is read late, the deadline becomes the current time plus the
    duration of the buffer."""
    one = playback()
    one.add(3 * SECOND, now=0.0)
    one.take(SECOND, now=60.0)
    assert one.deadline == 63
    one.take(SECOND, now=60.0)
    assert one.deadline == 63


def test_taking_early_changes_no_deadline() -> None:
    """Reading audio before it is played does not change the deadline."""
    one = playback()
    one.add(3 * SECOND, now=0.0)
    one.take(3 * SECOND, now=0.0)
    assert one.deadline == 3


def test_playback_ends_when_the_listener_hangs_up() -> None:
    """When the listener disconnects, the deadline becomes the current time. A second call does not change it."""
    one = playback()
    one.add(3 * SECOND, now=1.0)
    one.stop(now=2.0)
    assert one.deadline == 2
    one.stop(now=5.0)
    assert one.deadline == 2


def test_a_hang_up_before_the_first_audio_begins_nothing() -> None:
    """If the listener disconnects before the first audio, there is no deadline."""
    one = playback()
    one.stop(now=1.0)
    assert one.deadline is None


@pytest.mark.parametrize(("size", "full"), [(2 * SECOND - 2, False), (2 * SECOND, True), (9 * SECOND, True)])
def test_the_buffer_is_full_at_its_limit(size: int, full: bool) -> None:
    """The buffer is full when it contains at least `max_ahead` seconds. One step can exceed this limit."""
    one = playback(max_ahead=2.0)
    one.add(size, now=0.0)
    assert one.full is full


_EVENTS = st.lists(
    st.tuples(st.floats(0, 30), st.sampled_from(["make", "take", "text", "silence"]), st.integers(1, 5 * SECOND)),
    max_size=40,
)


def play(one: Playback, events: list[tuple[float, str, int]], check: Callable[[float, str, int, float], None]) -> None:
    """Apply `events` (seconds since the previous event, action, bytes). After each event, call `check` with the time,
    the action, the bytes and the underrun."""
    now = 0.0
    for later, what, size in events:
        now += later
        underrun = 0.0
        if what == "make":
            underrun = one.add(size, now)
        elif what == "take":
            one.take(min(size, round(one.buffered * SECOND)), now)
        else:
            one.note_text(now, available=what == "text")
        check(now, what, size, underrun)


@pytest.mark.unmeasured  # coverage is not measured here, because faster tests cover the same code
@given(_EVENTS)
def test_a_deadline_only_moves_ahead_and_covers_what_is_in_the_buffer(events: list[tuple[float, str, int]]) -> None:
    """In any sequence of events, the deadline never becomes earlier, and all audio generated so far can be played
    before the deadline."""
    one, before, buffered = playback(), float("-inf"), 0.0

    def check(now: float, what: str, size: int, underrun: float) -> None:
        nonlocal before, buffered
        assert one.made == pytest.approx(one.taken + one.buffered)
        assert one.buffered >= 0
        if one.deadline is None or one.began is None:
            assert (one.deadline, one.began, one.made) == (None, None, 0)
            return
        assert one.deadline >= before
        assert one.deadline - one.began >= one.made - 1e-6
        if what == "take":
            assert one.deadline >= now + buffered
        before, buffered = one.deadline, one.buffered

    play(one, events, check)


@given(_EVENTS)
def test_an_underrun_is_the_time_after_the_deadline_and_needs_text(events: list[tuple[float, str, int]]) -> None:
    """If text was available before the deadline, the underrun is the time since the deadline. Otherwise there is no
    underrun."""
    one, text_since = playback(max_ahead=1e9), 0.0
    deadline: float | None = None

    def check(now: float, what: str, size: int, underrun: float) -> None:
        nonlocal deadline, text_since
        if what == "text":
            text_since = min(text_since, now)
        elif what == "silence":
            text_since = float("inf")
        elif what == "make":
            expected = 0.0
            if deadline is not None and text_since < deadline:
                expected = max(0.0, now - deadline)
            assert underrun == expected
        deadline = one.deadline

    play(one, events, check)


@given(st.lists(st.tuples(st.floats(0, 30), st.just("make"), st.integers(1, 5 * SECOND)), max_size=40))
def test_a_listener_with_text_loses_nothing_but_underruns(events: list[tuple[float, str, int]]) -> None:
    """If text is always available, the time from the first audio to the deadline equals the duration of the audio plus
    the duration of all underruns."""
    one, waited = playback(max_ahead=1e9), 0.0

    def check(now: float, what: str, size: int, underrun: float) -> None:
        nonlocal waited
        waited += underrun
        assert one.deadline is not None
        assert one.began is not None
        assert one.deadline - one.began == pytest.approx(one.made + waited)

    play(one, events, check)


def test_audio_is_held_until_playback_begins() -> None:
    """With `max_held`, playback does not start before `begin` is called. It then starts with all audio generated so
    far."""
    one = Playback(rate=RATE, max_ahead=1.0, max_held=5.0)
    one.note_text(0.0, available=True)
    assert one.add(2 * SECOND, now=1.0) == 0
    assert (one.began, one.deadline, one.full) == (None, None, False)
    assert one.add(3 * SECOND, now=60.0) == 0
    assert one.full
    one.begin(61.0)
    assert (one.began, one.deadline, one.full) == (61.0, 66.0, True)
    assert one.add(SECOND, now=66.5) == 0.5


@pytest.mark.parametrize("max_held", [0.0, 0.00001])
def test_empty_buffer_is_never_full(max_held: float) -> None:
    """Even if `max_held` is 0 or nearly 0, the buffer is not full until the first audio has been generated."""
    one = Playback(rate=RATE, max_ahead=1.0, max_held=max_held)
    assert not one.full
    one.add(SECOND, now=0.0)
    assert one.full


def test_time_of_holding_begins_with_the_first_audio() -> None:
    """`seconds_held` is the time since the first audio was generated, or 0 before that."""
    one = Playback(rate=RATE, max_ahead=1.0, max_held=5.0)
    assert one.seconds_held(7.0) == 0
    one.add(SECOND, now=7.0)
    one.add(SECOND, now=8.0)
    assert one.seconds_held(9.0) == 2


def test_buffer_is_smaller_when_playback_has_begun() -> None:
    """Before playback begins, the buffer is limited to `max_held` seconds. During playback, it is limited to
    `max_ahead` seconds."""
    one = Playback(rate=RATE, max_ahead=1.0, max_held=5.0)
    one.add(2 * SECOND, now=0.0)
    full = [one.full]
    one.begin(0.0)
    full.append(one.full)
    one.take(2 * SECOND, now=0.0)
    assert [*full, one.full] == [False, True, False]
