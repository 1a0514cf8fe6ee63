"""What has happened since start, in one place and one snapshot."""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Figures since start."""

    accepted: int
    completed: int
    cancelled: int
    failed: int
    """Accepted, but ended by an error."""

    errors: dict[str, int]
    """Errors told to clients, by code; also those of requests that were never accepted."""

    steps: int
    busy_seconds: float
    audio_seconds: float

    @property
    def real_time_factor(self) -> float:
        """Seconds of work per second of audio; 0 before any was made."""
        return self.busy_seconds / self.audio_seconds if self.audio_seconds else 0.0

    def __str__(self) -> str:
        errors = ", ".join(f"{code} {count}" for code, count in sorted(self.errors.items())) or "none"
        return (
            f"{self.accepted} requests: {self.completed} completed, {self.cancelled} cancelled, "
            f"{self.failed} failed; errors told: {errors}; "
            f"{self.audio_seconds:.1f}s of audio in {self.busy_seconds:.1f}s, "
            f"real-time factor {self.real_time_factor:.3f}"
        )


class Metrics:
    """Counts; lives on the event loop."""

    def __init__(self) -> None:
        self._accepted = 0
        self._completed = 0
        self._cancelled = 0
        self._failed = 0
        self._errors: Counter[str] = Counter()
        self._steps = 0
        self._busy_seconds = 0.0
        self._audio_seconds = 0.0

    def request_accepted(self) -> None:
        self._accepted += 1

    def request_completed(self) -> None:
        self._completed += 1

    def request_cancelled(self) -> None:
        self._cancelled += 1

    def request_failed(self) -> None:
        self._failed += 1

    def error_told(self, code: str) -> None:
        self._errors[code] += 1

    def step_done(self, *, busy_seconds: float, audio_seconds: float) -> None:
        self._steps += 1
        self._busy_seconds += busy_seconds
        self._audio_seconds += audio_seconds

    def snapshot(self) -> Snapshot:
        return Snapshot(
            accepted=self._accepted,
            completed=self._completed,
            cancelled=self._cancelled,
            failed=self._failed,
            errors=dict(self._errors),
            steps=self._steps,
            busy_seconds=self._busy_seconds,
            audio_seconds=self._audio_seconds,
        )
