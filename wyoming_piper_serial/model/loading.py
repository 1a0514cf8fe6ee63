"""From a model file to a voice: cut, checked and kept, or whole where it cannot be cut."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wyoming_piper_serial.exceptions import SynthesisFailed, VoiceFileError
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.model.device import CPU, Device
from wyoming_piper_serial.model.graph.parts import DURATION_NOISE, GraphNotCut, quiet_options
from wyoming_piper_serial.model.graph.parts_cache import PartsCache
from wyoming_piper_serial.model.graph.runtime import CutModel, Decoding
from wyoming_piper_serial.model.loudness import measure_gain
from wyoming_piper_serial.model.memory import hand_back
from wyoming_piper_serial.model.streaming import StreamingVoice
from wyoming_piper_serial.model.voice import FloatSamples, SynthesisOptions, Voice, check_inputs, warm_up_ids
from wyoming_piper_serial.model.whole import load_voice
from wyoming_piper_serial.phonemes.phonemizer import Frontend, Phonemizer
from wyoming_piper_serial.settings import SynthesisSettings

_LOGGER = logging.getLogger(__name__)

# What chunks may differ from one run of the same parts, where sums are only taken in another order, and
# from the whole graph, which is run here as exported, without onnxruntime's fusing. In 16-bit steps of a
# sentence scaled to full scale. A margin one frame short shows as 10 and more.
_CHUNKS_TOLERANCE = 0.5
_WHOLE_TOLERANCE = 4.0

# Frames the cut is checked on: more than the margins of flow and vocoder together, so that windows end
# inside, and few enough to take a tenth of a second.
_CHECKED_FRAMES = 140
_CHECKED_IDS = 24
_CHECKED_CHUNKS = (1, 5, 24)


def load_streaming_voice(
    config: VoiceConfig,
    model: Path,
    *,
    device: Device,
    phonemizer: Phonemizer,
    max_phonemes: int,
    cache: PartsCache,
    digest: str | None = None,
) -> Voice:
    """Load a model cut into parts, or whole with a warning where it cannot be cut; measure its loudness.

    It speaks once, so that the first listener does not pay for the warm-up. `digest` is the model's SHA-256, if it has
    just been taken. Raises VoiceFileError that
    names the file, SettingsError if the device is not really in use.
    """
    try:
        frontend = partial(Frontend, config.phonemes, phonemizer, max_phonemes, folder=model.parent)
        voice = _load_parts(config, model, device, cache, frontend, digest)
    except OSError as error:
        raise VoiceFileError(config.name, f"{model}: {error.strerror or error}") from error
    except GraphNotCut as error:
        whole = load_voice(config, model, device=device, phonemizer=phonemizer, max_phonemes=max_phonemes)
        _LOGGER.warning("Voice %s is spoken a sentence at a time: %s", config.name, error.reason)
        whole.gain = measure_gain(whole)
        return whole
    hand_back()
    try:
        voice.speak(
            warm_up_ids(config), SynthesisOptions(synthesis=SynthesisSettings(), speaker=config.speaker_number(None))
        ).decode()
    except SynthesisFailed as error:
        raise VoiceFileError(config.name, f"{model}: does not speak ({error.__cause__ or error})") from error
    return voice


def _load_parts(
    config: VoiceConfig,
    model: Path,
    device: Device,
    cache: PartsCache,
    frontend: Callable[[onnxruntime.InferenceSession], Frontend],
    digest: str | None,
) -> StreamingVoice:
    """The parts from the cache, else cut, checked, measured and kept.

    Raises GraphNotCut, OSError, SettingsError, VoiceFileError.
    """

    def voice_of(cut_model: CutModel) -> StreamingVoice:
        device.check(cut_model.encoder)
        check_inputs(config, model, {node.name for node in cut_model.encoder.get_inputs()} - {DURATION_NOISE})
        return StreamingVoice(config, cut_model, frontend(cut_model.encoder))

    parts = cache.get(model, digest)
    if parts is not None:
        return voice_of(CutModel(parts, device))
    # onnx is needed to cut alone, and takes as long to import as the parts to read.
    from wyoming_piper_serial.model.graph.cut import cut, read_model  # noqa: PLC0415

    proto, source = read_model(model)
    parts = cut(proto)
    del proto  # as large as the model
    try:
        cut_model = CutModel(parts, device)
    except Exception as error:
        # onnxruntime's exceptions share no base class below Exception.
        raise GraphNotCut(f"onnxruntime cannot load the parts ({error})") from error
    _LOGGER.debug("%s: cut, %s", config.name, parts.info)
    sounds = [number for ids in config.phonemes.id_map.values() for number in ids]
    check_cut(cut_model, model, sounds)
    voice = voice_of(cut_model)
    voice.gain = measure_gain(voice)
    cache.put(source, replace(parts, info=replace(parts.info, gain=voice.gain)))
    return voice


def check_cut(cut_model: CutModel, model: Path, sounds: Sequence[int]) -> None:
    """Compare chunks with the whole graph on a short made-up sentence, without noise. Raises GraphNotCut."""
    ids = np.resize(np.array(sounds, dtype=np.int64), (1, _CHECKED_IDS))
    inputs: dict[str, NDArray[Any]] = {
        "input": ids,
        "input_lengths": np.array([_CHECKED_IDS], dtype=np.int64),
        "scales": np.array([0, 1, 0], dtype=np.float32),
        "sid": np.zeros(1, dtype=np.int64),
    }
    taken = {node.name for node in cut_model.encoder.get_inputs()}
    given = {name: value for name, value in inputs.items() if name in taken}
    try:
        given["scales"][1] = _CHECKED_FRAMES / _decoding(cut_model, given).remaining_frames
        session = onnxruntime.InferenceSession(str(model), quiet_options(), providers=[CPU])
        whole = np.asarray(session.run(None, given)[0], dtype=np.float32).reshape(-1)
        at_once = _decoding(cut_model, given)
        parts_whole = at_once.next(at_once.remaining_frames)
        in_chunks = _decoding(cut_model, given)
        chunks: list[FloatSamples] = []
        while in_chunks.remaining_frames:
            chunks.append(in_chunks.next(_CHECKED_CHUNKS[len(chunks) % len(_CHECKED_CHUNKS)]))
    except Exception as error:
        # Whatever goes wrong with the parts, the whole graph may still speak.
        raise GraphNotCut(f"its parts do not run ({error})") from error
    _compare(parts_whole, whole, _WHOLE_TOLERANCE)
    _compare(np.concatenate(chunks), parts_whole, _CHUNKS_TOLERANCE)


def _decoding(cut_model: CutModel, inputs: dict[str, NDArray[Any]]) -> Decoding:
    rng = np.random.default_rng(0)
    return Decoding(cut_model, cut_model.encode(inputs, rng), rng)


def _compare(found: FloatSamples, expected: FloatSamples, tolerance: float) -> None:
    """Raises GraphNotCut where `found` is too far from `expected`, or not a number."""
    if found.shape != expected.shape:
        raise GraphNotCut(f"its parts make {found.size} samples, not {expected.size}")
    peak = max(float(np.max(np.abs(expected))), float(np.finfo(np.float32).tiny))
    steps = float(np.max(np.abs(found - expected))) / peak * 32767
    if not steps <= tolerance:
        raise GraphNotCut(f"its parts are off by {steps:.1f} of 32767, not {tolerance}")
