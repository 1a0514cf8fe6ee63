"""The metrics are exported in the Prometheus text format. The tests read this text with the parser from
prometheus_client."""

import itertools
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import prometheus_client
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.engine.bench import EngineBench, working
from tests.fakes import FakeClock, failing_on
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.observe.metrics import Metrics, QueueFigures, Snapshot
from wyoming_piper_serial.observe.outcome import CANCELLED, COMPLETED, Outcome
from wyoming_piper_serial.observe.prometheus import Exposition
from wyoming_piper_serial.settings import Priority

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]

_HISTOGRAMS = ("queue_wait_seconds", "first_audio_seconds", "step_seconds")


def exposition(snapshot: Snapshot) -> Exposition:
    return Exposition(lambda: snapshot, version="1.2.3", provider="CPUExecutionProvider")


def samples(snapshot: Snapshot) -> Samples:
    """Return the value of each sample by name and labels. Fail if a sample occurs twice."""
    body, _ = exposition(snapshot).text()
    parsed: Samples = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in parsed
            parsed[key] = sample.value
    return parsed


def figure(seen: Samples, name: str, labels: Mapping[str, str] | None = None) -> float:
    return seen[f"piper_serial_{name}", frozenset((labels or {}).items())]


def test_every_metric_is_present_from_the_start() -> None:
    """All metrics exist from the start with the value 0, so that graphs have no gaps."""
    seen = samples(Metrics(FakeClock()).snapshot())
    for priority in ("high", "normal", "low"):
        assert figure(seen, "queue_depth", {"priority": priority}) == 0
    for outcome in ("completed", "cancelled"):
        assert figure(seen, "requests_total", {"outcome": outcome, "code": ""}) == 0
    assert figure(seen, "requests_total", {"outcome": "refused", "code": "queue-full"}) == 0
    for name in (
        "queue_oldest_wait_seconds",
        "playing",
        "underruns_total",
        "foreseen_underruns_total",
        "underrun_seconds_total",
    ):
        assert figure(seen, name) == 0
    for name in ("audio_seconds_total", "real_time_factor", "connections", "voices_loaded", "uptime_seconds"):
        assert figure(seen, name) == 0
    for name in _HISTOGRAMS:
        assert figure(seen, f"{name}_count") == 0
    assert figure(seen, "build_info", {"version": "1.2.3", "provider": "CPUExecutionProvider"}) == 1


def test_every_figure_of_the_snapshot_is_a_metric() -> None:
    """Each figure of a snapshot is exported as a metric."""
    clock = FakeClock()
    metrics = Metrics(clock, workers=2)
    metrics.request_ended(COMPLETED)
    metrics.request_ended(COMPLETED)
    metrics.request_ended(CANCELLED)
    metrics.request_ended(Outcome.failed("queue-timeout"))
    metrics.request_refused("queue-full")
    metrics.error_sent("unknown-voice")
    metrics.underrun(0.5, foreseen=True)
    metrics.step_done(busy_seconds=0.25, audio_seconds=4)
    clock.advance(9)
    queue = QueueFigures(waiting={Priority.LOW: 2}, oldest_wait=1.5, playing=3)
    seen = samples(replace(metrics.snapshot(queue), connections=7, voices=("one", "two")))
    assert figure(seen, "requests_total", {"outcome": "completed", "code": ""}) == 2
    assert figure(seen, "requests_total", {"outcome": "cancelled", "code": ""}) == 1
    assert figure(seen, "requests_total", {"outcome": "failed", "code": "queue-timeout"}) == 1
    assert figure(seen, "requests_total", {"outcome": "refused", "code": "queue-full"}) == 1
    assert figure(seen, "errors_total", {"code": "unknown-voice"}) == 1
    assert (figure(seen, "underruns_total"), figure(seen, "underrun_seconds_total")) == (1, 0.5)
    assert figure(seen, "foreseen_underruns_total") == 1
    assert (figure(seen, "audio_seconds_total"), figure(seen, "real_time_factor")) == (4, 0.0625)
    assert (figure(seen, "step_seconds_count"), figure(seen, "step_seconds_sum")) == (1, 0.25)
    assert figure(seen, "uptime_seconds") == 9
    assert (figure(seen, "queue_depth", {"priority": "low"}), figure(seen, "queue_depth", {"priority": "high"})) == (
        2,
        0,
    )
    assert (figure(seen, "queue_oldest_wait_seconds"), figure(seen, "playing")) == (1.5, 3)
    assert (figure(seen, "connections"), figure(seen, "voices_loaded")) == (7, 2)
    assert figure(seen, "workers") == 2


