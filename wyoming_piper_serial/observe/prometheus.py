"""The metrics in Prometheus's text format. Labels have only codes and names of this program, never a client's text."""

from collections.abc import Callable, Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from wyoming_piper_serial.observe.metrics import Distribution, Snapshot
from wyoming_piper_serial.observe.outcome import CANCELLED, COMPLETED, Outcome
from wyoming_piper_serial.settings import Priority

_PREFIX = "piper_serial_"

# The version of the text format that every version of Prometheus reads. Names need no quotes in it.
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# These are shown from the start: if a counter appeared only with its first count, a rate would not include that count.
_ALWAYS = (COMPLETED, CANCELLED, Outcome.refused("queue-full"), Outcome.failed("synthesis-failed"))


class Exposition:
    """The metrics of one server, in a registry of its own."""

    def __init__(self, snapshot: Callable[[], Snapshot], *, version: str, provider: str) -> None:
        """`snapshot` is called once for each text.

        `provider` is onnxruntime's provider, such as CPUExecutionProvider.
        """
        self._registry = CollectorRegistry()
        self._registry.register(_SnapshotCollector(snapshot, {"version": version, "provider": provider}))
        ProcessCollector(registry=self._registry)  # has no metrics on a system without /proc

    def text(self) -> tuple[bytes, str]:
        """The current metrics and their content type."""
        return generate_latest(self._registry), _CONTENT_TYPE


class _SnapshotCollector(Collector):
    """Turns a snapshot into families of metrics."""

    def __init__(self, snapshot: Callable[[], Snapshot], build: dict[str, str]) -> None:
        self._snapshot = snapshot
        self._build = build

    def collect(self) -> Iterator[Metric]:
        seen = self._snapshot()
        yield InfoMetricFamily(f"{_PREFIX}build", "Version and provider of this server.", value=self._build)
        yield _gauge("uptime_seconds", "Time since the server started.", seen.uptime)
        yield from _requests(seen)
        yield from _queue(seen)
        yield from _speech(seen)
        yield _gauge("connections", "Open connections.", seen.connections)
        yield _gauge("voices_loaded", "Voices in memory.", len(seen.voices))


def _requests(seen: Snapshot) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        f"{_PREFIX}requests",
        "Requests that are over, by outcome (completed, cancelled, failed, refused) and error code.",
        labels=("outcome", "code"),
    )
    for outcome in sorted({*_ALWAYS, *seen.requests}):
        requests.add_metric((outcome.ending.value, outcome.code), seen.requests.get(outcome, 0))
    yield requests
    errors = CounterMetricFamily(f"{_PREFIX}errors", "Errors sent to clients, by code.", labels=("code",))
    for code, count in sorted(seen.errors.items()):
        errors.add_metric((code,), count)
    yield errors


def _queue(seen: Snapshot) -> Iterator[Metric]:
    depth = GaugeMetricFamily(
        f"{_PREFIX}queue_depth", "Requests that wait for their first step, by priority.", labels=("priority",)
    )
    for priority in Priority:
        depth.add_metric((priority.value,), seen.queue.waiting.get(priority, 0))
    yield depth
    yield _gauge("queue_oldest_wait_seconds", "How long the oldest waiting request has waited.", seen.queue.oldest_wait)
    yield _gauge("playing", "Requests whose first audio was sent and that are not done.", seen.queue.playing)
    yield _histogram("queue_wait_seconds", "From a request's first sentence to its first step.", seen.waits)
    yield _histogram("first_audio_seconds", "From a request's first sentence to its first audio.", seen.first_audio)


def _speech(seen: Snapshot) -> Iterator[Metric]:
    yield _histogram("step_seconds", "Duration of steps (single runs of the model).", seen.steps)
    yield _counter("underruns", "Times that a listener had nothing to play in mid-speech.", seen.underruns)
    yield _counter("underrun_seconds", "How long listeners had nothing to play in mid-speech.", seen.underrun_seconds)
    yield _counter("audio_seconds", "Audio produced.", seen.audio_seconds)
    yield _gauge(
        "real_time_factor",
        "Seconds of work per second of audio since start; 0 before any audio.",
        seen.real_time_factor,
    )


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(_PREFIX + name, meaning, value=value)


def _counter(name: str, meaning: str, value: float) -> Metric:
    """A counter; the library appends `_total` to its name."""
    return CounterMetricFamily(_PREFIX + name, meaning, value=value)


def _histogram(name: str, meaning: str, seen: Distribution) -> Metric:
    """A histogram. The buckets of Prometheus are cumulative: each counts the values up to its bound."""
    bounds = (*map(str, seen.bounds), "+Inf")
    buckets = list(zip(bounds, accumulate(seen.counts), strict=True))
    return HistogramMetricFamily(_PREFIX + name, meaning, buckets=buckets, sum_value=seen.seconds)
