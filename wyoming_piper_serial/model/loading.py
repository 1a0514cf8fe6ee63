"""Loads a model file as a `Voice`.

The graph is cut into parts, which are checked and cached. A graph that cannot be cut is run as a whole.
"""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.model.device import Device, trim_heap
from wyoming_piper_serial.model.graph.cut_process import CutTask, cut_in_process
from wyoming_piper_serial.model.graph.inference import CutModel
from wyoming_piper_serial.model.graph.parts import DURATION_NOISE, GraphNotCut, Parts
from wyoming_piper_serial.model.graph.parts_cache import PartsCache
from wyoming_piper_serial.model.loudness import measure_gain
from wyoming_piper_serial.model.protocols import Voice, check_inputs, warm_up
from wyoming_piper_serial.model.step_times import StepTime, machine_name, measure_steps
from wyoming_piper_serial.model.streaming import StreamingVoice
from wyoming_piper_serial.model.whole import load_whole_voice
from wyoming_piper_serial.phonemes.phonemizer import VoicePhonemizer

_LOGGER = logging.getLogger(__name__)


def load_streaming_voice(
    config: VoiceConfig,
    model: Path,
    *,
    device: Device,
    phonemizer: VoicePhonemizer,
    cache: PartsCache,
    parts: Parts | None = None,
) -> Voice:
    """Loads a model as a `StreamingVoice`. If the model cannot be cut, logs a warning and loads it as a `WholeVoice`.

    `parts` are the parts of the model, as returned by `cache`. If `parts` is `None`, the model is cut, and `cache`
    stores its parts. Warms up the voice and sets its gain. Raises VoiceFileError, whose detail names the file, or
    SettingsError if onnxruntime cannot use `device`.
    """
    loader = _StreamingLoader(config, model, device, phonemizer)
    try:
        voice = loader.cut_and_keep(cache) if parts is None else loader.load(parts)
    except OSError as error:
        raise VoiceFileError(config.name, f"{model}: {error.strerror or error}") from error
    except GraphNotCut as error:
        whole = load_whole_voice(config, model, device=device, phonemizer=phonemizer)
        _LOGGER.warning("Voice %s is synthesized one whole sentence at a time: %s", config.name, error)
        whole.gain = measure_gain(whole)
        return whole
    trim_heap()
    warm_up(voice, model)
    if not voice.step_times:  # the steps were measured on another machine, for example while an image was built
        voice.step_times = measure_steps(voice)
    return voice


@dataclass(frozen=True)
class _StreamingLoader:
    """Loads one voice. Both methods may raise GraphNotCut, OSError, SettingsError or VoiceFileError."""

    config: VoiceConfig
    model: Path
    device: Device
    phonemizer: VoicePhonemizer

    def load(self, parts: Parts) -> StreamingVoice:
        voice = self._voice(parts)
        if parts.info.measured_on == machine_name(self.device):
            voice.step_times = tuple(StepTime(*step) for step in parts.info.step_times)
        return voice

    def cut_and_keep(self, cache: PartsCache) -> StreamingVoice:
        """Cuts the model in another process, and loads the voice. Stores the parts in the cache together with the gain
        and the step times."""
        ids = [number for ids in self.config.phonemes.id_map.values() for number in ids]
        parts, source = cut_in_process(CutTask(model=self.model, device=self.device, phoneme_ids=ids))
        _LOGGER.debug("%s: cut, %s", self.config.name, parts.info)
        voice = self._voice(parts)
        voice.gain = measure_gain(voice)
        voice.step_times, machine = measure_steps(voice), machine_name(self.device)
        measured = replace(parts.info, gain=voice.gain, step_times=voice.step_times, measured_on=machine)
        cache.put(source, replace(parts, info=measured))
        return voice

    def _voice(self, parts: Parts) -> StreamingVoice:
        try:
            cut_model = CutModel(parts, self.device)
        except Exception as error:
            # The only common base class of onnxruntime's exceptions is Exception.
            raise GraphNotCut(f"onnxruntime cannot load the parts ({error})") from error
        self.device.check(cut_model.encoder)
        inputs = {node.name for node in cut_model.encoder.get_inputs()} - {DURATION_NOISE}
        check_inputs(self.config, self.model, inputs)
        return StreamingVoice(self.config, cut_model, self.phonemizer)
