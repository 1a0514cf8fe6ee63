"""Checks the parts of a cut model by comparing them with the whole graph before they are used."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wyoming_piper_serial.model.device import CPU, quiet_options
from wyoming_piper_serial.model.graph.inference import Array, CutModel, Decoding
from wyoming_piper_serial.model.graph.parts import GraphNotCut

# Maximum differences in 16-bit steps, for a sentence scaled to full scale. Decoding in chunks and in a single run of
# the same parts differ only in the order of additions. The whole graph differs more from the parts, because it runs
# without onnxruntime's fused operators. With the bundled voice, the difference between chunks and a single run is 0.3
# steps, and the difference between the parts and the whole graph is 0.7 steps. A vocoder margin that is two frames too
# small increases the difference by 15 steps. A margin that is one frame too small is not detected, because the
# outermost frames hardly affect the samples.
_CHUNKS_TOLERANCE = 0.5
_WHOLE_TOLERANCE = 4.0

# Approximate number of frames, and number of phoneme ids, in the sentence for the check. The sentence is longer than
# the margins of flow and vocoder together, so windows end inside the sentence. The check still takes only 0.1 seconds.
_FRAMES = 140
IDS = 24
_CHUNKS = (1, 5, 24)  # chunk sizes in frames, used in rotation


@dataclass(frozen=True)
class DecodedSentence:
    """A sentence that the parts of a model have decoded without noise."""

    inputs: dict[str, NDArray[Any]]
    """Inputs of the whole graph for the same sentence."""

    samples: Array


def check_cut(cut_model: CutModel, model: Path, phoneme_ids: Sequence[int]) -> None:
    """Decodes a sentence of `phoneme_ids` without noise. Compares chunks with a single chunk, and the parts with the
    whole graph.

    Raises GraphNotCut if the samples differ too much or a model run fails.
    """
    check_whole(check_chunks(cut_model, phoneme_ids), model)


def check_chunks(cut_model: CutModel, phoneme_ids: Sequence[int]) -> DecodedSentence:
    """Decodes a sentence of `phoneme_ids` both as a single chunk and in several chunks. Returns the result of the
    single chunk.

    Raises GraphNotCut if the samples differ too much or a model run fails.
    """
    inputs = _inputs(cut_model, phoneme_ids)
    try:
        inputs["scales"][1] = _FRAMES / _decoding(cut_model, inputs).remaining_frames
        one_chunk = _decode(_decoding(cut_model, inputs), None)
        chunks = _decode(_decoding(cut_model, inputs), _CHUNKS)
    except Exception as error:
        # After any error, the whole graph is used instead, because it may still work.
        raise GraphNotCut(f"its parts do not run ({error})") from error
    compare(chunks, one_chunk, _CHUNKS_TOLERANCE)
    return DecodedSentence(inputs, one_chunk)


def check_whole(decoded: DecodedSentence, model: Path) -> None:
    """Compares a decoded sentence with the output of the whole graph. The parts need not be in memory any more.

    Raises GraphNotCut if the samples differ too much or the whole graph does not run.
    """
    try:
        whole = _run_whole(model, decoded.inputs)
    except Exception as error:
        # onnxruntime's exceptions have no other common base class.
        raise GraphNotCut(f"the whole graph does not run ({error})") from error
    compare(decoded.samples, whole, _WHOLE_TOLERANCE)


def compare(samples: Array, expected: Array, tolerance: float) -> None:
    """Raises GraphNotCut if `samples` differ from `expected` in number or by more than `tolerance`, or are not finite.

    `tolerance` is in 16-bit steps, with `expected` scaled to full scale.
    """
    if samples.shape != expected.shape:
        raise GraphNotCut(f"its parts return {samples.size} samples, not {expected.size}")
    peak = max(float(np.max(np.abs(expected))), float(np.finfo(np.float32).tiny))
    steps = float(np.max(np.abs(samples - expected))) / peak * 32767
    if not steps <= tolerance:  # also true if `steps` is NaN
        raise GraphNotCut(f"the samples of its parts differ by {steps:.1f} of 32767; the maximum is {tolerance}")


def _inputs(cut_model: CutModel, phoneme_ids: Sequence[int]) -> dict[str, NDArray[Any]]:
    """Returns the inputs of the graph, except for DURATION_NOISE, for IDS ids and the first speaker. `phoneme_ids` is
    repeated or truncated to IDS ids.
    """
    inputs: dict[str, NDArray[Any]] = {
        "input": np.resize(np.array(phoneme_ids, dtype=np.int64), (1, IDS)),
        "input_lengths": np.array([IDS], dtype=np.int64),
        "scales": np.array([0, 1, 0], dtype=np.float32),
        "sid": np.zeros(1, dtype=np.int64),
    }
    names = {node.name for node in cut_model.encoder.get_inputs()}
    return {name: value for name, value in inputs.items() if name in names}


def _run_whole(model: Path, inputs: dict[str, NDArray[Any]]) -> Array:
    session = onnxruntime.InferenceSession(str(model), quiet_options(), providers=[CPU])
    return np.asarray(session.run(None, inputs)[0], dtype=np.float32).reshape(-1)


def _decoding(cut_model: CutModel, inputs: dict[str, NDArray[Any]]) -> Decoding:
    rng = np.random.default_rng(0)
    return Decoding(cut_model, cut_model.encode(inputs, rng), rng)


def _decode(decoding: Decoding, sizes: Sequence[int] | None) -> Array:
    """Decodes all samples in chunks whose sizes cycle through `sizes`. `None` means a single chunk."""
    chunks: list[Array] = []
    while decoding.remaining_frames:
        frames = sizes[len(chunks) % len(sizes)] if sizes else decoding.remaining_frames
        chunks.append(decoding.next(frames))
    return np.concatenate(chunks)
