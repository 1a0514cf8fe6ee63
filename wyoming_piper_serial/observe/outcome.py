"""Types for the progress of a request and for how it ends, which the engine, the metrics and the timeline share."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self


class Ending(StrEnum):
    """How a request ended. The values appear in metrics and in JSON."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    """The client disconnected or cancelled the request."""

    FAILED = "failed"
    """The request was accepted, but ended with an error."""

    REFUSED = "refused"
    """The request was not accepted: the queue was full, or the server was shutting down."""


class Outcome(NamedTuple):
    """How one request ended, with the error code if there is one."""

    ending: Ending
    code: str = ""
    """The error code of a failed or refused request; otherwise empty."""

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
    """The latest change of an utterance. The engine counts it."""

    first_audio: float | None = None
    """Seconds from the first sentence to the first audio, if the first audio was released now; else `None`."""

    held: float = 0.0
    """Seconds for which the first audio was held back, so that no gap follows."""

    underrun: float = 0.0
    """Seconds for which the listener had nothing to play; 0 if there was no underrun."""

    outcome: Outcome | None = None
    """How the utterance ended; `None` if it has not ended."""
