"""What a scheduling decision needs to know of an utterance. Pure."""

from dataclasses import dataclass

from wyoming_piper_serial.settings import Priority


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What the decision needs to know of an utterance that has text to speak."""

    number: int
    """Of its request. A request that waits for text or for its voice may get a later place than its number."""

    voice: str
    priority: Priority = Priority.NORMAL
    since: float
    """When it began to wait."""

    deadline: float | None
    """When its listener has played all that was made; `None` before the first audio."""

    encode: int
    """Characters of the sentence that has to be encoded next; 0 in mid-sentence."""

    frames: int
    """Frames left of the sentence; 0 before it is encoded."""

    chunks: int
    """Chunks decoded of the sentence."""

    frame_seconds: float
    rest: float
    """Seconds of audio still to be made of the text that is there; an estimate."""

    ready: bool = True
    """Whether it has room for more audio. One without room gets no step now, but needs steps later."""

    held: float = 0.0
    """Seconds of audio that were made and are not released."""

    sentences: tuple[int, ...] = ()
    """Characters of each sentence that waits behind the current one."""

    later: int = 0
    """Characters of text behind `sentences`."""

    pace: float = 0.06
    """Seconds of speech for each character."""

    exact: bool = False
    """Whether chunks are cut at fixed places, so that the same request makes the same bytes."""

    client: int = 0
    """Anonymous number of the client that it belongs to."""

    served: float = 0.0
    """Seconds of model runs that the client has had lately."""

    @property
    def begun(self) -> bool:
        """Whether it is in progress: it has audio, or a sentence is encoded."""
        return self.deadline is not None or self.frames > 0
