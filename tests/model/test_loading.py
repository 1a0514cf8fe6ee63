"""When a voice is loaded, its model is split into encoder, flow and vocoder, which are cached. A model that cannot
be split is used as a whole."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes import voice_config
from tests.fixture_voices import FixtureVoices, phonemizer_of
from wyoming_piper_serial.exceptions import SettingsError, VoiceFileError
from wyoming_piper_serial.model import loading
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph.parts import GraphNotCut
from wyoming_piper_serial.model.graph.parts_cache import PartsCache
from wyoming_piper_serial.model.loading import load_streaming_voice
from wyoming_piper_serial.model.protocols import Voice
from wyoming_piper_serial.model.streaming import StreamingVoice
from wyoming_piper_serial.model.whole import WholeVoice

NAME = "en_US-one_old-x_low"


class UnavailableDevice(Device):
    """A device whose provider failed to start. onnxruntime therefore uses another provider."""

    def check(self, session: object) -> None:
        raise SettingsError("CUDAExecutionProvider did not start.")


def load(config: VoiceConfig, model: Path, cache: PartsCache, device: Device | None = None) -> Voice:
    return load_streaming_voice(
        config,
        model,
        device=device or Device(),
        phonemizer=phonemizer_of(config),
        cache=cache,
        parts=cache.get(model),
    )


def never_cut(_task: object) -> None:
    raise AssertionError("the model is cut again")


def never_loaded(*_: object, **__: object) -> None:
    raise AssertionError("the whole graph is loaded")


def cannot_cut(_task: object) -> None:
    raise GraphNotCut("this graph has another form")


@pytest.fixture(scope="module")
def filled(fixture_voices: FixtureVoices, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a cache that contains the parts of the model `NAME`."""
    folder = tmp_path_factory.mktemp("filled")
    load(fixture_voices.config(NAME), fixture_voices.model(NAME), PartsCache(folder))
    return folder


def test_second_load_does_not_cut(fixture_voices: FixtureVoices, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second load uses the cached parts and the cached gain, and does not split the model again."""
    monkeypatch.setattr(loading, "cut_in_process", never_cut)
    voice = load(fixture_voices.config(NAME), fixture_voices.model(NAME), PartsCache(filled))
    assert isinstance(voice, StreamingVoice)
    assert voice.gain != 1.0


def test_graph_that_is_not_cut_is_used_whole(
    fixture_voices: FixtureVoices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A graph that cannot be split is loaded as a WholeVoice with a measured gain. One warning is logged, and
    nothing is cached."""
    monkeypatch.setattr(loading, "cut_in_process", cannot_cut)
    with caplog.at_level(logging.WARNING):
        voice = load(fixture_voices.config(NAME), fixture_voices.model(NAME), PartsCache(tmp_path))
    assert isinstance(voice, WholeVoice)
    assert voice.gain != 1.0
    assert [record.getMessage() for record in caplog.records if record.name.endswith(".loading")] == [
        f"Voice {NAME} is synthesized one whole sentence at a time: this graph has another form"
    ]
    assert not list(tmp_path.iterdir())


def test_cached_parts_are_checked_against_the_config(fixture_voices: FixtureVoices, filled: Path) -> None:
    """If the inputs of a model do not match the config, VoiceFileError is raised, even if the parts of the model are
    cached."""
    with pytest.raises(VoiceFileError) as caught:
        load(voice_config(num_speakers=3), fixture_voices.model(NAME), PartsCache(filled))
    assert "takes input, input_lengths, scales, but" in caught.value.detail


def test_unusable_cached_parts_are_not_used(fixture_voices: FixtureVoices, filled: Path) -> None:
    """If onnxruntime cannot load the cached parts, for example because another version has stored them, the whole model
    is used."""
    cache = PartsCache(filled)
    parts = cache.get(fixture_voices.model(NAME))
    assert parts is not None
    config = fixture_voices.config(NAME)
    voice = load_streaming_voice(
        config,
        fixture_voices.model(NAME),
        device=Device(),
        phonemizer=phonemizer_of(config),
        cache=cache,
        parts=replace(parts, flow=b"junk"),
    )
    assert isinstance(voice, WholeVoice)


def test_device_that_did_not_start_is_refused(
    fixture_voices: FixtureVoices, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If onnxruntime does not use the requested device, SettingsError is raised, and the voice is not loaded as a
    WholeVoice."""
    monkeypatch.setattr("wyoming_piper_serial.model.loading.load_whole_voice", never_loaded)
    with pytest.raises(SettingsError, match="did not start"):
        load(fixture_voices.config(NAME), fixture_voices.model(NAME), PartsCache(filled), UnavailableDevice())


def test_model_that_cannot_speak_is_refused(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """If a model cannot synthesize the phoneme ids of its config, VoiceFileError is raised."""
    config = voice_config(phoneme_id_map={"^": [9999], "_": [0], "$": [2], "a": [4]}, num_symbols=10_000)
    with pytest.raises(VoiceFileError) as caught:
        load(config, fixture_voices.model(NAME), PartsCache(tmp_path))
    assert f"{NAME}.onnx: cannot synthesize speech (" in caught.value.detail
