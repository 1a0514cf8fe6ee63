"""The facts about an utterance that a scheduling decision uses. Pure."""

from dataclasses import dataclass

from wyoming_piper_serial.settings import Priority


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """The facts about an utterance with text to speak that a scheduling decision uses."""

    number: int
    """The request's number. A request that waits for text or for its voice may be served later than its number says."""

    voice: str
    priority: Priority = Priority.NORMAL
    since: float
    """When the utterance began to wait for audio."""

    deadline: float | None
    """When the listener will have played all audio made so far; `None` before the first audio is released."""

    encode: int
    """Characters of the sentence that has to be encoded next; 0 while a sentence is being decoded."""

    frames: int
    """Frames of the encoded sentence that are not decoded yet; 0 if no sentence is encoded."""

    flowed: int = 0
    """Frames of the encoded sentence that can be decoded without running the flow."""

    unflowed: int = 0
    """Frames of the encoded sentence for which the flow has not been run."""

    chunks: int
    """Number of chunks of the encoded sentence that are decoded."""

    frame_seconds: float
    rest: float
    """Estimated seconds of audio that are still to be made from the text that has arrived."""

    ready: bool = True
    """Whether there is room for more audio. Without room, the utterance gets no step now, but needs steps later."""

    held: float = 0.0
    """Seconds of audio that were made and are not released to the client yet."""

    sentences: tuple[int, ...] = ()
    """Characters of each sentence that waits behind the current one."""

    later: int = 0
    """Characters of the text that follows `sentences`."""

    pace: float = 0.06
    """Seconds of speech for each character."""

    exact: bool = False
    """Whether chunks have fixed sizes, so that the same request gives the same bytes each time."""

    client: int = 0
    """Anonymous number of the client that sent the request."""

    served: float = 0.0
    """Seconds of model time that the client has recently used (see `engine.shares`)."""

    @property
    def begun(self) -> bool:
        """Whether the utterance is in progress: some audio has been released, or a sentence is encoded."""
        return self.deadline is not None or self.frames > 0
