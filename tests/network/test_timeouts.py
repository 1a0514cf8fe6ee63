"""ArrivalTimer detects clients that send too slowly, and StallTimer detects clients that have stopped reading. The
tests pass in all times, so no clock is needed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.network.timeouts import LAST_WAIT, LOOKS, ArrivalTimer, StallTimer

_SPEECH = 44_100  # bytes of speech per second

# Tests of ArrivalTimer. An item is an event or a request that must arrive completely within a time limit.


def test_pieces_of_an_item_share_its_time() -> None:
    """The time limit for an item applies to the total time spent waiting for this item. The time from `stop` to the
    next `wait`, in which the server is busy, does not count."""
    timer = ArrivalTimer(10)
    now = 100.0
    for waits in range(9):
        timer.wait(0, now=now)
        assert timer.deadline == now + 10 - waits
        timer.stop(now=now + 1)
        now += 50
    timer.wait(0, now=now)
    assert not timer.expired(now=now + 0.9)
    assert timer.expired(now=now + 1)


def test_waiting_may_go_on_from_piece_to_piece() -> None:
    """A caller that does no work between two waits need not call `stop`. Another `wait` for the same item does not
    change the item's deadline."""
    timer = ArrivalTimer(10)
    for second in range(10):
        timer.wait("request", now=second)
        assert timer.deadline == 10
        assert not timer.expired(now=second)
    assert timer.expired(now=10)


def test_next_item_has_its_own_time() -> None:
    """The full time limit applies to the next item, even if the previous item used nearly all of its time."""
    timer = ArrivalTimer(10)
    timer.wait(0, now=0)
    timer.wait(1, now=9)
    assert timer.deadline == 19


def test_time_between_items_does_not_count() -> None:
    """The time between two items is not limited, so a connection can be idle for days."""
    timer = ArrivalTimer(10)
    timer.wait(None, now=0)
    assert timer.deadline is None
    assert not timer.expired(now=100_000)
    timer.wait(0, now=100_000)
    assert timer.deadline == 100_010


def test_item_is_not_late_while_the_server_does_not_wait_for_it() -> None:
    """An item does not expire after `stop`, while the server handles received bytes."""
    timer = ArrivalTimer(10)
    timer.wait(0, now=0)
    timer.stop(now=1)
    assert timer.deadline is None
    assert not timer.expired(now=100)


def test_item_has_no_limit_with_zero() -> None:
    """A time limit of 0 seconds means no limit."""
    timer = ArrivalTimer(0)
    timer.wait(0, now=0)
    assert timer.deadline is None
    assert not timer.expired(now=1e9)


@pytest.mark.unmeasured  # excluded from coverage, because faster tests cover the same lines
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), st.booleans()), max_size=50))
def test_an_item_is_late_when_its_waits_add_up_to_the_limit(steps: list[tuple[int, int, bool]]) -> None:
    """For any sequence of waits, an item expires when the total waiting time for it reaches the limit."""
    timer = ArrivalTimer(10)
    item, now, waited = 0, 0, 0
    for next_item, seconds, stops in steps:
        if next_item:
            item, waited = item + 1, 0
        timer.wait(item, now=now)
        now += seconds
        waited += seconds
        assert timer.expired(now=now) == (waited >= 10)
        if stops:
            timer.stop(now=now)
            now += seconds


# Tests of StallTimer, which detects clients that have stopped reading.


def test_client_that_reads_nothing_is_stalled_after_the_time() -> None:
    """A client is stalled if data is buffered for the client and the client reads nothing until the timeout expires.
    Each read restarts the timer."""
    timer = StallTimer(60)
    assert not timer.stalled(now=100, taken=5, backlog=9)
    assert not timer.stalled(now=159, taken=5, backlog=9)
    assert not timer.stalled(now=165, taken=6, backlog=9)
    assert not timer.stalled(now=224, taken=6, backlog=20)
    assert timer.stalled(now=225, taken=6, backlog=20)


def test_client_for_which_nothing_waits_is_not_stalled() -> None:
    """A client is not stalled while no data is buffered for it. The timer starts when buffered data is first
    detected."""
    timer = StallTimer(60)
    assert not timer.stalled(now=0, taken=0, backlog=1)
    assert not timer.stalled(now=59, taken=1, backlog=0)
    assert not timer.stalled(now=1000, taken=1, backlog=0)
    assert not timer.stalled(now=1001, taken=1, backlog=1)
    assert not timer.stalled(now=1060, taken=1, backlog=1)
    assert timer.stalled(now=1061, taken=1, backlog=1)


def test_client_is_never_stalled_with_zero() -> None:
    """A time limit of 0 seconds means no limit."""
    timer = StallTimer(0)
    assert not any(timer.stalled(now=now, taken=0, backlog=1) for now in (0, 1, 1e9))


@pytest.mark.parametrize("pace", [0.1, 1, 10])
def test_reader_at_the_pace_of_playback_is_never_stalled(pace: float) -> None:
    """A client that reads at a tenth of playback speed or faster never counts as stalled, although its operating system
    accepts bytes only at intervals, in this test 200 KiB at a time."""
    step = 200 * 1024
    timer = StallTimer(60)
    for look in range(1, 1000):
        now = look * 60 / LOOKS
        taken = int(now * _SPEECH * pace) // step * step
        assert not timer.stalled(now=now, taken=taken, backlog=step)


def test_last_wait_is_longer_than_a_player_pauses() -> None:
    """`LAST_WAIT` is longer than the longest pause between two reads by a client that plays speech, so that the client
    receives an error sent after the audio."""
    assert LAST_WAIT > 2 * 190 * 1024 / _SPEECH
