"""Replays a trace with the current scheduler. The functions do no I/O.

The report shows which decisions would be different now, and why listeners had underruns. Times of day in the report are
in the local time zone.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.scheduler import Step, choose, choose_fifo
from wyoming_piper_serial.engine.tracing import Record, candidate_of, step_in_words, work_in_words, work_of

_SHOWN = 4  # Maximum number of steps listed in an explanation.
_BUSY = 0.8  # A worker counts as busy if steps take at least this fraction of a period.
_ROUNDING = 1e-6  # Tolerance for times in seconds. It is needed because the start of a step is computed from its end.
# Maximum number of remembered steps. The steps since the listener's previous chunk are used to explain an underrun.
_REMEMBERED = 10_000


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A decision that the scheduler would now make differently."""

    now: float
    then: Step | None
    today: Step | None
    reason: str | None
    """The reason recorded with the original decision."""


@dataclass(frozen=True, kw_only=True)
class Underrun:
    """A period in which a listener had nothing to play."""

    now: float
    """Time at which the period ended."""

    number: int
    """The request's number."""

    seconds: float
    """Length of the period."""

    explanation: str


@dataclass(frozen=True, kw_only=True)
class _StepRun:
    """One step of the trace."""

    begin: float
    numbers: tuple[int, ...]
    work: Work
    seconds: float
    bound: float
    """Estimated maximum duration of the step in seconds, as known when the step ended, or 0 if it was unknown."""

    @property
    def end(self) -> float:
        return self.begin + self.seconds


@dataclass
class Report:
    """The result of a replay."""

    decisions: int = 0
    skipped: int = 0
    """Number of decisions before the first record of costs. Only rotated files contain such decisions."""

    steps: int = 0
    busy: float = 0.0
    """Total seconds of all steps."""

    begin: float | None = None
    end: float = 0.0
    differences: list[Difference] = field(default_factory=list)
    underruns: list[Underrun] = field(default_factory=list)
    clock: tuple[float, datetime] | None = None
    """The same moment on the engine's clock and as a time of day, or `None` if the trace contains no time of day."""

    def time_of(self, now: float) -> str:
        """Returns `now` as a local time of day, as in log lines.

        If the trace contains no time of day, returns the time on the engine's clock in seconds.
        """
        if self.clock is None:
            return f"{now:.3f}"
        begin, time = self.clock
        return (time + timedelta(seconds=now - begin)).astimezone().strftime("%H:%M:%S.%f")[:-3]


def replay(records: Iterable[Record]) -> Report:
    """Replays the records of one trace file. Raises KeyError, TypeError or ValueError if a record is malformed."""
    return _Replay().run(records)


