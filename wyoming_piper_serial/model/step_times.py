"""Measures how long the steps of a voice take on this machine."""

import os
import platform
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.loudness import sample_sentences
from wyoming_piper_serial.model.protocols import SynthesisOptions, Voice
from wyoming_piper_serial.settings import SynthesisSettings

T = TypeVar("T")

_CPU_INFO = Path("/proc/cpuinfo")
# Keys in `_CPU_INFO` that identify the processor. On x86, the file contains the first key. On ARM, it contains some of
# the others.
_PROCESSOR_KEYS = ("model name", "Model", "Hardware", "CPU part")

_SIZES = (20, 80)  # Chunk sizes in frames. Two sizes show both the overhead per chunk and the cost per frame.
_FLOW_SIZES = (40, 120)  # Flow sizes in frames. Their sum covers the chunks of `_SIZES` and the vocoder's margin.


class StepTime(NamedTuple):
    """The kind, the size and the measured duration of one step."""

    kind: str
    """`encode`, `decode`, `flow` or `vocode`: the lower-case name of a member of `engine.costs.Kind`."""

    size: int
    """Number of phoneme ids for `encode`, number of frames for other kinds."""

    seconds: float


def machine_name(device: Device, cpu_info: Path = _CPU_INFO) -> str:
    """Returns a name for this machine, made up of the device and the processors.

    Steps take about the same time on machines with the same name.
    """
    try:
        text = cpu_info.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    entries = (line.partition(":") for line in text.splitlines())
    names = dict.fromkeys(value.strip() for key, _, value in entries if key.strip() in _PROCESSOR_KEYS)
    processors = ", ".join(names) or platform.processor() or platform.machine()
    return f"{device}; {os.cpu_count()} x {processors}"


def measure_steps(voice: Voice, clock: Callable[[], float] = time.perf_counter) -> tuple[StepTime, ...]:
    """Runs a few steps and returns their durations. The result is empty if the voice fails or cannot decode in chunks.

    The voice must have been warmed up, because its first steps take longer.
    """
    ids = max(sample_sentences(voice), key=len)
    options = SynthesisOptions(synthesis=SynthesisSettings(seed=0), speaker=voice.config.speaker_number(None))
    times = []

    def timed(kind: str, size: int, step: Callable[[], T]) -> T:
        begin = clock()
        result = step()
        times.append(StepTime(kind, size, clock() - begin))
        return result

    try:
        speech = timed("encode", len(ids), lambda: voice.speak(ids, options))
        for frames in _SIZES:
            if speech.remaining_frames >= frames:
                timed("decode", frames, partial(speech.decode, frames))
        speech = voice.speak(ids, options)
        for frames in _FLOW_SIZES:
            if speech.unflowed_frames >= frames:
                timed("flow", frames, partial(speech.flow, frames))
        for frames in _SIZES if any(time.kind == "flow" for time in times) else ():
            if speech.flowed_frames >= frames:
                timed("vocode", frames, partial(speech.decode, frames))
    except SynthesisFailed:
        return ()
    return tuple(times) if len(times) > 1 else ()
