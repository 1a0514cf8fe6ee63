"""Speech in chunks is the same speech."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.voice.library import FIXTURES, NO_NOISE, REAL, SMALL, Library, in_chunks, sentence, steps_apart
from wyoming_piper_serial.exceptions import SynthesisFailed, VoiceFileError
from wyoming_piper_serial.settings import Style
from wyoming_piper_serial.voice.config import read_config
from wyoming_piper_serial.voice.device import Device
from wyoming_piper_serial.voice.loading import load_streaming_voice
from wyoming_piper_serial.voice.parts_cache import PartsCache
from wyoming_piper_serial.voice.phonemes import Phonemizer
from wyoming_piper_serial.voice.voice import FloatSamples, Manner, Voice
from wyoming_piper_serial.voice.whole import WholeVoice

VOICES = [*SMALL, REAL]
CHUNKS = (1, 2, 7, 24, 100_000)
_MAX_STEPS = 2.0


@pytest.mark.parametrize("name", VOICES)
def test_chunks_of_any_size_are_the_whole_sentence(library: Library, name: str) -> None:
    """Without noise, chunked speech is at most 2 of 32767 from the graph as exported."""
    voice = library.voice(name)
    ids = sentence(voice.config)
    manner = Manner(style=NO_NOISE, speaker=1 if voice.config.num_speakers > 1 else None)
    whole = library.whole(name, ids, manner)
    apart = {frames: steps_apart(in_chunks(voice.speak(ids, manner), frames), whole) for frames in CHUNKS}
    assert max(apart.values()) <= _MAX_STEPS, apart


@pytest.mark.parametrize("name", [*SMALL[:2], REAL])
def test_chunks_with_noise_are_the_whole_sentence(library: Library, name: str) -> None:
    """Noise belongs to the sentence, not to the chunk."""
    voice = library.voice(name)
    ids = sentence(voice.config)
    manner = Manner(style=Style(seed=5), speaker=voice.config.speaker_number(None))
    whole = voice.speak(ids, manner).decode()
    assert steps_apart(in_chunks(voice.speak(ids, manner), 7), whole) <= _MAX_STEPS


def test_a_seed_makes_the_same_samples_again(library: Library) -> None:
    """Byte for byte, also with other speech in between."""
    voice = library.voice(SMALL[0])
    ids, manner = sentence(voice.config), Manner(style=Style(seed=42), speaker=0)
    first = in_chunks(voice.speak(ids, manner), 24)
    one, other = voice.speak(ids, manner), voice.speak(ids[::-1], manner)
    chunks = []
    while not one.done:
        chunks.append(one.decode(24))
        if not other.done:
            other.decode(5)
    assert np.concatenate(chunks).tobytes() == first.tobytes()


@pytest.mark.parametrize("name", VOICES)
def test_chunks_made_together_are_those_made_alone(library: Library, name: str) -> None:
    """Three sentences and speakers in one model run, from their first chunk to the shortest one's last."""
    voice = library.voice(name)
    ids = sentence(voice.config)
    speakers = [0, 1, 1] if voice.config.num_speakers > 1 else [None, None, None]
    manners = [Manner(style=Style(seed=seed), speaker=speaker) for seed, speaker in enumerate(speakers)]
    alone = [in_chunks(voice.speak(ids, manner), 7) for manner in manners]
    speeches = [voice.speak(ids, manner) for manner in manners]
    made: list[list[FloatSamples]] = [[] for _ in speeches]
    together = 0
    while not all(speech.done for speech in speeches):
        shape = next(speech.shape(7) for speech in speeches if not speech.done)
        group = [number for number, speech in enumerate(speeches) if not speech.done and speech.shape(7) == shape]
        together = max(together, len(group))
        for number, samples in zip(group, voice.decode_together([speeches[n] for n in group], 7), strict=True):
            assert not isinstance(samples, SynthesisFailed)
            made[number].append(samples)
    assert together == 3
    for chunks, expected in zip(made, alone, strict=True):
        assert steps_apart(np.concatenate(chunks), expected) <= _MAX_STEPS


def test_speech_varies_with_the_seed_and_without_one(library: Library) -> None:
    """As Piper's speech does."""
    voice = library.voice(SMALL[0])
    ids = sentence(voice.config)
    manners = [Manner(style=Style(seed=seed), speaker=0) for seed in (1, 2, None, None)]
    assert len({voice.speak(ids, manner).decode().tobytes() for manner in manners}) == 4


