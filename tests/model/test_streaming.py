"""StreamingVoice decodes a sentence in chunks. Apart from rounding, the samples are the same as if the sentence were
decoded at once."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.fixture_voices import (
    CHUNKS,
    FIXTURES,
    MAX_STEPS,
    NO_NOISE,
    REAL,
    SMALL,
    FixtureVoices,
    allowed_difference,
    chunk_differences,
    in_chunks,
    phonemizer_of,
    sentence,
    steps_apart,
)
from wyoming_piper_serial.exceptions import SynthesisFailed, VoiceFileError
from wyoming_piper_serial.model.config import read_config
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph.parts_cache import PartsCache
from wyoming_piper_serial.model.loading import load_streaming_voice
from wyoming_piper_serial.model.protocols import FloatSamples, SynthesisOptions, Voice
from wyoming_piper_serial.model.whole import WholeVoice
from wyoming_piper_serial.settings import SynthesisSettings

VOICES = [*SMALL, REAL]
# Chunk sizes for each voice, in frames. Two voices are tested with all sizes: one with several speakers, high quality
# and PyTorch's new exporter, and one with one speaker, medium quality and the old exporter. The other small voices are
# tested with two sizes. Size 1 is best at revealing a wrong margin. `script/bench exact` tests all sizes with all
# voices.
SIZES = dict.fromkeys(SMALL, (1, 7)) | {
    "en_US-many_new-high": CHUNKS,
    "en_US-one_old_plain-medium": CHUNKS,
    REAL: (24, 100_000),
}


@pytest.mark.unmeasured  # coverage is not measured here, because faster tests cover the same code
@pytest.mark.parametrize("name", VOICES)
def test_chunks_of_any_size_are_the_whole_sentence(fixture_voices: FixtureVoices, name: str) -> None:
    """Without noise, audio decoded in chunks of any size differs by at most two 16-bit steps from the output of the
    exported graph, and by at most 0.1 steps for the small voices."""
    apart = chunk_differences(fixture_voices, name, SIZES[name])
    assert max(apart.values()) <= allowed_difference(name), apart


@pytest.mark.parametrize("name", [*SMALL[:2], REAL])
def test_chunks_with_noise_are_the_whole_sentence(fixture_voices: FixtureVoices, name: str) -> None:
    """With noise, audio decoded in chunks differs by at most two 16-bit steps from a sentence decoded at once with the
    same seed."""
    voice = fixture_voices.voice(name)
    ids = sentence(voice.config)
    options = SynthesisOptions(synthesis=SynthesisSettings(seed=5), speaker=voice.config.speaker_number(None))
    whole = voice.speak(ids, options).decode()
    assert steps_apart(in_chunks(voice.speak(ids, options), 7), whole) <= MAX_STEPS


@pytest.mark.parametrize("name", [*SMALL, REAL])
def test_durations_of_the_phonemes_add_up_to_the_sentence(fixture_voices: FixtureVoices, name: str) -> None:
    """Each phoneme id has a number of frames. Together, they are the frames of the sentence."""
    voice = fixture_voices.voice(name)
    ids = sentence(voice.config)
    options = SynthesisOptions(synthesis=SynthesisSettings(seed=5), speaker=voice.config.speaker_number(None))
    speech = voice.speak(ids, options)
    assert speech.id_frames is not None
    assert (len(speech.id_frames), sum(speech.id_frames)) == (len(ids), speech.remaining_frames)


@pytest.mark.parametrize("name", [*SMALL[:2], REAL])
def test_flow_that_runs_ahead_changes_nothing(fixture_voices: FixtureVoices, name: str) -> None:
    """If the flow has run in advance, in windows of any size, audio decoded in chunks still differs by at most two
    16-bit steps from a sentence decoded at once."""
    voice = fixture_voices.voice(name)
    ids = sentence(voice.config)
    options = SynthesisOptions(synthesis=SynthesisSettings(seed=5), speaker=voice.config.speaker_number(None))
    whole = voice.speak(ids, options).decode()
    for window in (1, 13, 100_000):
        speech = voice.speak(ids, options)
        chunks = []
        while not speech.done:
            while not speech.flowed_frames:
                speech.flow(window)
            flowed = speech.unflowed_frames
            chunks.append(speech.decode(min(7, speech.flowed_frames)))
            assert speech.unflowed_frames == flowed  # `decode` did not need to run the flow
        assert steps_apart(np.concatenate(chunks), whole) <= MAX_STEPS


def test_a_seed_gives_the_same_samples_again(fixture_voices: FixtureVoices) -> None:
    """A second sentence with the same seed has the same samples, even if other speech is decoded between its chunks."""
    voice = fixture_voices.voice(SMALL[0])
    ids, options = sentence(voice.config), SynthesisOptions(synthesis=SynthesisSettings(seed=42), speaker=0)
    first = in_chunks(voice.speak(ids, options), 24)
    one, other = voice.speak(ids, options), voice.speak(ids[::-1], options)
    chunks = []
    while not one.done:
        chunks.append(one.decode(24))
        if not other.done:
            other.decode(5)
    assert np.concatenate(chunks).tobytes() == first.tobytes()


@pytest.mark.parametrize("name", VOICES)
def test_chunks_decoded_together_equal_chunks_decoded_alone(fixture_voices: FixtureVoices, name: str) -> None:
    """If three sentences are decoded in shared model runs, their audio differs by at most two 16-bit steps from that of
    separately decoded sentences."""
    voice = fixture_voices.voice(name)
    ids = sentence(voice.config)
    speakers = [0, 1, 1] if voice.config.num_speakers > 1 else [None, None, None]
    options = [
        SynthesisOptions(synthesis=SynthesisSettings(seed=seed), speaker=speaker)
        for seed, speaker in enumerate(speakers)
    ]
    alone = [in_chunks(voice.speak(ids, options), 7) for options in options]
    speeches = [voice.speak(ids, options) for options in options]
    made: list[list[FloatSamples]] = [[] for _ in speeches]
    together = 0
    while not all(speech.done for speech in speeches):
        shape = next(speech.batch_key(7) for speech in speeches if not speech.done)
        group = [number for number, speech in enumerate(speeches) if not speech.done and speech.batch_key(7) == shape]
        together = max(together, len(group))
        for number, samples in zip(group, voice.decode_together([speeches[n] for n in group], 7), strict=True):
            assert not isinstance(samples, SynthesisFailed)
            made[number].append(samples)
    assert together == 3
    for chunks, expected in zip(made, alone, strict=True):
        assert steps_apart(np.concatenate(chunks), expected) <= MAX_STEPS


def test_speech_varies_with_the_seed_and_without_one(fixture_voices: FixtureVoices) -> None:
    """Speech differs between two seeds, and between two runs without a seed."""
    voice = fixture_voices.voice(SMALL[0])
    ids = sentence(voice.config)
    options = [SynthesisOptions(synthesis=SynthesisSettings(seed=seed), speaker=0) for seed in (1, 2, None, None)]
    assert len({voice.speak(ids, options).decode().tobytes() for options in options}) == 4


def test_noise_is_as_strong_as_requested(fixture_voices: FixtureVoices) -> None:
    """With a larger noise scale, the samples differ more from the samples without noise."""
    voice = fixture_voices.voice("en_US-one_old-medium")
    ids = sentence(voice.config)

    def speak(scale: float) -> np.ndarray:
        synthesis = SynthesisSettings(noise_scale=scale, noise_w_scale=0.0)
        return voice.speak(ids, SynthesisOptions(synthesis=replace(synthesis, seed=1))).decode()

    clean = speak(0.0)
    assert 0 < np.abs(speak(0.01) - clean).mean() < np.abs(speak(0.7) - clean).mean()


def test_speakers_differ(fixture_voices: FixtureVoices) -> None:
    """The samples of a sentence are different for each speaker."""
    voice = fixture_voices.voice("en_US-many_old-medium")
    ids = sentence(voice.config)
    sounds = {
        voice.speak(ids, SynthesisOptions(synthesis=NO_NOISE, speaker=who)).decode().tobytes() for who in range(3)
    }
    assert len(sounds) == 3


def test_remaining_frames_count_down_to_done(fixture_voices: FixtureVoices) -> None:
    """`remaining_frames` starts at the length of the sentence, decreases with each chunk, and is 0 at the end of the
    sentence."""
    voice = fixture_voices.voice(SMALL[0])
    speech = voice.speak(sentence(voice.config), SynthesisOptions(synthesis=NO_NOISE, speaker=0))
    total = speech.remaining_frames
    samples = speech.decode(5)
    assert (samples.size, speech.remaining_frames, speech.done) == (5 * voice.hop, total - 5, False)
    assert speech.decode().size == (total - 5) * voice.hop
    assert speech.done


def test_an_id_beyond_the_model_fails_this_sentence_only(fixture_voices: FixtureVoices) -> None:
    """If a phoneme id does not exist in the model, SynthesisFailed is raised. The next sentence is synthesized
    normally."""
    voice = fixture_voices.voice(SMALL[0])
    with pytest.raises(SynthesisFailed):
        voice.speak([1, 99_999, 2], SynthesisOptions(synthesis=NO_NOISE, speaker=0))
    assert voice.speak([1, 4, 2], SynthesisOptions(synthesis=NO_NOISE, speaker=0)).decode().size


def _load(name: str, model: Path) -> Voice:
    config = read_config(FIXTURES / f"{name}.onnx.json", name)
    return load_streaming_voice(
        config, model, device=Device(), phonemizer=phonemizer_of(config), cache=PartsCache(None)
    )


def _saved(fixture_voices: FixtureVoices, tmp_path: Path, name: str, op_type: str, new_type: str) -> Path:
    """Save a copy of the model `name` in which the last node of type `op_type` has the type `new_type`. Return its
    path."""
    model = onnx.load(fixture_voices.model(name))
    node = [node for node in model.graph.node if node.op_type == op_type][-1]
    node.op_type = new_type
    node.ClearField("attribute")
    path = tmp_path / "changed.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def test_a_graph_that_cannot_be_cut_is_spoken_whole_with_one_warning(
    fixture_voices: FixtureVoices, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A graph that cannot be split is loaded as a WholeVoice, and one warning is logged."""
    name = "en_US-one_old_plain-medium"
    with caplog.at_level(logging.WARNING):
        voice = _load(name, _saved(fixture_voices, tmp_path, name, "RandomNormalLike", "Identity"))
    assert isinstance(voice, WholeVoice)
    speech = voice.speak(sentence(voice.config), SynthesisOptions(synthesis=NO_NOISE))
    assert speech.remaining_frames == 1
    assert speech.decode(1).size
    assert speech.done
    about_the_cut = [record.getMessage() for record in caplog.records if record.name.endswith(".loading")]
    assert len(about_the_cut) == 1
    assert about_the_cut[0].startswith(f"Voice {name} is synthesized one whole sentence at a time: ")


