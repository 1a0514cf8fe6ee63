"""Converts the metrics to the Prometheus text format. Labels never contain text from clients."""

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

# All versions of Prometheus support this version of the text format, in which metric names are not quoted.
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# These outcomes are reported from the start, with a count of 0. If a counter first appeared with the value 1, the
# `rate` function of Prometheus would miss the first increment.
_ALWAYS = (COMPLETED, CANCELLED, Outcome.refused("queue-full"), Outcome.failed("synthesis-failed"))


class Exposition:
    """Exposes the metrics of one server, using a separate registry."""

    def __init__(self, snapshot: Callable[[], Snapshot], *, version: str, provider: str) -> None:
        """`snapshot` is called for each call to `text`.

        `provider` is the name of the device that runs the models, such as `CPU, 4 threads`.
        """
        self._registry = CollectorRegistry()
        self._registry.register(_SnapshotCollector(snapshot, {"version": version, "provider": provider}))
        ProcessCollector(registry=self._registry)  # provides no metrics on systems without /proc

    def text(self) -> tuple[bytes, str]:
        """Returns the current metrics and their content type."""
        return generate_latest(self._registry), _CONTENT_TYPE


class _SnapshotCollector(Collector):
    """Converts snapshots to Prometheus metric families."""

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
        "Requests that have ended, by outcome (completed, cancelled, failed, refused) and error code.",
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
    yield _gauge(
        "queue_oldest_wait_seconds", "Seconds that the oldest waiting request has waited.", seen.queue.oldest_wait
    )
    yield _gauge("playing", "Requests in progress whose first audio has been released.", seen.queue.playing)
    yield _histogram("queue_wait_seconds", "Time from a request's first sentence to its first step.", seen.waits)
    yield _histogram(
        "first_audio_seconds", "Time from a request's first sentence to its first audio.", seen.first_audio
    )


def _speech(seen: Snapshot) -> Iterator[Metric]:
    yield _histogram("step_seconds", "Duration of steps (single runs of the model).", seen.steps)
    yield _counter("underruns", "Number of times that a listener had no audio to play during speech.", seen.underruns)
    yield _counter(
        "foreseen_underruns",
        "Number of underruns that would have occurred even if the steps had taken no longer than expected.",
        seen.foreseen_underruns,
    )
    yield _counter(
        "underrun_seconds", "Seconds for which listeners had no audio to play during speech.", seen.underrun_seconds
    )
    yield _counter(
        "held_back_seconds", "Seconds for which first audio was held back to prevent gaps.", seen.held_seconds
    )
    yield _counter("audio_seconds", "Seconds of synthesized audio.", seen.audio_seconds)
    yield _gauge("workers", "Number of steps that can run at the same time (--instances).", seen.workers)
    yield _gauge(
        "real_time_factor",
        "Seconds of model runs per second of audio since the start; 0 if there is no audio yet.",
        seen.real_time_factor,
    )


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(_PREFIX + name, meaning, value=value)


def _counter(name: str, meaning: str, value: float) -> Metric:
    """Returns a counter. The library appends `_total` to its name."""
    return CounterMetricFamily(_PREFIX + name, meaning, value=value)


def _histogram(name: str, meaning: str, seen: Distribution) -> Metric:
    """Returns a histogram. Prometheus buckets are cumulative: each one counts all values up to its bound."""
    bounds = (*map(str, seen.bounds), "+Inf")
    buckets = list(zip(bounds, accumulate(seen.counts), strict=True))
    return HistogramMetricFamily(_PREFIX + name, meaning, buckets=buckets, sum_value=seen.seconds)
