"""Measures how long the steps of a voice take on this machine."""

import time
from collections.abc import Callable
from typing import NamedTuple

from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.loudness import sample_sentences
from wyoming_piper_serial.model.protocols import SynthesisOptions, Voice
from wyoming_piper_serial.settings import SynthesisSettings

_SIZES = (20, 80)  # frames: the overhead of a chunk and the cost of a frame follow from two sizes


class StepTime(NamedTuple):
    """The duration of one step."""

    kind: str
    """`encode` or `decode`."""

    size: int
    """Phoneme ids, or frames."""

    seconds: float


def measure_steps(voice: Voice, clock: Callable[[], float] = time.perf_counter) -> tuple[StepTime, ...]:
    """Returns the durations of some steps; empty if the voice cannot speak or makes each sentence in one step.

    The voice must have run before, because the first steps take longer.
    """
    ids = max(sample_sentences(voice), key=len)
    options = SynthesisOptions(synthesis=SynthesisSettings(seed=0), speaker=voice.config.speaker_number(None))
    times = []
    try:
        begin = clock()
        speech = voice.speak(ids, options)
        times.append(StepTime("encode", len(ids), clock() - begin))
        for frames in _SIZES:
            if speech.remaining_frames < frames:
                break
            begin = clock()
            speech.decode(frames)
            times.append(StepTime("decode", frames, clock() - begin))
    except SynthesisFailed:
        return ()
    return tuple(times) if len(times) > 1 else ()
