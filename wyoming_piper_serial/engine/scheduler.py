"""Pure decisions: who is let into the queue, and who gets the next step."""

from collections.abc import Iterable
from dataclasses import dataclass

from wyoming_piper_serial.exceptions import PiperSerialError, QueueFull, ShuttingDown

_FIRST_CHUNK = 20  # frames: 0.23 s of sound at a hop of 256 and 22,050 Hz
_LARGEST_CHUNK = 192  # from here on a chunk's repeated margins cost under a tenth of it


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What the decision needs to know of one utterance."""

    number: int
    """Rises in order of arrival."""

    ready: bool
    """Has text to speak and room for more audio. Whoever waits for text or for a slow reader is not
    ready, and so never keeps the voice from the others."""


def choose(turns: Iterable[Turn]) -> Turn | None:
    """Who gets the next step: of those that are ready, the one that came first."""
    return min((turn for turn in turns if turn.ready), key=lambda turn: turn.number, default=None)


def chunk_frames(chunks: int) -> int:
    """How many frames the next step makes, after `chunks` of the sentence's.

    The first is small, for the sake of the first sound. Each later one takes less time than the sound
    before it lasts, also where speech is made hardly faster than it is heard; large ones repeat less.
    """
    return min(_FIRST_CHUNK << chunks, _LARGEST_CHUNK)


def refusal(*, queued: int, max_queue: int, draining: bool) -> PiperSerialError | None:
    """Why a new utterance is not let in, or `None` if it is."""
    if draining:
        return ShuttingDown()
    if queued >= max_queue:
        return QueueFull(f"{queued} requests are already waiting for the voice; please try again in a moment.")
    return None
