"""The inputs of a model run, checks of a model's inputs and outputs, and the warm-up of a voice."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FakeVoice, failing_on, voice_config
from wyoming_piper_serial.exceptions import SynthesisFailed, VoiceFileError
from wyoming_piper_serial.model.protocols import SynthesisOptions, check_inputs, check_samples, model_inputs, warm_up
from wyoming_piper_serial.settings import SynthesisSettings

MODEL = Path("voices") / "amy.onnx"


@pytest.mark.parametrize("samples", [[], [0.1, np.nan], [np.inf, 0.0], [-np.inf]])
def test_output_that_is_not_audio_is_a_failure(samples: list[float]) -> None:
    """If the output of a model has no samples, or contains NaN or infinity, SynthesisFailed is raised."""
    with pytest.raises(SynthesisFailed):
        check_samples(np.array(samples, dtype=np.float32))


def test_audio_is_returned_unchanged() -> None:
    """Valid samples are returned unchanged."""
    samples = np.array([0.0, 0.5, -1.5], dtype=np.float32)
    assert check_samples(samples) is samples


def scales_of(synthesis: SynthesisSettings) -> Sequence[float]:
    inputs = model_inputs(voice_config(), [1, 2], SynthesisOptions(synthesis=synthesis))
    return [round(float(scale), 4) for scale in inputs["scales"]]


def test_scales_are_the_models_own_unless_they_are_set() -> None:
    """The scales are noise, length and duration noise. If a scale is not set, the model's default is used. A scale of 0
    counts as set."""
    assert scales_of(SynthesisSettings()) == [0.667, 1.0, 0.8]
    assert scales_of(SynthesisSettings(noise_scale=0.0, length_scale=1.5)) == [0.0, 1.5, 0.8]
    assert scales_of(SynthesisSettings(noise_w_scale=0.1)) == [0.667, 1.0, 0.1]


def test_ids_are_a_batch_of_one_sentence() -> None:
    """The phoneme ids are passed as a batch of one sentence, together with its length. A voice with one speaker gets
    no speaker input."""
    inputs = model_inputs(voice_config(), [1, 4, 2], SynthesisOptions(synthesis=SynthesisSettings()))
    assert set(inputs) == {"input", "input_lengths", "scales"}
    assert inputs["input"].tolist() == [[1, 4, 2]]
    assert inputs["input_lengths"].tolist() == [3]


def test_speaker_zero_is_an_input() -> None:
    """Speaker 0 is passed to the model. Only `None` means that no speaker is passed."""
    inputs = model_inputs(voice_config(), [1], SynthesisOptions(synthesis=SynthesisSettings(), speaker=0))
    assert inputs["sid"].tolist() == [0]


@pytest.mark.parametrize(("num_speakers", "extra"), [(1, set()), (3, {"sid"})])
def test_inputs_of_a_piper_graph_are_accepted(num_speakers: int, extra: set[str]) -> None:
    """The inputs of a Piper graph are accepted, including `sid` for a voice with several speakers."""
    config = voice_config(num_speakers=num_speakers)
    check_inputs(config, MODEL, {"input", "input_lengths", "scales"} | extra)


@pytest.mark.parametrize(("num_speakers", "extra"), [(1, {"sid"}), (3, set()), (1, {"tokens"})])
def test_inputs_that_do_not_match_the_config_are_refused(num_speakers: int, extra: set[str]) -> None:
    """If the inputs of the model do not match the config, VoiceFileError is raised. Its detail lists the actual and
    the expected inputs."""
    config = voice_config("amy", num_speakers=num_speakers)
    with pytest.raises(VoiceFileError) as caught:
        check_inputs(config, MODEL, {"input", "input_lengths", "scales"} | extra)
    assert caught.value.voice == "amy"
    assert caught.value.detail.startswith(f"{MODEL}: takes input, input_lengths, scales")
    assert f"num_speakers {num_speakers} takes input, input_lengths, scales" in caught.value.detail


def test_warm_up_speaks_one_sentence_without_phonemes() -> None:
    """The warm-up synthesizes a sentence that consists only of the ids for begin, pad and end, with the default
    speaker."""
    voice = FakeVoice(config=voice_config(num_speakers=3, default_speaker_id=2))
    warm_up(voice, MODEL)
    assert voice.runs == ["\x01\x00\x02"]
    assert voice.options[0].speaker == 2


def test_voice_that_fails_to_warm_up_is_broken() -> None:
    """If the warm-up fails, VoiceFileError is raised. Its detail names the file and the reason."""
    voice = FakeVoice(config=voice_config("amy"), on_run=failing_on("\x01"))
    with pytest.raises(VoiceFileError) as caught:
        warm_up(voice, MODEL)
    assert caught.value.detail == f"{MODEL}: cannot synthesize speech (The voice could not speak this text.)"
