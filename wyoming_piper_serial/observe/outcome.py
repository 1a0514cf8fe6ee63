"""How a request ended: one type for the engine, the metrics and the timeline."""

from enum import StrEnum
from typing import NamedTuple, Self


class Ending(StrEnum):
    """The value is the word in metrics and in JSON."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    """The client hung up or withdrew it."""

    FAILED = "failed"
    """Accepted, then ended by an error."""

    REFUSED = "refused"
    """Not accepted: the queue was full, or the server was ending."""


class Outcome(NamedTuple):
    """How one request ended."""

    ending: Ending
    code: str = ""
    """Of the error; empty unless failed or refused."""

    @classmethod
    def failed(cls, code: str) -> Self:
        return cls(Ending.FAILED, code)

    @classmethod
    def refused(cls, code: str) -> Self:
        return cls(Ending.REFUSED, code)

    def __str__(self) -> str:
        """`completed`, `cancelled` or the error's code."""
        return self.code or self.ending.value


COMPLETED = Outcome(Ending.COMPLETED)
CANCELLED = Outcome(Ending.CANCELLED)
