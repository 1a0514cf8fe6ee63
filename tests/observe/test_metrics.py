"""Metrics counts events in the server, and returns the counts as snapshots."""

from dataclasses import replace

import pytest

from tests.fakes import FakeClock
from wyoming_piper_serial.observe.metrics import LastError, Metrics, QueueFigures
from wyoming_piper_serial.observe.outcome import CANCELLED, COMPLETED, Outcome
from wyoming_piper_serial.settings import Priority


def test_nothing_has_happened_at_start() -> None:
    """Before the first request, all figures are zero, including the real-time factor."""
    snapshot = Metrics(FakeClock()).snapshot()
    assert str(snapshot) == (
        "0 requests accepted, 0 completed, 0 cancelled, 0 failed, 0 refused; errors sent: none; "
        "waiting: none, playing: 0; waiting time: -; first audio: -; 0 underruns; "
        "0.0s of audio in 0.0s of model runs (0 steps), real-time factor 0.000, busy 0%"
    )


def eventful(metrics: Metrics) -> None:
    for _ in range(4):
        metrics.request_accepted()
    metrics.request_ended(COMPLETED)
    metrics.request_ended(COMPLETED)
    metrics.request_ended(CANCELLED)
    metrics.request_ended(Outcome.failed("synthesis-failed"))
    metrics.request_refused("queue-full")
    metrics.error_sent("unknown-voice")
    metrics.error_sent("queue-full")
    metrics.error_sent("unknown-voice")
    for seconds in (0.004, 0.02, 0.02, 7.0):
        metrics.waited(seconds)
        metrics.first_audio(2 * seconds)
    metrics.underrun(0.25, foreseen=True)
    metrics.step_done(busy_seconds=0.25, audio_seconds=3)
    metrics.step_done(busy_seconds=0.75, audio_seconds=5)


def test_everything_is_counted() -> None:
    """A snapshot contains the counts of requests, errors, steps, underruns and waits, and the given queue figures."""
    clock = FakeClock()
    metrics = Metrics(clock)
    eventful(metrics)
    clock.advance(4)
    snapshot = metrics.snapshot(QueueFigures(waiting={Priority.HIGH: 1, Priority.LOW: 2}, oldest_wait=3.0, playing=5))
    assert (snapshot.accepted, snapshot.completed, snapshot.cancelled, snapshot.refused) == (4, 2, 1, 1)
    assert snapshot.requests == {
        COMPLETED: 2,
        CANCELLED: 1,
        Outcome.failed("synthesis-failed"): 1,
        Outcome.refused("queue-full"): 1,
    }
    assert snapshot.errors == {"unknown-voice": 2, "queue-full": 1}
    assert (snapshot.steps.count, snapshot.busy_seconds, snapshot.audio_seconds) == (2, 1.0, 8.0)
    assert (snapshot.underruns, snapshot.foreseen_underruns, snapshot.underrun_seconds) == (1, 1, 0.25)
    assert snapshot.real_time_factor == pytest.approx(0.125)
    assert str(snapshot) == (
        "4 requests accepted, 2 completed, 1 cancelled, 1 failed, 1 refused; "
        "errors sent: queue-full 1, unknown-voice 2; "
        "waiting: 1 high, 2 low, playing: 5; waiting time: median <0.025s, 95% <10s; "
        "first audio: median <0.05s, 95% <30s; 1 underruns; "
        "8.0s of audio in 1.0s of model runs (2 steps), real-time factor 0.125, busy 25%"
    )


def test_snapshot_does_not_change_any_more() -> None:
    """A snapshot does not change when more events are counted."""
    metrics = Metrics()
    before = metrics.snapshot()
    eventful(metrics)
    assert (before.accepted, before.errors, before.steps.count, before.waits.count) == (0, {}, 0, 0)


def test_difference_of_two_snapshots_has_the_counts_between_them() -> None:
    """`since` returns the difference between the counts in this snapshot and those in an earlier one. Queue figures are
    not subtracted."""
    clock = FakeClock()
    metrics = Metrics(clock)
    eventful(metrics)
    clock.advance(60)
    before = metrics.snapshot()
    eventful(metrics)
    clock.advance(60)
    recent = metrics.snapshot(QueueFigures(playing=2)).since(before)
    fresh = Metrics(FakeClock())
    eventful(fresh)
    expected = fresh.snapshot(QueueFigures(playing=2))
    assert recent.uptime == 60
    assert str(recent).replace("busy 2%", "") == str(expected).replace("busy 0%", "")


def test_failures_are_counted_by_code() -> None:
    """Failed and refused requests are counted by error code. Codes that did not occur are not listed."""
    metrics = Metrics()
    for code in ("queue-timeout", "synthesis-failed", "queue-timeout"):
        metrics.request_ended(Outcome.failed(code))
    metrics.request_refused("shutting-down")
    before = metrics.snapshot()
    metrics.request_ended(Outcome.failed("synthesis-failed"))
    metrics.request_refused("queue-full")
    after = metrics.snapshot()
    assert (before.failed, before.refused, after.failed, after.refused) == (3, 1, 4, 2)
    assert before.requests[Outcome.failed("queue-timeout")] == 2
    assert after.since(before).requests == {Outcome.failed("synthesis-failed"): 1, Outcome.refused("queue-full"): 1}


def test_the_last_error_has_an_age() -> None:
    """A snapshot contains the code of the last error and the time in seconds since the error was sent."""
    clock = FakeClock()
    metrics = Metrics(clock)
    assert metrics.snapshot().last_error is None
    metrics.error_sent("queue-full")
    clock.advance(5)
    metrics.error_sent("unknown-voice")
    clock.advance(3)
    assert metrics.snapshot().last_error == LastError("unknown-voice", 3)


def test_an_error_before_the_earlier_snapshot_is_not_the_last_error() -> None:
    """`since` returns no last error if no error was sent after the earlier snapshot."""
    clock = FakeClock()
    metrics = Metrics(clock)
    metrics.error_sent("queue-full")
    clock.advance(60)
    before = metrics.snapshot()
    clock.advance(60)
    assert metrics.snapshot().since(before).last_error is None
    metrics.error_sent("bad-event")
    assert metrics.snapshot().since(before).last_error == LastError("bad-event", 0)


def test_connections_and_voices_are_not_subtracted() -> None:
    """The numbers of connections and voices are current values, so `since` does not subtract the earlier values."""
    metrics = Metrics()
    before = replace(metrics.snapshot(), connections=5, voices=("a", "b"))
    after = replace(metrics.snapshot(), connections=3, voices=("a",))
    recent = after.since(before)
    assert (recent.connections, recent.voices) == (3, ("a",))


def test_quantile_is_the_upper_bound_of_its_bucket() -> None:
    """A quantile is rounded up to the bound of its bucket, or to infinity if it is above all bounds."""
    metrics = Metrics()
    for seconds in (0.01, 0.4, 100.0):
        metrics.waited(seconds)
    waits = metrics.snapshot().waits
    assert [waits.quantile(share) for share in (0.3, 0.5, 1.0)] == [0.01, 0.5, float("inf")]
    assert waits.seconds == pytest.approx(100.41)
