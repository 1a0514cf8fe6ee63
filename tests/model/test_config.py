"""The config of a Piper voice is read and checked."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from piper.config import PhonemeType

from tests.fakes import raw_config, voice_config
from wyoming_piper_serial.exceptions import UnknownSpeaker, VoiceFileError
from wyoming_piper_serial.model.config import VoiceConfig, parse_config, read_config
from wyoming_piper_serial.phonemes.types import PHONEME_TYPES

_ID_MAP = {"_": [0], "^": [1], "$": [2], "a": [4]}


def without(key: str) -> dict[str, Any]:
    raw = raw_config()
    del raw[key]
    return raw


def three_speakers() -> VoiceConfig:
    return voice_config(num_speakers=3, speaker_id_map={"carol": 2, "7": 0, "bob": 1}, default_speaker_id=1)


def test_valid_config_is_read() -> None:
    """All fields are read from the config."""
    config = parse_config(raw_config(piper_version="1.2.3"), "en_US-fake-medium", source="a test")
    assert (config.name, config.language, config.dataset, config.quality) == (
        "en_US-fake-medium",
        "en_US",
        "fake",
        "medium",
    )
    assert (config.version, config.sample_rate, config.num_speakers) == ("1.2.3", 22_050, 1)
    assert config.description == "fake (medium)"
    assert config.phonemes.id_map["a"] == [4]
    assert config.scales.length_scale == 1


def test_config_is_read_from_its_file(tmp_path: Path) -> None:
    """A config file is read even if it begins with a byte order mark."""
    path = tmp_path / "x.onnx.json"
    path.write_text(json.dumps(raw_config()), encoding="utf-8-sig")
    assert read_config(path, "x").dataset == "fake"


@pytest.mark.parametrize("key", ["audio", "espeak", "num_symbols", "num_speakers", "phoneme_id_map"])
def test_missing_key_is_named(key: str) -> None:
    """If a key is missing, VoiceFileError is raised, and its detail names the file and the key."""
    with pytest.raises(VoiceFileError) as caught:
        parse_config(without(key), "amy", source="/voices/amy.onnx.json")
    assert caught.value.voice == "amy"
    assert caught.value.detail.startswith(f"/voices/amy.onnx.json: {key} must be ")


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("audio", {"audio": []}),
        ("audio.sample_rate", {"audio": {}}),
        ("audio.sample_rate", {"audio": {"sample_rate": "fast"}}),
        ("audio.sample_rate", {"audio": {"sample_rate": "9" * 400}}),
        ("audio.sample_rate", {"audio": {"sample_rate": 22050.5}}),
        ("audio.sample_rate", {"audio": {"sample_rate": float("inf")}}),
        ("audio.sample_rate", {"audio": {"sample_rate": True}}),
        ("audio.sample_rate", {"audio": {"sample_rate": 0}}),
        ("audio.sample_rate", {"audio": {"sample_rate": 1 << 40}}),
        ("language", {"language": ["en_US"]}),
        ("espeak", {"espeak": None}),
        ("espeak.voice", {"espeak": {}}),
        ("espeak.voice", {"espeak": {"voice": ""}}),
        ("espeak.voice", {"espeak": {"voice": 7}}),
        ("num_symbols", {"num_symbols": 0}),
        ("num_symbols", {"num_symbols": None}),
        ("num_speakers", {"num_speakers": 0}),
        ("num_speakers", {"num_speakers": -1}),
        ("num_speakers", {"num_speakers": "two"}),
        ("speaker_id_map", {"speaker_id_map": ["amy"]}),
        ("speaker_id_map.amy", {"speaker_id_map": {"amy": 1}}),
        ("speaker_id_map.amy", {"speaker_id_map": {"amy": "0.5"}}),
        ("speaker_id_map.amy", {"speaker_id_map": {"amy": -1}}),
        ("default_speaker_id", {"default_speaker_id": 1}),
        ("default_speaker_id", {"default_speaker_id": ""}),
        ("phoneme_type", {"phoneme_type": "morse"}),
        ("phoneme_type", {"phoneme_type": ["espeak"]}),
        ("phoneme_type", {"phoneme_type": "PhonemeType.MORSE"}),
        ("phoneme_id_map", {"phoneme_id_map": []}),
        ("phoneme_id_map", {"phoneme_id_map": {"_": [0], "^": [1], "$": [2]}}),
        ("phoneme_id_map lacks ^", {"phoneme_id_map": {"_": [0], "a": [1], "b": [2]}}),
        ("phoneme_id_map.a", {"phoneme_id_map": _ID_MAP | {"a": 4}}),
        ("phoneme_id_map.a", {"phoneme_id_map": _ID_MAP | {"a": []}}),
        ("phoneme_id_map.a", {"phoneme_id_map": _ID_MAP | {"a": [4] * 17}}),
        ("phoneme_id_map.a", {"phoneme_id_map": _ID_MAP | {"a": [16]}}),
        ("phoneme_id_map.a", {"phoneme_id_map": _ID_MAP | {"a": [-1]}}),
        ("phoneme_id_map.a", {"phoneme_id_map": _ID_MAP | {"a": ["b"]}}),
        ("dataset", {"dataset": "a\ud800"}),
        ("dataset", {"dataset": "two\nlines"}),
        ("audio.quality", {"audio": {"sample_rate": 22050, "quality": "x" * 1001}}),
        ("piper_version", {"piper_version": "\0"}),
        ("language.code", {"language": {"code": "en\nUS"}}),
        ("inference", {"inference": [1, 2, 3]}),
        ("inference.noise_scale", {"inference": {"noise_scale": -0.1}}),
        ("inference.length_scale", {"inference": {"length_scale": "slow"}}),
        ("inference.length_scale", {"inference": {"length_scale": float("nan")}}),
        ("inference.noise_w", {"inference": {"noise_w": True}}),
        ("inference.noise_w", {"inference": {"noise_w": 100}}),
    ],
)
def test_key_with_a_wrong_value_is_named(key: str, changes: dict[str, Any]) -> None:
    """If a value has the wrong type or is out of range, VoiceFileError is raised, and its detail names the file and
    the key."""
    with pytest.raises(VoiceFileError) as caught:
        parse_config(raw_config(**changes), "amy", source="/voices/amy.onnx.json")
    assert caught.value.detail.startswith(f"/voices/amy.onnx.json: {key} ")


@pytest.mark.parametrize(
    ("changes", "read"),
    [
        ({"phoneme_type": "PhonemeType.ESPEAK"}, {"phoneme_type": "espeak"}),
        ({"phoneme_type": "TEXT"}, {"phoneme_type": "text"}),
        ({"phoneme_type": None}, {"phoneme_type": "espeak"}),
        ({"language": None}, {"language": "en_US"}),
        ({"language": "fr-fr"}, {"language": "fr_FR"}),
        ({"language": "de"}, {"language": "de"}),
        ({"language": "English"}, {"language": "en_US"}),
        ({"default_speaker_id": None}, {"default_speaker": 0}),
        ({"num_speakers": 2.0, "default_speaker_id": "1"}, {"num_speakers": 2, "default_speaker": 1}),
        ({"num_speakers": "2", "speaker_id_map": {"b": "1", "a": 0.0}}, {"speakers": {"a": 0, "b": 1}}),
        ({"audio": {"sample_rate": "22050"}}, {"sample_rate": 22050}),
        ({"audio": {"sample_rate": 22050.0}}, {"sample_rate": 22050}),
        ({"num_symbols": "16.0", "phoneme_id_map": _ID_MAP | {"a": [4.0, "5"]}}, {"a": [4, 5]}),
        ({"inference": None}, {"length_scale": 1.0}),
        ({"inference": {"length_scale": "1.5", "noise_w": None}}, {"length_scale": 1.5, "noise_w_scale": 0.8}),
    ],
)
def test_what_piper_reads_is_read(changes: dict[str, Any], read: dict[str, Any]) -> None:
    """A config that piper-tts can use is read, even if the type of a value differs from that in the configs of Piper's
    own voices: the name of a member instead of its value, `null`, `1.0` or a number as a string."""
    config = parse_config(raw_config(**changes), "en_US-amy", source="amy.json")
    found = {**vars(config), **vars(config.phonemes), **vars(config.scales), "a": config.phonemes.id_map["a"]}
    assert {key: found[key] for key in read} == read
    assert [type(number) for number in found["a"]] == [int] * len(found["a"])


def test_speaker_is_found_however_it_is_encoded() -> None:
    """The name of a speaker is found whether its letters are composed (NFC) or decomposed (NFD)."""
    composed, decomposed = "Zo\u00eb", "Zoe\u0308"
    for own, wanted in ((composed, decomposed), (decomposed, composed), (composed, composed)):
        assert voice_config(num_speakers=2, speaker_id_map={own: 1}).speaker_number(wanted) == 1


@pytest.mark.parametrize("raw", [None, [], "text", 7])
def test_json_that_is_not_an_object_is_refused(raw: object) -> None:
    """If a config is not a JSON object, VoiceFileError is raised."""
    with pytest.raises(VoiceFileError) as caught:
        parse_config(raw, "amy", source="amy.json")
    assert caught.value.detail == "amy.json: the file must be an object"


def test_wrong_value_that_only_piper_uses_is_refused() -> None:
    """A key that only piper-tts reads is checked too: if its value is wrong, VoiceFileError is raised, because
    piper-tts would fail."""
    with pytest.raises(VoiceFileError, match="amy") as caught:
        parse_config(raw_config(vowel_clusters=[7]), "amy", source="amy.json")
    assert caught.value.detail.startswith("amy.json: vowel_clusters must be ")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\xff", b"not json", b"[" * 100_000])
def test_file_that_is_not_json_is_named(tmp_path: Path, content: bytes) -> None:
    """If a config is not JSON, is not text or is nested too deeply, VoiceFileError is raised, and its detail contains
    the file."""
    path = tmp_path / "amy.onnx.json"
    path.write_bytes(content)
    with pytest.raises(VoiceFileError) as caught:
        read_config(path, "amy")
    assert caught.value.detail.startswith(f"{path}: not JSON (")


@pytest.mark.timeout(10)
def test_config_that_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    """A named pipe without a writer and a device that never ends are refused instead of being read."""
    pipe, device = tmp_path / "pipe.onnx.json", tmp_path / "device.onnx.json"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        with pytest.raises(VoiceFileError) as caught:
            read_config(path, "amy")
        assert caught.value.detail == f"{path}: it is not a regular file"


def test_very_long_config_is_refused(tmp_path: Path) -> None:
    """A config of more than 256 KiB is not parsed."""
    path = tmp_path / "amy.onnx.json"
    path.write_text(json.dumps(raw_config()) + " " * (256 << 10))
    with pytest.raises(VoiceFileError) as caught:
        read_config(path, "amy")
    assert caught.value.detail == f"{path}: it has more than 262144 bytes"


@pytest.mark.parametrize(("version", "read"), [(2, "2"), (1.5, "1.5"), (None, "1.0.0"), ({}, "1.0.0"), (True, "1.0.0")])
def test_label_may_be_a_number_or_missing(version: object, read: str) -> None:
    """A label that is a number is read as a string. A label of another type counts as missing."""
    assert parse_config(raw_config(piper_version=version), "amy", source="amy.json").version == read


def test_missing_file_is_named(tmp_path: Path) -> None:
    """If the file is missing, VoiceFileError is raised, and its detail contains the operating system's error
    message."""
    with pytest.raises(VoiceFileError) as caught:
        read_config(tmp_path / "amy.onnx.json", "amy")
    assert caught.value.detail == f"{tmp_path / 'amy.onnx.json'}: No such file or directory"


def test_message_for_clients_contains_no_path() -> None:
    """The message of VoiceFileError, which is sent to clients, does not contain a path."""
    with pytest.raises(VoiceFileError) as caught:
        parse_config({}, "amy", source="/secret/amy.json")
    assert str(caught.value) == "The voice amy cannot be used: its files are missing or broken."


@pytest.mark.parametrize(
    ("code", "name", "espeak", "language"),
    [
        ("fr_CA", "en_US-amy-low", "en-us", "fr_CA"),
        ("en-us", "amy", "en-us", "en_US"),
        ("pt-BR", "amy", "pt-br", "pt_BR"),
        ("fr", "amy", "fr-fr", "fr"),
        ("zh_Hant_TW", "amy", "cmn", "zh_Hant_TW"),
        (None, "de_DE-thorsten-medium", "de", "de_DE"),
        ("", "en-gb-alan-low", "en", "en_GB"),
        (7, "amy-low", "en-us", "en_US"),
        (None, "amy", "cmn-latn-pinyin", "cmn"),
        (None, "amy", "de", "de"),
    ],
)
def test_language_falls_back_to_file_name_and_espeak(code: object, name: str, espeak: str, language: str) -> None:
    """If the config has no language code, the language is derived from the file name or, failing that, from the name of
    the espeak-ng voice."""
    raw = raw_config(language={"code": code}, espeak={"voice": espeak})
    assert parse_config(raw, name, source="a test").language == language


def test_config_without_the_key_language_falls_back_too() -> None:
    """Configs of old voices lack the key `language`. Their language is also derived from the file name."""
    assert parse_config(without("language"), "it_IT-riccardo-x_low", source="a test").language == "it_IT"


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("it_IT-riccardo-x_low", "riccardo (x_low)"),
        ("en_US-two-words-high", "two-words (high)"),
        ("amy-low", "amy-low (low)"),
        ("amy", "amy"),
    ],
)
def test_description_falls_back_to_file_name(name: str, description: str) -> None:
    """If the config has neither dataset nor quality, the description is built from the file name."""
    raw = without("dataset") | {"audio": {"sample_rate": 16_000}}
    assert parse_config(raw, name, source="a test").description == description


@pytest.mark.parametrize(
    ("speaker", "number"), [(None, 1), ("", 1), ("carol", 2), ("bob", 1), ("0", 0), ("2", 2), ("002", 2), ("7", 0)]
)
def test_speaker_is_found_by_name_or_number(speaker: str | None, number: int) -> None:
    """A speaker is found by name or by number, and names take precedence. `None` and an empty string mean the default
    speaker."""
    assert three_speakers().speaker_number(speaker) == number


@pytest.mark.parametrize("speaker", ["dave", "3", "-1", "1.0", "²", "٢", " 1", "0000000001", "9" * 5000, "Carol"])
def test_unknown_speaker_is_refused_with_the_known_ones(speaker: str) -> None:
    """If a speaker is unknown, UnknownSpeaker is raised. Its message is short and lists known speakers."""
    with pytest.raises(UnknownSpeaker) as caught:
        three_speakers().speaker_number(speaker)
    message = str(caught.value)
    assert message.startswith(f"The voice en_US-fake-medium has no speaker {speaker!r:.80}; ")
    assert message.endswith("it has 3 speakers, numbers 0 to 2, such as 7, bob, carol.")
    assert len(message) < 300


@pytest.mark.parametrize("speaker", [None, "", "0", "amy"])
def test_voice_with_one_speaker_needs_no_speaker_number(speaker: str | None) -> None:
    """A voice with one speaker accepts the name of this speaker, the number 0, or no speaker. All of these become
    `None`."""
    assert voice_config(speaker_id_map={"amy": 0}).speaker_number(speaker) is None


def test_voice_with_one_speaker_has_no_second() -> None:
    """If speaker 1 of a voice with one speaker is requested, UnknownSpeaker is raised, because speaker numbers start at
    0.
    """
    with pytest.raises(UnknownSpeaker, match="has no speaker '1'; it has one speaker, number 0"):
        voice_config().speaker_number("1")


def test_speakers_without_names_are_listed_by_number() -> None:
    """If the speakers have no names, the message of UnknownSpeaker states the range of their numbers."""
    with pytest.raises(UnknownSpeaker, match=r"it has 904 speakers, numbers 0 to 903\.$"):
        voice_config(num_speakers=904).speaker_number("904")


def test_speakers_are_in_the_order_of_their_numbers() -> None:
    """Speakers are sorted by number."""
    assert list(three_speakers().speakers) == ["7", "bob", "carol"]


def test_phoneme_types_are_pipers() -> None:
    """PHONEME_TYPES repeats the values of piper's PhonemeType, because importing piper is slow."""
    assert list(PHONEME_TYPES) == [known.value for known in PhonemeType]


def test_speaker_names_are_numbers_where_a_name_is_missing() -> None:
    """A speaker without a name is listed by its number. A voice with one speaker has an empty list."""
    assert voice_config(num_speakers=3, speaker_id_map={"carol": 2}).speaker_names == ["0", "1", "carol"]
    assert voice_config(speaker_id_map={"amy": 0}).speaker_names == []
