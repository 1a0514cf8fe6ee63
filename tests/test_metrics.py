"""What has happened since start."""

import pytest

from wyoming_piper_serial.metrics import Metrics


def test_nothing_has_happened_at_start() -> None:
    """All figures are zero, the real-time factor too."""
    snapshot = Metrics().snapshot()
    assert str(snapshot) == (
        "0 requests: 0 completed, 0 cancelled, 0 failed; errors told: none; "
        "0.0s of audio in 0.0s, real-time factor 0.000"
    )
    assert snapshot.steps == 0


def test_everything_is_counted() -> None:
    """One snapshot holds it all."""
    metrics = Metrics()
    for _ in range(4):
        metrics.request_accepted()
    metrics.request_completed()
    metrics.request_completed()
    metrics.request_cancelled()
    metrics.request_failed()
    metrics.error_told("unknown-voice")
    metrics.error_told("queue-full")
    metrics.error_told("unknown-voice")
    metrics.step_done(busy_seconds=0.25, audio_seconds=3)
    metrics.step_done(busy_seconds=0.75, audio_seconds=5)
    snapshot = metrics.snapshot()
    assert (snapshot.accepted, snapshot.completed, snapshot.cancelled) == (4, 2, 1)
    assert snapshot.errors == {"unknown-voice": 2, "queue-full": 1}
    assert (snapshot.steps, snapshot.busy_seconds, snapshot.audio_seconds) == (2, 1.0, 8.0)
    assert snapshot.real_time_factor == pytest.approx(0.125)
    assert str(snapshot) == (
        "4 requests: 2 completed, 1 cancelled, 1 failed; errors told: queue-full 1, unknown-voice 2; "
        "8.0s of audio in 1.0s, real-time factor 0.125"
    )


def test_snapshot_does_not_change_any_more() -> None:
    """What is counted later belongs to the next one."""
    metrics = Metrics()
    before = metrics.snapshot()
    metrics.request_accepted()
    metrics.error_told("bad-event")
    metrics.step_done(busy_seconds=1, audio_seconds=1)
    assert (before.accepted, before.errors, before.steps) == (0, {}, 0)
