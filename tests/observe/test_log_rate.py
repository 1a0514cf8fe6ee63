"""The rate of log lines of each kind is limited."""

import pytest

from wyoming_piper_serial.observe.log_rate import BURST, PER_SECOND, SUMMARY_PERIOD, LogRate

_KIND = ("flood.py", 1)
_OTHER = ("other.py", 2)


@pytest.mark.unmeasured  # excluded from coverage, because faster tests cover the same lines
def test_flood_of_a_kind_is_bounded() -> None:
    """If a million lines arrive within 100 seconds, LogRate admits a burst of lines and then a fixed number of lines
    per second. LogRate counts the omitted lines."""
    rate = LogRate()
    admitted = left_out = 0
    for number in range(1_000_000):
        now = number / 10_000
        admitted += rate.admits(_KIND, now=now)
        left_out += sum(count for _, count in rate.summaries(now=now))
    left_out += sum(count for _, count in rate.summaries(now=200))
    assert admitted + left_out == 1_000_000
    assert abs(admitted - BURST - 100 * PER_SECOND) <= 1


def test_kinds_do_not_limit_each_other() -> None:
    """If lines of one kind exceed their rate, lines of other kinds are still admitted."""
    rate = LogRate()
    assert sum(rate.admits(_KIND, now=0) for _ in range(1000)) == BURST
    assert rate.admits(_OTHER, now=0)
    assert sum(rate.admits(("debug.py", 3), now=0, factor=2) for _ in range(1000)) == 2 * BURST


def test_kind_is_admitted_again_after_a_flood() -> None:
    """One second after a flood, LogRate again admits as many lines as its limit for one second."""
    rate = LogRate()
    for _ in range(1000):
        rate.admits(_KIND, now=0)
    assert sum(rate.admits(_KIND, now=1) for _ in range(1000)) == PER_SECOND


def test_summary_is_due_once_after_each_period() -> None:
    """The number of omitted lines is returned once, `SUMMARY_PERIOD` seconds after the first omitted line."""
    rate = LogRate()
    for _ in range(BURST + 7):
        rate.admits(_KIND, now=0)
    assert list(rate.summaries(now=SUMMARY_PERIOD - 1)) == []
    assert list(rate.summaries(now=SUMMARY_PERIOD)) == [(_KIND, 7)]
    assert list(rate.summaries(now=2 * SUMMARY_PERIOD)) == []
