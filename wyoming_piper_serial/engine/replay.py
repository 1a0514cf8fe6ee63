"""Runs a trace through the scheduler again: where it decides differently now, and why listeners had underruns. Pure."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.scheduler import Step, choose, choose_fifo
from wyoming_piper_serial.engine.tracing import Record, candidate_of, work_of

_ROUNDING = 1e-6  # seconds: the begin of a step is computed from its end
_REMEMBERED = 10_000  # steps; an underrun is explained by those since the listener's last one


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A decision that would be another one now."""

    now: float
    then: Step | None
    today: Step | None
    reason: str | None
    """Why it was decided so then."""


@dataclass(frozen=True, kw_only=True)
class Underrun:
    """A listener had nothing to play."""

    now: float
    number: int
    seconds: float
    explanation: str


@dataclass(frozen=True, kw_only=True)
class _StepRun:
    """One step of the trace."""

    begin: float
    numbers: tuple[int, ...]
    work: Work
    seconds: float
    bound: float
    """What was known when it began: seconds that such a step seldom exceeds."""


@dataclass
class Report:
    """What a replay has found."""

    decisions: int = 0
    skipped: int = 0
    """Decisions before the first record of costs: a rotated file begins in the middle."""

    steps: int = 0
    busy: float = 0.0
    """Seconds."""

    begin: float | None = None
    end: float = 0.0
    differences: list[Difference] = field(default_factory=list)
    underruns: list[Underrun] = field(default_factory=list)


def replay(records: Iterable[Record]) -> Report:
    """Replay the records of one trace file. Raises KeyError, TypeError or ValueError for what is no trace."""
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
        if self._costs is None:
            self._costs = StepCosts.from_estimates(record["estimates"])

    def _on_decision(self, now: float, record: Record) -> None:
        candidates = [candidate_of(one) for one in record["candidates"]]
        self._playing = sum(one.deadline is not None for one in candidates)
        self._waiting = len(candidates) - self._playing
        if self._costs is None:
            self._report.skipped += 1
            return
        self._report.decisions += 1
        then = None if record["step"] is None else Step(record["step"]["number"], record["step"]["frames"])
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
        """The main reason, from the steps since the listener's last audio. The newest step is the one that ended it."""
        earlier = [step for step in self._steps if number in step.numbers and step.work.kind is Kind.DECODE][:-1]
        since = earlier[-1].begin + earlier[-1].seconds if earlier else now - seconds
        steps = [step for step in self._steps if step.begin >= since - _ROUNDING]
        others = [step for step in steps if number not in step.numbers]
        late = [(step.seconds - step.bound, step) for step in steps if step.bound and step.seconds > step.bound]
        excess = sum(seconds for seconds, _ in late)
        parts = [f"{len(steps)} steps since its last audio {now - since:.3f}s before"]
        if excess > seconds / 2:
            worst = max(late, key=lambda pair: pair[0])[1]
            parts.append(
                f"steps took {excess:.3f}s longer than measured before (the worst: {_name(worst)} took "
                f"{worst.seconds:.3f}s, at most {worst.bound:.3f}s were expected)"
            )
        else:
            own = sum(step.seconds for step in steps if number in step.numbers)
            parts.append(
                f"{own:.3f}s for its own steps, {sum(step.seconds for step in others):.3f}s for "
                f"{len({one for step in others for one in step.numbers})} others"
            )
            encoding = [step for step in steps if number in step.numbers and step.work.kind is Kind.ENCODE]
            if encoding and sum(step.seconds for step in encoding) > seconds / 2:
                parts.append(f"its next sentence took {sum(step.seconds for step in encoding):.3f}s to encode")
        parts.append(f"{self._playing} playing and {self._waiting} waiting")
        return "; ".join(parts)


def _name(step: _StepRun) -> str:
    return f"{list(step.numbers)} {step.work.kind.name.lower()} {step.work.size}"


def describe(step: Step | None) -> str:
    """A step in words."""
    if step is None:
        return "no step"
    return f"[{step.number}] " + ("encode" if step.frames is None else f"decode {step.frames} frames")


def lines(report: Report, *, most: int = 20) -> Iterator[str]:
    """The report in words: a summary, then at most `most` differences and underruns each."""
    span = report.end - (report.begin or 0.0)
    yield (
        f"{report.decisions} decisions and {report.steps} steps in {span:.1f}s, "
        f"busy {report.busy / span if span else 0.0:.0%}"
    )
    if report.skipped:
        yield f"{report.skipped} decisions before the first record of costs were left out"
    yield f"{len(report.differences)} decisions would be different now"
    for one in report.differences[:most]:
        yield f"  at {one.now:.3f}: {describe(one.then)} ({one.reason}); now {describe(one.today)}"
    yield f"{len(report.underruns)} underruns, {sum(one.seconds for one in report.underruns):.3f}s in all"
    for underrun in report.underruns[:most]:
        yield f"  at {underrun.now:.3f}: [{underrun.number}] for {underrun.seconds:.3f}s: {underrun.explanation}"


def parse(raw: Any) -> Record:
    """A line of a trace that was read as JSON. Raises ValueError if it is no record."""
    if not isinstance(raw, dict) or "kind" not in raw or "now" not in raw:
        raise ValueError("not a record of a trace")
    return raw