class _Replay:
    def __init__(self) -> None:
        self._report = Report()
        self._costs: StepCosts | None = None
        self._schedule = "deadline"
        self._steps: deque[_StepRun] = deque(maxlen=_REMEMBERED)
        self._playing = 0
        self._waiting = 0

    def run(self, records: Iterable[Record]) -> Report:
        for record in records:
            now = float(record["now"])
            if self._report.begin is None:
                self._report.begin = now
            self._report.end = now
            match record["kind"]:
                case "costs":
                    self._on_costs(record)
                case "decision":
                    self._on_decision(now, record)
                case "step":
                    self._on_step(now, record)
                case "progress":
                    self._on_progress(now, record)
                case other:
                    raise ValueError(f"unknown kind of record {other!r:.40}")
        return self._report

    def _on_costs(self, record: Record) -> None:
        self._schedule = record["schedule"]
        if self._report.clock is None and "time" in record:
            self._report.clock = float(record["now"]), datetime.fromisoformat(record["time"])
        if self._costs is None:
            self._costs = StepCosts()
        self._costs.add_unknown(record["estimates"])

    def _on_decision(self, now: float, record: Record) -> None:
        candidates = [candidate_of(one) for one in record["candidates"]]
        self._playing = sum(one.deadline is not None for one in candidates)
        self._waiting = len(candidates) - self._playing
        if self._costs is None:
            self._report.skipped += 1
            return
        self._report.decisions += 1
        then = _step_of(record["step"])
        today = choose_fifo(candidates) if self._schedule == "fifo" else choose(candidates, now, self._costs)
        if then != today:
            self._report.differences.append(Difference(now=now, then=then, today=today, reason=record["reason"]))

    def _on_step(self, now: float, record: Record) -> None:
        work, seconds = work_of(record["work"]), float(record["seconds"])
        numbers = tuple(record["numbers"])
        bound = 0.0 if self._costs is None else self._costs.bound(work)
        self._steps.append(_StepRun(begin=now - seconds, numbers=numbers, work=work, seconds=seconds, bound=bound))
        self._report.steps += 1
        self._report.busy += seconds
        if self._costs is not None and record["learnt"]:
            self._costs.add(work, seconds)

    def _on_progress(self, now: float, record: Record) -> None:
        number = record["number"]
        if record["underrun"]:
            seconds = float(record["underrun"])
            explanation = self._explain(now, number, seconds)
            self._report.underruns.append(Underrun(now=now, number=number, seconds=seconds, explanation=explanation))

    def _explain(self, now: float, number: int, seconds: float) -> str:
        """Returns an explanation of an underrun that ended with the most recent step."""
        own = [step for step in self._steps if number in step.numbers]
        earlier = [step for step in own if step.work.kind in {Kind.DECODE, Kind.VOCODE}][:-1]
        since = earlier[-1].end if earlier else now - seconds
        steps = [step for step in self._steps if step.begin >= since - _ROUNDING]
        facts = [f"it had {max(0.0, now - seconds - since):.3f}s of audio left when its last chunk was generated"]
        facts += [f"then {_name(step)} took {step.seconds:.3f}s" for step in steps[:_SHOWN]]
        if len(steps) > _SHOWN:
            rest = steps[_SHOWN:]
            facts.append(f"and {len(rest)} more steps took {sum(step.seconds for step in rest):.3f}s")
        others = [step for step in self._steps if step.end <= since + _ROUNDING and number not in step.numbers]
        if others:
            facts.append(f"the preceding step of another request: {_name(others[-1])}, {others[-1].seconds:.3f}s")
        return f"{self._verdict(number, steps, now - since, seconds)}; " + ", ".join(facts)

    def _verdict(self, number: int, steps: list[_StepRun], span: float, seconds: float) -> str:
        excess = sum(max(0.0, step.seconds - step.bound) for step in steps if step.bound)
        if excess > seconds / 2:
            return f"the machine was slower than before: steps exceeded the expected maximum by {excess:.3f}s"
        if sum(step.seconds for step in steps) < _BUSY * span:
            return "the voice was idle: the text arrived late, or the client paused reading"
        encoding = sum(step.seconds for step in steps if number in step.numbers and step.work.kind is Kind.ENCODE)
        if encoding > seconds / 2:
            return f"its next sentence took {encoding:.3f}s to encode, longer than its audio lasted"
        requests = f"{self._playing} playing and {self._waiting} waiting requests"
        return f"overload: {requests} needed more steps than there was time for"


def _step_of(record: Record | None) -> Step | None:
    """Returns the step that a decision chose, if any. Traces of earlier versions do not contain the kind of step."""
    if record is None:
        return None
    return Step(record["number"], record["frames"], Kind[record.get("kind", "DECODE")])


def _name(step: _StepRun) -> str:
    return f"{list(step.numbers)} {work_in_words(step.work)}"


def describe(step: Step | None) -> str:
    """Returns a description of a step, such as `[3] decode 40 frames`, or `no step` for `None`."""
    if step is None:
        return "no step"
    return f"[{step.number}] {step_in_words(step)}"


def lines(report: Report, *, most: int = 20) -> Iterator[str]:
    """Yields the lines of the report: a summary, then at most `most` differences and at most `most` underruns."""
    span = report.end - (report.begin or 0.0)
    begin, end = report.time_of(report.begin or 0.0), report.time_of(report.end)
    yield (
        f"{begin} to {end}: {report.decisions} decisions and {report.steps} steps in {span:.1f}s; "
        f"the voice was busy for {report.busy / span if span else 0.0:.0%} of this time"
    )
    yield "[N] is the number of a request, as in the log."
    if report.skipped:
        yield f"{report.skipped} decisions before the first record of costs were skipped"
    yield f"{len(report.differences)} decisions would be different now"
    for one in report.differences[:most]:
        yield f"  {report.time_of(one.now)}: {describe(one.then)} ({one.reason}); now {describe(one.today)}"
    yield f"{len(report.underruns)} underruns, {sum(one.seconds for one in report.underruns):.3f}s in total"
    for underrun in report.underruns[:most]:
        silent = f"{report.time_of(underrun.now - underrun.seconds)} to {report.time_of(underrun.now)}"
        yield f"  {silent}: [{underrun.number}] had nothing to play for {underrun.seconds:.3f}s: {underrun.explanation}"


def parse(raw: Any) -> Record:
    """Checks that `raw`, the parsed JSON of one line of a trace, is a record, and returns it. Raises ValueError
    otherwise.
    """
    if not isinstance(raw, dict) or "kind" not in raw or "now" not in raw:
        raise ValueError("not a trace record")
    return raw