def test_parts_that_differ_from_the_whole_graph_are_not_used(
    fixture_voices: FixtureVoices, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """If the samples of the parts differ from the samples of the whole graph, the voice is loaded as a WholeVoice."""
    name = "en_US-one_old-low"
    # A cumulative sum over the frames depends on all earlier frames, but has no kernel from which a margin could be
    # computed.
    model = onnx.load(fixture_voices.model(name))
    axis = onnx.helper.make_tensor("test_axis", onnx.TensorProto.INT64, [], [2])
    model.graph.initializer.append(axis)
    index, tanh = [(index, node) for index, node in enumerate(model.graph.node) if node.op_type == "Tanh"][-1]
    running = onnx.helper.make_node("CumSum", [tanh.input[0], "test_axis"], ["test_sum"])
    tanh.input[0] = "test_sum"
    model.graph.node.insert(index, running)
    path = tmp_path / "changed.onnx"
    path.write_bytes(model.SerializeToString())
    voice = _load(name, path)
    assert isinstance(voice, WholeVoice)
    assert "the samples of its parts differ by" in caplog.text


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x08"])
def test_a_file_that_is_not_a_model_is_named(tmp_path: Path, content: bytes) -> None:
    """If a file is not a model, VoiceFileError is raised, and its detail names the file."""
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(VoiceFileError) as caught:
        _load("en_US-one_old-low", path)
    assert "broken.onnx" in caught.value.detail


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    """If the model is missing, VoiceFileError is raised, and its detail names the file."""
    with pytest.raises(VoiceFileError) as caught:
        _load("en_US-one_old-low", tmp_path / "gone.onnx")
    assert "gone.onnx" in caught.value.detail
