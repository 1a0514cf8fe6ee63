"""An immutable snapshot of an utterance for the scheduler."""

from dataclasses import dataclass

from wyoming_piper_serial.settings import Priority


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """The state of an utterance with text to speak, as used for scheduling decisions."""

    number: int
    """Number of the request. The queue order depends on `since`, and the number only breaks ties, because a request
    gets its number before its text and its voice are available."""

    voice: str
    priority: Priority = Priority.NORMAL
    since: float
    """Time at which the utterance began to wait for audio."""

    deadline: float | None
    """Time at which the listener runs out of audio, or `None` before the first audio is released."""

    encode: int
    """Number of characters in the next sentence to encode. 0 while a sentence is being decoded, and 1 if only a FINISH
    step remains."""

    frames: int
    """Number of frames of the encoded sentence still to be decoded, or 0 if no sentence is encoded."""

    flowed: int = 0
    """Number of frames of the encoded sentence that can be decoded without running the flow."""

    unflowed: int = 0
    """Number of frames of the encoded sentence for which the flow has not been run."""

    chunks: int
    """Number of decoded chunks of the encoded sentence."""

    frame_seconds: float
    rest: float
    """Estimated seconds of audio still to be synthesized for the received text."""

    ready: bool = True
    """Whether the utterance's buffer and the shared memory have room for the result of a step. If not, the utterance
    needs no step now, but will need one later."""

    held: float = 0.0
    """Seconds of synthesized audio that has not been released to the client."""

    sentences: tuple[int, ...] = ()
    """Number of characters in each sentence that is queued after the current one."""

    later: int = 0
    """Number of characters in the text that follows `sentences`."""

    pace: float = 0.06
    """Seconds of speech per character."""

    exact: bool = False
    """Whether chunk sizes are fixed, so that identical requests produce identical bytes."""

    client: int = 0
    """Anonymous number of the client that sent the request."""

    served: float = 0.0
    """Seconds of model time that the client has recently used (see `engine.shares`)."""

    @property
    def flow_begun(self) -> bool:
        """Whether the flow has been run for some frames of the encoded sentence. Until the end of the sentence, the
        flow has been run for more frames than have been decoded."""
        return self.unflowed < self.frames

    @property
    def begun(self) -> bool:
        """Whether the utterance is in progress, that is, whether audio has been released or is held back, or an encoded
        sentence is not completely decoded.
        """
        return self.deadline is not None or self.frames > 0 or self.held > 0
