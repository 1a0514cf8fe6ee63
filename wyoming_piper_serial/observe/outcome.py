"""Types for the progress and outcome of a request, used by the engine, the metrics and the timeline."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self


class Ending(StrEnum):
    """How a request ended. The values appear in metrics and in JSON."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    """The client disconnected or cancelled the request."""

    FAILED = "failed"
    """The request was accepted but ended with an error."""

    REFUSED = "refused"
    """The request was not accepted, for example because the queue was full or the server was shutting down."""


class Outcome(NamedTuple):
    """How a request ended, and the error code if there is one."""

    ending: Ending
    code: str = ""
    """The error code of a failed or refused request, or an empty string."""

    @classmethod
    def failed(cls, code: str) -> Self:
        return cls(Ending.FAILED, code)

    @classmethod
    def refused(cls, code: str) -> Self:
        return cls(Ending.REFUSED, code)

    def __str__(self) -> str:
        """Returns `completed`, `cancelled` or the error code."""
        return self.code or self.ending.value


COMPLETED = Outcome(Ending.COMPLETED)
CANCELLED = Outcome(Ending.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """New events of an utterance: first audio, underrun or end. The engine adds them to the metrics."""

    first_audio: float | None = None
    """Time in seconds from the first sentence to the release of the first audio, or `None` if the first audio has not
    just been released."""

    held: float = 0.0
    """Time in seconds for which the first audio was held back to prevent a gap."""

    underrun: float = 0.0
    """Time in seconds for which the listener had nothing to play, or 0 if there was no underrun."""

    outcome: Outcome | None = None
    """The outcome of the utterance, or `None` if it has not ended."""
