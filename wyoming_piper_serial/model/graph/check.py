"""Compares the parts of a cut model with the whole graph, before they are used."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wyoming_piper_serial.model.device import CPU
from wyoming_piper_serial.model.graph.inference import Array, CutModel, Decoding
from wyoming_piper_serial.model.graph.parts import GraphNotCut, quiet_options

# Largest allowed differences, in 16-bit steps of a sentence scaled to full scale. Chunks and a single run of the same
# parts differ only in the order of sums. The whole graph differs more, because it runs as exported, without
# onnxruntime's fused operators. For the bundled voice, correct parts differ by 0.3 and 0.7 steps. A vocoder margin that
# is too small by two frames adds 15 steps. One frame adds nothing, because the outermost frames hardly affect the
# samples.
_CHUNKS_TOLERANCE = 0.5
_WHOLE_TOLERANCE = 4.0

# Frames and ids of the sentence. It has more frames than the margins of flow and vocoder together, so that windows end
# inside the sentence, and few enough for the check to take a tenth of a second.
_FRAMES = 140
IDS = 24
_CHUNKS = (1, 5, 24)  # frames of the chunks, in turn


def check_cut(cut_model: CutModel, model: Path, phoneme_ids: Sequence[int]) -> None:
    """Compare chunks with the whole graph on a sentence of `phoneme_ids`, without noise. Raises GraphNotCut."""
    inputs = _inputs(cut_model, phoneme_ids)
    try:
        inputs["scales"][1] = _FRAMES / _decoding(cut_model, inputs).remaining_frames
        whole = _run_whole(model, inputs)
        one_chunk = _decode(_decoding(cut_model, inputs), None)
        chunks = _decode(_decoding(cut_model, inputs), _CHUNKS)
    except Exception as error:
        # If the parts fail for any reason, the whole graph is used, which may still work.
        raise GraphNotCut(f"its parts do not run ({error})") from error
    compare(one_chunk, whole, _WHOLE_TOLERANCE)
    compare(chunks, one_chunk, _CHUNKS_TOLERANCE)


def compare(samples: Array, expected: Array, tolerance: float) -> None:
    """Raises GraphNotCut if `samples` differ from `expected` by more than `tolerance`, or are not finite.

    The tolerance is in 16-bit steps after `expected` is scaled to full scale.
    """
    if samples.shape != expected.shape:
        raise GraphNotCut(f"its parts make {samples.size} samples, not {expected.size}")
    peak = max(float(np.max(np.abs(expected))), float(np.finfo(np.float32).tiny))
    steps = float(np.max(np.abs(samples - expected))) / peak * 32767
    if not steps <= tolerance:  # the condition is true for NaN too
        raise GraphNotCut(f"its parts are off by {steps:.1f} of 32767, not {tolerance}")


def _inputs(cut_model: CutModel, phoneme_ids: Sequence[int]) -> dict[str, NDArray[Any]]:
    """The inputs of the graph for IDS ids: the given ids in turn, and the first speaker."""
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
    """Decode all samples, in chunks of these sizes in turn (frames), or in one chunk."""
    chunks: list[Array] = []
    while decoding.remaining_frames:
        frames = sizes[len(chunks) % len(sizes)] if sizes else decoding.remaining_frames
        chunks.append(decoding.next(frames))
    return np.concatenate(chunks)
