"""Decides whether the flow of a sentence runs in separate steps, and estimates the cost of decoding. All functions are
pure.

On a fast machine, the flow runs in the steps that decode chunks. The flow then runs only for the frames needed by the
next chunk, so the first audio is ready early. Each run of the flow also computes margins, which take as much time as
about 40 frames. On a slow machine, these margins would take a tenth of the total time, so the flow runs in separate
steps, each for a large window of frames.
"""

from collections.abc import Iterator

from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.chunks import CROWDED_CHUNK
from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work

FIRST_WINDOW = 96
"""Usual number of frames in the first flow step of a long sentence. The first chunk can be decoded after this step."""

VOCODER_MARGIN = 11
"""Number of frames at the end of a window that can be decoded only after the next flow step. The value applies to the
model sizes that Piper provides."""

FLOW_WINDOW = 384
"""Usual number of frames in each further flow step: 4.5 seconds of audio with a hop length of 256 at 22,050 Hz. The
margins take 3 % of the time for decoding these frames. Longer steps would delay other utterances more."""

LARGEST_WINDOW = 4 * FLOW_WINDOW
"""Maximum number of frames in a flow step. Only plans that ignore other utterances contain such large steps. A large
step computes fewer margins than several smaller steps."""

_FLOW_STEPS_FROM = 0.2
"""A machine counts as slow if it needs more than this many seconds to decode a second of audio. On a faster machine,
the margins take an acceptable amount of time, and large windows would delay the first audio."""


def has_flow_steps(candidate: Candidate, costs: StepCosts) -> bool:
    """Returns whether the flow runs in separate steps for the candidate's sentences.

    Exact speech (speech with a seed) has no flow steps, because its bytes must not depend on the measured costs.
    """
    if candidate.exact or not all(costs.knows(candidate.voice, kind) for kind in (Kind.FLOW, Kind.VOCODE)):
        return False
    chunk = costs.typical(Work(candidate.voice, Kind.DECODE, CROWDED_CHUNK))
    return chunk > _FLOW_STEPS_FROM * CROWDED_CHUNK * candidate.frame_seconds


def windows(frames: int, *, begun: bool = False, large: bool = False) -> Iterator[int]:
    """Yields the sizes of the flow steps for the next `frames` frames.

    `begun` is true if at least one flow step of the sentence has already been run. The last step includes a short
    remainder, because a separate step for it would be inefficient. If `large` is true, the steps have
    `LARGEST_WINDOW` frames, except for the last one.
    """
    if large:
        while frames > 0:
            yield min(frames, LARGEST_WINDOW)
            frames -= LARGEST_WINDOW
        return
    size, most = (FLOW_WINDOW, FLOW_WINDOW * 4 // 3) if begun else (FIRST_WINDOW, FIRST_WINDOW * 2)
    while frames > most:
        yield size
        frames -= size
        size, most = FLOW_WINDOW, FLOW_WINDOW * 4 // 3
    if frames:
        yield frames


class DecodingCosts:
    """Estimates the duration of the steps that decode one candidate's sentences."""

    def __init__(self, candidate: Candidate, costs: StepCosts) -> None:
        self.flow_steps = has_flow_steps(candidate, costs)
        """Whether the flow runs in separate steps."""

        self._voice = candidate.voice
        self._costs = costs

    @property
    def kind(self) -> Kind:
        """The kind of a step that decodes a chunk."""
        return Kind.VOCODE if self.flow_steps else Kind.DECODE

    def chunk(self, frames: int) -> Work:
        """Returns the kind and size (`Work`) of a step that decodes `frames` frames."""
        return Work(self._voice, self.kind, frames)

    def expected(self, frames: int) -> float:
        """Returns the expected duration in seconds of a step that decodes `frames` frames, or 0 if it is unknown."""
        return self._costs.expected(self.chunk(frames))

    def flow(self, frames: int) -> float:
        """Returns the expected duration in seconds of a flow step for `frames` frames. Returns 0 if `frames` is 0 or if
        there are no flow steps."""
        return self._costs.expected(Work(self._voice, Kind.FLOW, frames)) if self.flow_steps and frames else 0.0

    def windows(self, frames: int, *, begun: bool = False, large: bool = False) -> Iterator[tuple[float, int]]:
        """Yields the expected duration in seconds and the number of frames of each flow step.

        If there are no flow steps, yields one item with duration 0 and all `frames` frames. Yields nothing if `frames`
        is 0. The arguments are the same as those of the function `windows`.
        """
        if self.flow_steps:
            yield from ((self.flow(size), size) for size in windows(frames, begun=begun, large=large))
        elif frames:
            yield 0.0, frames

    def per_frame(self) -> float:
        """Returns the typical time in seconds to decode one frame of a long sentence, including the flow."""
        seconds = self._costs.typical(self.chunk(CROWDED_CHUNK)) / CROWDED_CHUNK
        if self.flow_steps:
            seconds += self._costs.typical(Work(self._voice, Kind.FLOW, FLOW_WINDOW)) / FLOW_WINDOW
        return seconds


def flow_step(candidate: Candidate, decoding: DecodingCosts) -> int:
    """Returns the number of frames in the flow step that must run before the next chunk.

    Returns 0 if no flow step is needed, or if a sentence must be encoded first.
    """
    if candidate.encode or candidate.flowed or not decoding.flow_steps:
        return 0
    return next(windows(candidate.unflowed, begun=candidate.flow_begun), 0)