def test_noise_is_as_strong_as_asked(library: Library) -> None:
    """More noise takes speech further from that without."""
    voice = library.voice("en_US-one_old-medium")
    ids = sentence(voice.config)

    def speak(scale: float) -> np.ndarray:
        style = Style(noise_scale=scale, noise_w_scale=0.0)
        return voice.speak(ids, Manner(style=replace(style, seed=1))).decode()

    clean = speak(0.0)
    assert 0 < np.abs(speak(0.01) - clean).mean() < np.abs(speak(0.7) - clean).mean()


def test_speakers_differ(library: Library) -> None:
    """The speaker reaches flow and vocoder."""
    voice = library.voice("en_US-many_old-medium")
    ids = sentence(voice.config)
    sounds = {voice.speak(ids, Manner(style=NO_NOISE, speaker=who)).decode().tobytes() for who in range(3)}
    assert len(sounds) == 3


def test_remaining_frames_count_down_to_done(library: Library) -> None:
    """A speech knows from the start how long it will be."""
    voice = library.voice(SMALL[0])
    speech = voice.speak(sentence(voice.config), Manner(style=NO_NOISE, speaker=0))
    total = speech.remaining_frames
    samples = speech.decode(5)
    assert (samples.size, speech.remaining_frames, speech.done) == (5 * voice.hop, total - 5, False)
    assert speech.decode().size == (total - 5) * voice.hop
    assert speech.done


def test_an_id_beyond_the_model_fails_this_sentence_only(library: Library) -> None:
    """onnxruntime's own errors do not reach the engine."""
    voice = library.voice(SMALL[0])
    with pytest.raises(SynthesisFailed):
        voice.speak([1, 99_999, 2], Manner(style=NO_NOISE, speaker=0))
    assert voice.speak([1, 4, 2], Manner(style=NO_NOISE, speaker=0)).decode().size


def _load(name: str, model: Path) -> Voice:
    return load_streaming_voice(
        read_config(FIXTURES / f"{name}.onnx.json", name),
        model,
        device=Device(),
        phonemizer=Phonemizer(),
        max_phonemes=600,
        cache=PartsCache(None),
    )


def _saved(library: Library, tmp_path: Path, name: str, op_type: str, new_type: str) -> Path:
    """The model `name` with the last node of one kind turned into another."""
    model = onnx.load(library.model(name))
    node = [node for node in model.graph.node if node.op_type == op_type][-1]
    node.op_type = new_type
    node.ClearField("attribute")
    path = tmp_path / "changed.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def test_a_graph_that_cannot_be_cut_is_spoken_whole_with_one_warning(
    library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the prior's noise there is nothing to find the cut by, but the voice speaks."""
    name = "en_US-one_old_plain-medium"
    with caplog.at_level(logging.WARNING):
        voice = _load(name, _saved(library, tmp_path, name, "RandomNormalLike", "Identity"))
    assert isinstance(voice, WholeVoice)
    speech = voice.speak(sentence(voice.config), Manner(style=NO_NOISE))
    assert speech.remaining_frames == 1
    assert speech.decode(1).size
    assert speech.done
    about_the_cut = [record.getMessage() for record in caplog.records if record.name.endswith(".loading")]
    assert len(about_the_cut) == 1
    assert about_the_cut[0].startswith(f"Voice {name} is spoken a sentence at a time: ")


def test_parts_that_are_not_the_whole_are_not_used(
    library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A vocoder that looks at a whole sentence at once shows in the check, not in speech."""
    name = "en_US-one_old-low"
    # A running sum over the frames has no finite reach, and no kernel that tells of it.
    model = onnx.load(library.model(name))
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
    assert "its parts are off by" in caplog.text


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x08"])
def test_a_file_that_is_no_model_is_named(tmp_path: Path, content: bytes) -> None:
    """Broken files are the same error cut or whole."""
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(VoiceFileError) as caught:
        _load("en_US-one_old-low", path)
    assert "broken.onnx" in caught.value.detail


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    """So is a file that went away."""
    with pytest.raises(VoiceFileError) as caught:
        _load("en_US-one_old-low", tmp_path / "gone.onnx")
    assert "gone.onnx" in caught.value.detail
