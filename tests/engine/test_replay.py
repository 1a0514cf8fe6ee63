"""Replay repeats the decisions of a trace with the current scheduler and explains underruns."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.engine.bench import EngineBench, feed, working
from tests.fakes import FakeVoice, voice_config
from wyoming_piper_serial.engine import replay as replaying
from wyoming_piper_serial.engine.replay import lines, parse, replay
from wyoming_piper_serial.engine.tracing import Record
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.settings import Sharing, SynthesisSettings


async def traced(sharing: Sharing | None = None, on_run: Callable[[str], None] = lambda text: None) -> list[Record]:
    """Return the trace records of three simultaneous requests after conversion to JSON and back."""
    records: list[Record] = []
    bench = EngineBench(sharing=sharing, on_run=on_run, trace=records.append)
    utterances = [bench.submit() for _ in range(3)]
    for utterance in utterances:
        await feed(utterance, "A first sentence.", "And a second one.")
    async with working(bench):
        for utterance in utterances:
            async for _ in utterance:
                pass
    return [parse(json.loads(json.dumps(record))) for record in records]


@pytest.mark.parametrize("schedule", ["deadline", "fifo"])
async def test_the_same_scheduler_decides_the_same(schedule: Any) -> None:
    """The current scheduler makes the same decisions as in its own trace, so the report contains no differences."""
    report = replay(await traced(Sharing(schedule=schedule)))
    assert report.decisions > 6
    assert report.decisions == report.steps
    assert report.differences == []


async def test_costs_of_a_voice_that_was_loaded_later_are_known() -> None:
    """The trace contains the step times that are measured when another voice is loaded later. The replay therefore
    finds no differences."""
    records: list[Record] = []
    bench = EngineBench(trace=records.append)
    times = [("encode", 20, 0.5), ("decode", 20, 1.0), ("decode", 80, 4.0)]
    slow = FakeVoice(config=voice_config("en_US-slow-medium"), step_times=times)
    async with working(bench):
        await bench.say("A first sentence.")
        first, second = bench.submit(), bench.engine.submit([slow], SynthesisOptions(synthesis=SynthesisSettings()))
        for utterance in (first, second):
            await feed(utterance, "A sentence of some letters.")
        for utterance in (first, second):
            async for _ in utterance:
                pass
    costs = [record["estimates"] for record in records if record["kind"] == "costs"]
    assert [sum(one[0] == "en_US-slow-medium" for one in estimates) for estimates in costs] == [0, 3]
    assert replay(records).differences == []


async def test_another_decision_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a decision that differs, the report contains the old decision, its reason and the new decision."""
    records = await traced()
    monkeypatch.setattr(replaying, "choose", lambda candidates, now, costs: None)
    report = replay(records)
    assert len(report.differences) == report.decisions
    text = list(lines(report))
    assert f"{report.decisions} decisions would be different now" in text
    assert any("encode" in line and line.endswith("now no step") for line in text)


async def test_decisions_before_the_first_costs_are_left_out() -> None:
    """Decisions before the first record of costs are skipped and counted. A rotated trace file can begin with such
    decisions."""
    records = await traced()
    assert records[0]["kind"] == "costs"
    report = replay(records[1:] + records[:1])
    assert report.decisions == 0
    assert report.skipped > 6
    assert f"{report.skipped} decisions before the first record of costs were skipped" in list(lines(report))


def _step(now: float, number: int, seconds: float, kind: str = "DECODE", size: int = 40) -> Record:
    work = {"voice": "v", "kind": kind, "size": size}
    return {"kind": "step", "now": now, "numbers": [number], "work": work, "seconds": seconds, "learnt": True}


def _progress(now: float, number: int, underrun: float) -> Record:
    return {
        "kind": "progress",
        "now": now,
        "number": number,
        "first_audio": None,
        "underrun": underrun,
        "outcome": None,
    }


_COSTS: Record = {"kind": "costs", "now": 0.0, "schedule": "deadline", "estimates": []}


def test_an_underrun_by_slow_steps_is_explained() -> None:
    """The report of an underrun names the step that took longer than earlier steps of its kind."""
    quick = [_step(1 + at / 10, 1, 0.1) for at in range(10)]
    rest = [_step(3.0, 1, 0.9), _step(3.1, 2, 0.1), _progress(3.1, 2, 0.8)]
    report = replay([_COSTS, *quick, _step(2.1, 2, 0.1), *rest])
    (underrun,) = report.underruns
    assert (underrun.number, underrun.seconds, underrun.now) == (2, 0.8, 3.1)
    assert underrun.explanation.startswith(
        "the machine was slower than before: steps exceeded the expected maximum by 0.7"
    )
    assert "then [1] decode 40 frames took 0.900s" in underrun.explanation


def test_an_underrun_by_other_listeners_is_explained() -> None:
    """The report of an underrun states which other requests used the voice, and how many steps and seconds they
    took."""
    others = [_step(1 + at / 10, at % 4 + 5, 0.1) for at in range(1, 11)]
    report = replay([_COSTS, _step(1.0, 2, 0.1), *others, _step(2.1, 2, 0.1), _progress(2.1, 2, 0.5)])
    (underrun,) = report.underruns
    assert underrun.explanation.startswith("overload: ")
    assert "it had 0.600s of audio left when its last chunk was generated" in underrun.explanation
    assert "and 7 more steps took 0.700s" in underrun.explanation


def test_an_underrun_by_a_long_sentence_is_explained() -> None:
    """The report of an underrun states that encoding the next sentence took a long time."""
    report = replay(
        [
            _COSTS,
            _step(1.0, 2, 0.1),
            *(_step(2.0, 2, 1.0, "ENCODE", 500), _step(2.1, 2, 0.1), _progress(2.1, 2, 0.7)),
        ]
    )
    assert report.underruns[0].explanation.startswith("its next sentence took 1.000s to encode")


def test_an_underrun_of_an_idle_voice_is_explained() -> None:
    """The report of an underrun states that the voice was idle, which means that the text arrived late."""
    report = replay([_COSTS, _step(1.0, 2, 0.1), _step(5.0, 2, 0.1), _progress(5.0, 2, 3.0)])
    assert report.underruns[0].explanation.startswith("the voice was idle: the text arrived late")


def test_times_are_those_of_the_log() -> None:
    """The report contains times of day in the format of the log. These times are computed from the time of day in a
    record of costs."""
    costs = _COSTS | {"time": "2026-11-26T12:00:00.000+00:00"}
    report = replay([costs, _step(1.0, 2, 0.1), _step(61.5, 2, 0.1), _progress(61.5, 2, 1.0)])
    expected = datetime(2026, 11, 26, 12, 1, 1, 500_000, UTC).astimezone().strftime("%H:%M:%S.500")
    assert report.time_of(61.5) == expected
    assert any(f"to {expected}: [2] had nothing to play for 1.000s" in line for line in lines(report))


@pytest.mark.parametrize("raw", [[], {"kind": "step"}, "text", None, {"now": 1}])
def test_other_json_than_a_record_is_refused(raw: Any) -> None:
    """`parse` raises ValueError for JSON that is not a trace record."""
    with pytest.raises(ValueError, match="not a trace record"):
        parse(raw)


def test_an_unknown_kind_is_refused() -> None:
    """`replay` raises ValueError for a record of an unknown kind, and the message contains the kind."""
    with pytest.raises(ValueError, match="'nonsense'"):
        replay([{"kind": "nonsense", "now": 0.0}])
