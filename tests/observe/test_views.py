"""The JSON responses to `/health` and `/api/activity`."""

import asyncio
import json
from dataclasses import replace

import pytest

from tests.engine.bench import EngineBench, entered, feed, working
from tests.fakes import FakeClock, Gate
from wyoming_piper_serial.observe.metrics import Metrics, QueueFigures
from wyoming_piper_serial.observe.timeline import Activity
from wyoming_piper_serial.observe.views import HealthState, activity, health
from wyoming_piper_serial.settings import Priority, Sharing


def test_a_fresh_server_is_healthy() -> None:
    """The status of a new server is `ok`, and all keys are present even before the first request."""
    answer = health(
        Metrics(FakeClock()).snapshot(),
        state=HealthState.READY,
        unhealthy_reason=None,
        provider="CPUExecutionProvider",
        version="1.2.3",
    )
    assert answer == {
        "status": "ok",
        "version": "1.2.3",
        "provider": "CPUExecutionProvider",
        "voices": [],
        "downloads": {},
        "queue": {"high": 0, "normal": 0, "low": 0},
        "playing": 0,
        "oldest_wait_seconds": 0.0,
        "uptime_seconds": 0.0,
        "last_error": None,
        "trouble": None,
    }


def test_health_of_an_unhealthy_server_has_the_reason() -> None:
    """If a step hangs, the response to `/health` contains the reason, the queue and the code of the last error."""
    clock = FakeClock()
    metrics = Metrics(clock)
    clock.advance(10)
    metrics.error_sent("queue-full")
    clock.advance(2.00004)
    queue = QueueFigures(waiting={Priority.NORMAL: 3}, oldest_wait=1.23456, playing=2)
    snapshot = replace(metrics.snapshot(queue), voices=("en_US-joe-medium", "de_DE-some-low"))
    answer = health(snapshot, state=HealthState.HUNG, unhealthy_reason="a step hangs", provider="CPU", version="1")
    assert (answer["status"], answer["trouble"]) == ("hung", "a step hangs")
    assert answer["voices"] == ["en_US-joe-medium", "de_DE-some-low"]
    assert (answer["queue"], answer["playing"]) == ({"high": 0, "normal": 3, "low": 0}, 2)
    assert (answer["oldest_wait_seconds"], answer["uptime_seconds"]) == (1.2346, 12.0)
    assert answer["last_error"] == {"code": "queue-full", "seconds_ago": 2.0}
    assert json.loads(json.dumps(answer)) == answer


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (HealthState.READY, "ok"),
        (HealthState.LOADING, "loading"),
        (HealthState.DRAINING, "draining"),
        (HealthState.HUNG, "hung"),
    ],
)
def test_the_words_for_states_are_stable(state: HealthState, word: str) -> None:
    """The names of the states must not change, because monitoring programs depend on them."""
    answer = health(Metrics().snapshot(), state=state, unhealthy_reason=None, provider="CPU", version="1")
    assert answer["status"] == word


def test_activity_of_an_idle_server_is_empty() -> None:
    """The activity of an idle server contains no utterances, and all counts of its histograms are 0."""
    snapshot = Metrics(FakeClock()).snapshot()
    answer = activity(Activity(12.5, ()), snapshot, state=HealthState.DRAINING)
    assert (answer["now"], answer["uptime"], answer["utterances"]) == (12.5, 0.0, [])
    assert answer["status"] == "draining"
    for chart in (answer["waits"], answer["first_audio"]):
        assert len(chart["counts"]) == len(chart["bounds"]) + 1
        assert not any(chart["counts"])


async def test_activity_has_playing_and_waiting_utterances() -> None:
    """The activity contains playing and waiting utterances. All times are from the same clock. Times that are not known
    yet are null."""
    gate = Gate()
    bench = EngineBench(
        sharing=Sharing(release="earliest"),
        on_run=lambda text: gate.hold() if "held" in text else bench.clock.advance(0.123456),
    )
    async with working(bench):
        speaking, waiting = bench.submit(), bench.submit(priority=Priority.LOW)
        bench.clock.advance(1)
        await feed(speaking, "one.", "held.")
        await anext(speaking)
        await entered(gate)
        await feed(waiting, "two.")
        bench.clock.advance(1)
        answer = activity(bench.engine.activity(), bench.engine.snapshot(), state=HealthState.READY)
        gate.open()
        await asyncio.gather(*(one.aclose() for one in (speaking, waiting)))
    assert json.loads(json.dumps(answer)) == answer
    assert (answer["now"], answer["uptime"]) == (2.1235, 2.1235)
    first, second = answer["utterances"]
    audio = first["lasts_until"] - first["heard"]
    assert audio == pytest.approx(0.0181, abs=0.0002)
    assert first == {
        "number": 1,
        "voice": "en_US-fake-medium",
        "priority": "normal",
        "asked": 1.0,
        "begun": 1.0,
        "heard": 1.1235,
        "lasts_until": 1.1416,
        "ended": None,
        "outcome": None,
        "steps": [[1.0, 0.0, 0.0], [1.0, 0.1235, 0.0181], [1.1235, 0.0, 0.0]],
    }
    assert second == {
        "number": 2,
        "voice": "en_US-fake-medium",
        "priority": "low",
        "asked": 1.1235,
        "begun": None,
        "heard": None,
        "lasts_until": None,
        "ended": None,
        "outcome": None,
        "steps": [],
    }
    assert (sum(answer["waits"]["counts"]), sum(answer["first_audio"]["counts"])) == (1, 1)
