"""When a client has stopped reading."""

import pytest

from wyoming_piper_serial.network.timeouts import StallWatch

_SPEECH = 44_100  # bytes a second


def test_whoever_takes_nothing_is_stalled_after_the_time() -> None:
    """And not before; anything taken begins the time anew."""
    watch = StallWatch(60, now=100, taken=5)
    assert not watch.stalled(now=159, taken=5)
    assert not watch.stalled(now=165, taken=6)
    assert not watch.stalled(now=224, taken=6)
    assert watch.stalled(now=225, taken=6)


@pytest.mark.parametrize("pace", [0.1, 1, 10])
def test_reader_at_the_pace_of_playback_is_never_stalled(pace: float) -> None:
    """Also one ten times slower: kernels take in leaps of up to 190 kB."""
    leap = 200 * 1024
    watch = StallWatch(60, now=0, taken=0)
    for look in range(1, 1000):
        now = look * 15.0
        taken = int(now * _SPEECH * pace) // leap * leap
        assert not watch.stalled(now=now, taken=taken)
