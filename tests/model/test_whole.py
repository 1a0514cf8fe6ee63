"""WholeVoice runs the exported graph once for each sentence."""

from pathlib import Path

import pytest

from tests.fakes import voice_config
from tests.fixture_voices import NO_NOISE, FixtureVoices, phonemizer_of, sentence, steps_apart
from wyoming_piper_serial.exceptions import SettingsError, SynthesisFailed, VoiceFileError
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.model.whole import WholeVoice, load_whole_voice
from wyoming_piper_serial.settings import SynthesisSettings

NAME = "en_US-many_old-x_low"
OPTIONS = SynthesisOptions(synthesis=NO_NOISE, speaker=1)


class UnavailableDevice(Device):
    """A device whose provider failed to start. onnxruntime therefore uses another provider."""

    def check(self, session: object) -> None:
        raise SettingsError("CUDAExecutionProvider did not start.")


def load(config: VoiceConfig, model: Path, device: Device | None = None) -> WholeVoice:
    return load_whole_voice(config, model, device=device or Device(), phonemizer=phonemizer_of(config))


@pytest.fixture(scope="module")
def voice(fixture_voices: FixtureVoices) -> WholeVoice:
    return load(fixture_voices.config(NAME), fixture_voices.model(NAME))


def test_sentence_is_decoded_by_one_run_of_the_graph(voice: WholeVoice, fixture_voices: FixtureVoices) -> None:
    """`decode` returns all samples of the sentence, even if fewer frames are requested."""
    ids = sentence(voice.config)
    samples = voice.speak(ids, OPTIONS).decode(1)
    assert steps_apart(samples, fixture_voices.whole(NAME, ids, OPTIONS)) < 2


def test_sentence_counts_as_one_frame_until_it_is_decoded(voice: WholeVoice) -> None:
    """`remaining_frames` is 1 until the sentence is decoded, so the engine decodes the sentence in one step."""
    speech = voice.speak(sentence(voice.config), OPTIONS)
    assert (speech.remaining_frames, speech.done) == (1, False)
    speech.decode()
    assert (speech.remaining_frames, speech.done) == (0, True)


def test_sentences_are_never_decoded_in_one_run(voice: WholeVoice) -> None:
    """The batch key of a sentence is `None`, and `decode_together` runs the graph once for each sentence."""
    speeches = [voice.speak(sentence(voice.config, length), OPTIONS) for length in (10, 20)]
    assert [speech.batch_key(1) for speech in speeches] == [None, None]
    together = voice.decode_together(speeches, 1)
    alone = [voice.speak(sentence(voice.config, length), OPTIONS).decode() for length in (10, 20)]
    for samples, expected in zip(together, alone, strict=True):
        assert not isinstance(samples, SynthesisFailed)
        assert steps_apart(samples, expected) < 1


def test_failed_sentence_counts_as_decoded(voice: WholeVoice) -> None:
    """If the run fails, SynthesisFailed is raised with the error of onnxruntime as its cause, and the sentence has
    no frames left."""
    speech = voice.speak([1, 99_999, 2], OPTIONS)
    with pytest.raises(SynthesisFailed) as caught:
        speech.decode()
    assert caught.value.__cause__ is not None
    assert speech.done


def test_text_becomes_the_phoneme_ids_of_the_voice(voice: WholeVoice) -> None:
    """`phonemize` returns the phoneme ids of the text, between the ids for begin and end."""
    (ids,) = voice.phonemize("hello").result()
    id_map = voice.config.phonemes.id_map
    assert ([ids[0]], [ids[-1]]) == (id_map["^"], id_map["$"])


@pytest.mark.parametrize("content", [b"", b"not a model"])
def test_file_that_is_not_a_model_is_named(content: bytes, tmp_path: Path) -> None:
    """If the file is not a model, VoiceFileError is raised. Its detail contains the path and the reason that
    onnxruntime gives."""
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(VoiceFileError) as caught:
        load(voice_config(), path)
    assert caught.value.detail.startswith(f"{path}: not a model that onnxruntime can load (")


def test_model_of_another_config_is_refused(fixture_voices: FixtureVoices) -> None:
    """If the model has several speakers and its config has only one, VoiceFileError is raised."""
    with pytest.raises(VoiceFileError) as caught:
        load(voice_config(), fixture_voices.model(NAME))
    assert "takes input, input_lengths, scales, sid, but" in caught.value.detail


def test_model_that_cannot_speak_is_refused(fixture_voices: FixtureVoices) -> None:
    """If the model cannot synthesize the phoneme ids of its config during the warm-up, VoiceFileError is raised."""
    config = voice_config(phoneme_id_map={"^": [9999], "_": [0], "$": [2], "a": [4]}, num_symbols=10_000)
    with pytest.raises(VoiceFileError) as caught:
        load(config, fixture_voices.model("en_US-one_old-x_low"))
    assert "en_US-one_old-x_low.onnx: cannot synthesize speech (" in caught.value.detail


def test_device_that_did_not_start_is_refused(fixture_voices: FixtureVoices) -> None:
    """If onnxruntime does not use the requested device, SettingsError is raised."""
    with pytest.raises(SettingsError, match="did not start"):
        load(fixture_voices.config(NAME), fixture_voices.model(NAME), UnavailableDevice())


def test_seed_is_ignored(voice: WholeVoice) -> None:
    """The seed has no effect, because the exported graph creates its own random noise."""
    ids = sentence(voice.config)
    options = SynthesisOptions(synthesis=SynthesisSettings(seed=1), speaker=1)
    assert voice.speak(ids, options).decode().tobytes() != voice.speak(ids, options).decode().tobytes()
