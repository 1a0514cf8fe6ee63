"""What happens to a request and how it ends, in a form that the engine, the metrics and the timeline share."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self


class Ending(StrEnum):
    """How a request ended. The value is the word in metrics and in JSON."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    """The client disconnected or cancelled the request."""

    FAILED = "failed"
    """The request was accepted, but ended with an error."""

    REFUSED = "refused"
    """The request was not accepted: the queue was full, or the server was shutting down."""


class Outcome(NamedTuple):
    """How one request ended, with the error code."""

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
    """What has just happened to an utterance, for the engine to count."""

    first_audio: float | None = None
    """Seconds from the first sentence to the first audio, if this was the first."""

    held: float = 0.0
    """Seconds for which the first audio was held back, so that no gap follows."""

    underrun: float = 0.0
    """Seconds that the listener had to wait for the voice."""

    outcome: Outcome | None = None
    """How it ended, if this was the end."""
