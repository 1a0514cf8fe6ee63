"""The engine reports its decisions and steps as debug lines and as trace records, which contain no text and no
addresses."""

import json
import logging
from ipaddress import ip_address
from typing import Any

import pytest

from tests.engine.bench import EngineBench, working
from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.scheduler import Reason, Step
from wyoming_piper_serial.engine.tracing import Record, Tracer, candidate_of, candidate_record, work_of
from wyoming_piper_serial.observe.reporter import Client, RequestLabel
from wyoming_piper_serial.settings import Priority

CANDIDATE = Candidate(
    number=7,
    voice="en_US-fake-medium",
    priority=Priority.HIGH,
    since=1.25,
    deadline=3.5,
    encode=0,
    frames=100,
    chunks=2,
    frame_seconds=0.0116,
    rest=1.16,
    client=3,
    served=0.5,
)


def test_a_candidate_survives_json() -> None:
    """A candidate that is written as JSON and read back is equal to the original."""
    assert candidate_of(json.loads(json.dumps(candidate_record(CANDIDATE)))) == CANDIDATE


def test_step_costs_survive_json() -> None:
    """Step costs that are written as JSON and read back give the same estimates."""
    costs = StepCosts()
    for size, seconds in ((40, 0.02), (96, 0.05), (40, 0.021)):
        costs.add(Work("v", Kind.DECODE, size), seconds)
    again = StepCosts()
    again.add_unknown(json.loads(json.dumps(costs.estimates())))
    work = Work("v", Kind.DECODE, 60)
    assert (again.typical(work), again.bound(work)) == (costs.typical(work), costs.bound(work))


async def _spoken(**how: Any) -> list[Record]:
    """Return the trace records of one request."""
    records: list[Record] = []
    bench = EngineBench(trace=records.append, **how)
    async with working(bench):
        await bench.say("private words.")
    return records


async def test_a_request_is_traced_from_its_first_decision_to_its_end() -> None:
    """The records of a request begin with costs, a decision and a step, and end with the outcome of the request."""
    records = await _spoken()
    kinds = [record["kind"] for record in records]
    assert kinds[:3] == ["costs", "decision", "step"]
    assert records[-1]["kind"] == "progress"
    assert records[-1]["outcome"] == "completed"
    decisions = [record for record in records if record["kind"] == "decision"]
    steps = [record for record in records if record["kind"] == "step"]
    assert len(decisions) == len(steps) > 1
    assert decisions[0]["step"] == {"number": 1, "frames": None, "kind": "DECODE"}
    assert decisions[0]["reason"] == Reason.ALONE.value
    assert work_of(steps[0]["work"]).kind is Kind.ENCODE
    assert any(record.get("first_audio") is not None for record in records)


async def test_records_are_json_without_text() -> None:
    """Trace records can be written as JSON, and do not contain the spoken text."""
    content = json.dumps(await _spoken())
    assert "private" not in content


def test_costs_are_repeated_now_and_then() -> None:
    """The costs are recorded again after every 500 decisions, so they are also in trace files that begin after a
    rotation."""
    records: list[Record] = []
    tracer = Tracer(StepCosts(), "deadline", records.append)
    for now in range(1001):
        tracer.decision(float(now), 0, [CANDIDATE], Step(7, 40))
    assert [record["now"] for record in records if record["kind"] == "costs"] == [0.0, 500.0, 1000.0]


def test_nothing_is_reported_unless_asked(caplog: pytest.LogCaptureFixture) -> None:
    """Without a trace file and without debug logging, the tracer is disabled."""
    with caplog.at_level(logging.INFO):
        assert not Tracer(StepCosts(), "deadline").enabled
    with caplog.at_level(logging.DEBUG):
        assert Tracer(StepCosts(), "deadline").enabled


def test_a_decision_is_one_debug_line_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    """Each decision is logged as one line with its reason, each step as one line with its cost, and the first audio
    as one line."""
    tracer = Tracer(StepCosts(), "deadline")
    with caplog.at_level(logging.DEBUG):
        tracer.decision(3.0, 0, [CANDIDATE], Step(7, 40, reason=Reason.FEED))
        tracer.step(3.1, RequestLabel((7,)), Work("v", Kind.DECODE, 40), 0.1, learnt=True)
        tracer.progress(3.1, 7, RequestLabel((7,)), first_audio=0.25, underrun=0.0, outcome=None)
        tracer.progress(3.1, 7, RequestLabel((7,)), first_audio=None, underrun=0.0, outcome=None)
    assert caplog.messages == [
        (
            "decision: [7] decode 40 frames: earliest deadline; candidates: 0 without audio, 1 playing, "
            "the least audio left is 0.500s"
        ),
        "step: [7] decode 40 frames in 0.1000s; expected: 0.0000s, at most 0.0000s",
        "[7]: first audio 0.250s after its first sentence",
    ]


async def test_lines_of_a_request_carry_number_and_client(caplog: pytest.LogCaptureFixture) -> None:
    """The log lines of a request begin with its number and client."""
    bench = EngineBench()
    client = Client(protocol="wyoming", address=ip_address("192.168.1.5"), connection=12)
    with caplog.at_level(logging.INFO):
        async with working(bench):
            await bench.say("one.", client=client)
    lines = [message for message in caplog.messages if message.startswith("[1]")]
    assert lines[0].startswith("[1] wyoming 192.168.1.5 #12: voice en_US-fake-medium, priority normal, waiting time")
    assert lines[-1].startswith("[1] wyoming 192.168.1.5 #12: completed after ")