@pytest.mark.parametrize("name", _HISTOGRAMS)
def test_histograms_are_cumulative(name: str) -> None:
    """Histogram buckets are cumulative: each bucket counts the values up to its bound, and the last bucket counts
    all values."""
    metrics = Metrics()
    values = (0.004, 0.01, 0.0101, 0.2, 7.0, 7.0, 100.0)
    for seconds in values:
        metrics.waited(seconds)
        metrics.first_audio(seconds)
        metrics.step_done(busy_seconds=seconds, audio_seconds=1)
    seen = samples(metrics.snapshot())
    buckets = sorted(
        (float(dict(labels)["le"]), count)
        for (family, labels), count in seen.items()
        if family == f"piper_serial_{name}_bucket"
    )
    assert buckets == [(bound, sum(value <= bound for value in values)) for bound, _ in buckets]
    assert buckets[-1] == (float("inf"), figure(seen, f"{name}_count"))
    assert all(fewer <= more for (_, fewer), (_, more) in itertools.pairwise(buckets))
    assert figure(seen, f"{name}_sum") == pytest.approx(sum(values))


async def test_metrics_contain_no_text_of_a_request() -> None:
    """The metrics contain neither the text of a request nor the name of a voice."""
    async with working(EngineBench(on_run=failing_on("bad"))) as bench:
        await bench.say("secret.")
        with pytest.raises(SynthesisFailed):
            await bench.say("bad secret.")
    bench.metrics.error_sent("synthesis-failed")
    body, _ = exposition(replace(bench.engine.snapshot(), voices=("secret-voice",))).text()
    assert b"secret" not in body
    names = {name for _, labels in samples(bench.engine.snapshot()) for name, _ in labels}
    assert names == {"outcome", "code", "priority", "le", "version", "provider"}


def test_each_text_is_made_from_one_snapshot() -> None:
    """Each call to `text` takes exactly one snapshot. Before the first call, no snapshot is taken."""
    metrics, asked = Metrics(), []

    def snapshot() -> Snapshot:
        asked.append(metrics.snapshot())
        return asked[-1]

    figures = Exposition(snapshot, version="1", provider="none")
    assert asked == []
    figures.text()
    assert len(asked) == 1
    metrics.request_ended(COMPLETED)
    body, content_type = figures.text()
    assert len(asked) == 2
    assert b'piper_serial_requests_total{code="",outcome="completed"} 1.0' in body
    assert content_type == "text/plain; version=0.0.4; charset=utf-8"


def test_names_follow_the_conventions() -> None:
    """All metric names have the same prefix, the names of counters end in `_total`, times are in seconds, and every
    metric has a help text."""
    body, _ = exposition(Metrics().snapshot()).text()
    for family in text_string_to_metric_families(body.decode()):
        assert family.name.startswith(("piper_serial_", "process_"))
        assert family.documentation
        assert not family.name.endswith(("_ms", "_milliseconds", "_count"))
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples)
        else:
            assert not family.name.endswith("_total")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the process metrics need /proc")
def test_metrics_of_the_process_are_present() -> None:
    """The metrics include the memory, open files and CPU time of the process."""
    seen = samples(Metrics().snapshot())
    assert seen["process_resident_memory_bytes", frozenset()] > 1e6
    assert seen["process_open_fds", frozenset()] >= 3
    assert seen["process_cpu_seconds_total", frozenset()] <= sum(os.times()[:2]) + 1


def test_servers_do_not_share_metrics() -> None:
    """Two servers in one process have separate metrics, and neither uses the global registry of prometheus_client."""
    first, second = Metrics(FakeClock()), Metrics(FakeClock())
    first.request_ended(COMPLETED)
    completed = {"outcome": "completed", "code": ""}
    assert figure(samples(first.snapshot()), "requests_total", completed) == 1
    assert figure(samples(second.snapshot()), "requests_total", completed) == 0
    assert b"piper_serial" not in prometheus_client.generate_latest()
