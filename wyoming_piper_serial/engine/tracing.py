"""Writes the engine's decisions to the debug log and the trace. The trace contains no text and no addresses.

A trace is a sequence of JSON objects. Times are in seconds on the engine's clock:

    {"kind": "costs", "now": ..., "time": ..., "schedule": ..., "estimates": [...]}
        the estimates of step costs; written at the start, after every 500 decisions, and after the measured step
        durations of a voice have been added; `time` is the time of day (ISO 8601)
    {"kind": "decision", "now": ..., "worker": ..., "candidates": [...], "step": {...} or null, "reason": ...}
    {"kind": "step", "now": ..., "numbers": [...], "work": {...}, "seconds": ..., "learnt": ...}
        the end of a step; `learnt` is true if its duration was added to the estimates
    {"kind": "progress", "now": ..., "number": ..., "first_audio": ..., "underrun": ..., "outcome": ...}

`engine.replay` reads these records.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.scheduler import Step
from wyoming_piper_serial.observe.reporter import RequestLabel
from wyoming_piper_serial.settings import Priority, Schedule

_LOGGER = logging.getLogger(__name__)

# Number of decisions between two records of costs. A rotated file can be replayed from its first record of costs.
_COSTS_PERIOD = 500

Record = dict[str, Any]
"""One line of a trace."""


class Tracer:
    """Writes the actions of the engine to the debug log and the trace. Has almost no overhead while debug logging and
    the trace are off."""

    def __init__(self, costs: StepCosts, schedule: Schedule, write: Callable[[Record], None] | None = None) -> None:
        """`write` is called with each record of the trace and must not block. `None` means no trace."""
        self._costs = costs
        self._schedule = schedule
        self._write = write
        self._until_costs = 0  # number of decisions until the next record of costs

    @property
    def enabled(self) -> bool:
        """Whether the engine needs to call `decision`, `step` and `progress`."""
        return self._write is not None or _LOGGER.isEnabledFor(logging.DEBUG)

    def note_costs(self) -> None:
        """Causes the next decision to write a record of costs. Called when the estimates change without a step."""
        self._until_costs = 0

    def decision(self, now: float, worker: int, candidates: Sequence[Candidate], step: Step | None) -> None:
        """Records that the scheduler chose `step`, or no step (`None`), from `candidates`."""
        reason = None if step is None else step.reason.value
        if self._write is not None:
            if not self._until_costs:
                self._until_costs = _COSTS_PERIOD
                self._write(
                    {
                        "kind": "costs",
                        "now": now,
                        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
                        "schedule": self._schedule,
                        "estimates": self._costs.estimates(),
                    }
                )
            self._until_costs -= 1
            self._write(
                {
                    "kind": "decision",
                    "now": now,
                    "worker": worker,
                    "candidates": [candidate_record(one) for one in candidates],
                    "step": step and {"number": step.number, "frames": step.frames, "kind": step.kind.name},
                    "reason": reason,
                }
            )
        if step is not None:
            left = [one.deadline - now for one in candidates if one.deadline is not None]
            _LOGGER.debug(
                "decision: %s %s: %s; candidates: %d without audio, %d playing%s",
                RequestLabel((step.number,)),
                step_in_words(step),
                reason,
                len(candidates) - len(left),
                len(left),
                f", the least audio left is {min(left):.3f}s" if left else "",
            )

    def step(self, now: float, label: RequestLabel, work: Work, seconds: float, *, learnt: bool) -> None:
        """Records the end of a step of the requests in `label`.

        `learnt` is true if the step's cost will be added to the estimates after this call.
        """
        if self._write is not None:
            self._write(
                {
                    "kind": "step",
                    "now": now,
                    "numbers": list(label.numbers),
                    "work": {"voice": work.voice, "kind": work.kind.name, "size": work.size},
                    "seconds": seconds,
                    "learnt": learnt,
                }
            )
        _LOGGER.debug(
            "step: %s %s in %.4fs; expected: %.4fs, at most %.4fs",
            label,
            work_in_words(work),
            seconds,
            self._costs.typical(work),
            self._costs.bound(work),
        )

    def progress(
        self,
        now: float,
        number: int,
        label: RequestLabel,
        *,
        first_audio: float | None,
        underrun: float,
        outcome: str | None,
    ) -> None:
        """Records the first audio, an underrun or the end of an utterance. Does nothing if none of these has occurred.

        `label` names the utterance in log lines.
        """
        if first_audio is None and not underrun and outcome is None:
            return
        if self._write is not None:
            self._write(
                {
                    "kind": "progress",
                    "now": now,
                    "number": number,
                    "first_audio": first_audio,
                    "underrun": underrun,
                    "outcome": outcome,
                }
            )
        if first_audio is not None:
            _LOGGER.debug("%s: first audio %.3fs after its first sentence", label, first_audio)


def work_in_words(work: Work) -> str:
    """Returns a description of `work`, such as `decode 40 frames`."""
    if work.kind is Kind.FINISH:
        return "finish"
    unit = "characters" if work.kind is Kind.ENCODE else "frames"
    return f"{work.kind.name.lower()} {work.size} {unit}"


def step_in_words(step: Step) -> str:
    """Returns a description of `step`, such as `decode 40 frames`."""
    return "encode" if step.frames is None else f"{step.kind.name.lower()} {step.frames} frames"


def candidate_record(candidate: Candidate) -> Record:
    """Returns a candidate as JSON-compatible data."""
    return asdict(candidate) | {"priority": candidate.priority.value}


def candidate_of(record: Mapping[str, Any]) -> Candidate:
    """Returns the candidate from which `candidate_record` created `record`.

    Raises KeyError, TypeError or ValueError if the record is malformed.
    """
    changes = {"priority": Priority(record["priority"]), "sentences": tuple(record["sentences"])}
    return Candidate(**dict(record) | changes)


def work_of(record: Mapping[str, Any]) -> Work:
    """Returns the work in a step's record. Raises KeyError or TypeError if the record is malformed."""
    return Work(record["voice"], Kind[record["kind"]], record["size"])
