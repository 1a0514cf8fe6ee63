"""`resolve` determines the voice, the speaker and the synthesis settings of a request."""

from typing import Any

import pytest

from tests.fakes import voice_config, voice_entry
from wyoming_piper_serial.exceptions import BadRequest, UnknownSpeaker, UnknownVoice, VoiceNeedsExtra
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.settings import Preset, Settings, SynthesisSettings, TextRules, TextSettings
from wyoming_piper_serial.voices.catalogue import Catalogue, UnavailableVoice
from wyoming_piper_serial.voices.choices import MAX_NAME
from wyoming_piper_serial.voices.selection import ResolvedVoice, VoiceSelector, resolve

_SINGLE = voice_entry("en_US-joe-medium", dataset="joe")
_CROWD = voice_entry(
    "fr_FR-crowd-low",
    dataset="crowd",
    language={"code": "fr_FR"},
    num_speakers=4,
    speaker_id_map={"anna": 0, "bob": 1, "cleo": 2},
    default_speaker_id=2,
    inference={"noise_scale": 0.5, "length_scale": 1.2, "noise_w": 0.7},
)
_PRESET = Preset(name="crowd-slow", voice="crowd", synthesis={"length_scale": 2.0, "volume": 0.5, "seed": 3})
_SPEAKING_PRESET = Preset(name="bob", voice="crowd", speaker="bob")
_CATALOGUE = Catalogue([_SINGLE, _CROWD, _CROWD.with_preset(_PRESET), _CROWD.with_preset(_SPEAKING_PRESET)])


def resolved(
    name: str | None = None,
    *,
    language: str | None = None,
    speaker: str | None = None,
    settings: Settings | None = None,
    **request: Any,
) -> ResolvedVoice:
    selector = VoiceSelector(name=name, language=language, speaker=speaker)
    return resolve(selector, _CATALOGUE, settings or Settings(), **request)


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        (VoiceSelector(), "en_US-joe-medium"),
        (VoiceSelector(name=""), "en_US-joe-medium"),
        (VoiceSelector(name="fr_FR-crowd-low"), "fr_FR-crowd-low"),
        (VoiceSelector(name="CROWD"), "fr_FR-crowd-low"),
        (VoiceSelector(name="fr"), "fr_FR-crowd-low"),
        (VoiceSelector(language="fr-fr"), "fr_FR-crowd-low"),
        (VoiceSelector(name="joe", language="fr"), "en_US-joe-medium"),
        (VoiceSelector(name="Crowd_Slow"), "crowd-slow"),
    ],
)
def test_voice_is_found(selector: VoiceSelector, found: str) -> None:
    """The voice of a request is found by name, alias or language. An empty selector means the default voice."""
    assert resolve(selector, _CATALOGUE, Settings()).entry.name == found


@pytest.mark.parametrize("key", ["name", "language", "speaker"])
def test_name_that_is_too_long_is_refused(key: str) -> None:
    """A name of a voice or speaker has at most 300 characters. A longer one is refused before it is compared with any
    name, because comparing half a megabyte of combining marks would take hours."""
    assert getattr(VoiceSelector(**{key: "a" * MAX_NAME}), key) == "a" * MAX_NAME
    with pytest.raises(BadRequest, match=f"{key} of a voice is longer than 300 characters"):
        VoiceSelector(**{key: "a" + "\u0301\u0316" * 125_000})


def test_default_voice_is_that_of_the_settings() -> None:
    """The server's settings determine the default voice. A default voice that does not exist raises UnknownVoice."""
    settings = Settings(voice="crowd-slow")
    assert resolved(settings=settings).entry.name == "crowd-slow"
    with pytest.raises(UnknownVoice):
        resolved(settings=Settings(voice="gone"))


def test_settings_apply_to_every_voice() -> None:
    """The synthesis settings of the server apply to every voice, unless the request has its own settings."""
    synthesis = SynthesisSettings(noise_scale=0.1, length_scale=1.5, volume=2.0, seed=5)
    settings = Settings(synthesis=synthesis)
    assert resolved(settings=settings).options == SynthesisOptions(synthesis=synthesis, speaker=None)
    assert resolved("crowd", settings=settings).options == SynthesisOptions(synthesis=synthesis, speaker=2)


def test_preset_changes_the_settings() -> None:
    """A preset changes only the settings that it contains."""
    settings = Settings(synthesis=SynthesisSettings(noise_scale=0.1, length_scale=1.5))
    assert resolved("crowd-slow", settings=settings).options.synthesis == SynthesisSettings(
        noise_scale=0.1, length_scale=2.0, volume=0.5, seed=3
    )
    assert resolved("bob", settings=settings).options.synthesis == settings.synthesis


def test_sample_rate_of_the_request_takes_precedence() -> None:
    """The sample rate in a request takes precedence over the rate in the server's settings."""
    settings = Settings(synthesis=SynthesisSettings(sample_rate=48_000))
    assert resolved(settings=settings).options.synthesis.sample_rate == 48_000
    assert resolved(settings=settings, sample_rate=24_000).options.synthesis.sample_rate == 24_000


def test_seed_of_the_request_takes_precedence() -> None:
    """The seed in a request takes precedence over the preset and the server's settings, even if the seed is 0."""
    settings = Settings(synthesis=SynthesisSettings(seed=5))
    seeds = [
        resolved(name, settings=settings, changes={"seed": 0}).options.synthesis.seed for name in ("joe", "crowd-slow")
    ]
    assert seeds == [0, 0]
    assert resolved("joe", settings=settings).options.synthesis.seed == 5
    assert resolved("crowd-slow", settings=settings).options.synthesis.seed == 3


@pytest.mark.parametrize(
    ("name", "length_scale", "result"),
    [("crowd", None, 0.6), ("crowd", 1.5, 0.75), ("crowd-slow", 1.5, 1.0), ("joe", None, 0.5)],
)
def test_speed_divides_the_length_scale(name: str, length_scale: float | None, result: float) -> None:
    """The length scale from the preset, the settings or the voice's config, in this order of precedence, is divided by
    the speed."""
    settings = Settings(synthesis=SynthesisSettings(length_scale=length_scale))
    assert resolved(name, settings=settings, speed=2.0).options.synthesis.length_scale == pytest.approx(result)


def test_text_rules_of_the_request_take_precedence() -> None:
    """`text_rules` in the request takes precedence over the preset, and the preset over the settings."""
    preset = Preset(name="plain", voice="joe", text={"text_rules": "off"})
    entries = Catalogue([voice_entry("en_US-joe-medium"), voice_entry("en_US-joe-medium").with_preset(preset)])

    def rules(name: str | None, settings: Settings, request: TextRules | None = None) -> TextRules:
        return resolve(VoiceSelector(name=name), entries, settings, text_rules=request).text_rules

    off = Settings(text=TextSettings(text_rules="off"))
    assert [rules(None, Settings()), rules(None, off), rules(None, off, "auto")] == ["auto", "off", "auto"]
    assert [rules("plain", Settings()), rules("plain", Settings(), "auto")] == ["off", "auto"]


def test_speed_1_does_not_change_the_length_scale() -> None:
    """With speed 1, the length scale stays `None`, which means the default of the model."""
    assert resolved("crowd", speed=1.0).options.synthesis.length_scale is None


@pytest.mark.parametrize(
    ("request_", "settings", "number"),
    [
        ({"name": "joe"}, Settings(), None),
        ({"name": "crowd"}, Settings(), 2),
        ({"name": "crowd", "speaker": "bob"}, Settings(), 1),
        ({"name": "crowd", "speaker": "3"}, Settings(), 3),
        ({"name": "bob"}, Settings(), 1),
        ({"name": "bob", "speaker": "anna"}, Settings(), 0),
        ({"name": "crowd"}, Settings(speakers={"fr_FR-crowd-low": "anna"}), 0),
        ({"name": "crowd-slow"}, Settings(speakers={"fr_FR-crowd-low": "anna"}), 0),
        ({"name": "crowd-slow"}, Settings(speakers={"fr_FR-crowd-low": "anna", "crowd-slow": "bob"}), 1),
        ({"name": "bob"}, Settings(speakers={"bob": "anna"}), 1),
        ({"name": "crowd"}, Settings(speaker="anna"), 2),
        ({}, Settings(voice="fr_FR-crowd-low", speaker="anna"), 0),
        ({}, Settings(voice="fr_FR-crowd-low", speaker="anna", speakers={"fr_FR-crowd-low": "bob"}), 1),
        ({"speaker": "cleo"}, Settings(voice="fr_FR-crowd-low", speaker="anna"), 2),
        ({"name": "crowd-slow"}, Settings(voice="fr_FR-crowd-low", speaker="anna"), 2),
    ],
)
def test_speaker_is_the_most_specific_one(request_: dict[str, str], settings: Settings, number: int | None) -> None:
    """The speaker is set by the request, the preset, `--speaker VOICE=NAME`, `--speaker NAME` or the voice's config, in
    this order of precedence."""
    assert resolved(**request_, settings=settings).options.speaker == number


@pytest.mark.parametrize(
    ("selector", "settings"),
    [
        (VoiceSelector(name="joe", speaker="1"), Settings()),
        (VoiceSelector(name="crowd", speaker="eve"), Settings()),
        (VoiceSelector(name="crowd", speaker="4"), Settings()),
        (VoiceSelector(name="crowd"), Settings(speakers={"fr_FR-crowd-low": "eve"})),
    ],
)
def test_unknown_speaker_is_refused(selector: VoiceSelector, settings: Settings) -> None:
    """A speaker that the voice does not have raises UnknownSpeaker, whether the speaker is named in the request or in
    the server's settings."""
    with pytest.raises(UnknownSpeaker):
        resolve(selector, _CATALOGUE, settings)


def test_unknown_voice_is_refused() -> None:
    """An unknown name or language raises UnknownVoice."""
    for selector in (VoiceSelector(name="nobody"), VoiceSelector(language="sv")):
        with pytest.raises(UnknownVoice):
            resolve(selector, _CATALOGUE, Settings())


def test_unavailable_voice_is_refused_with_what_it_needs() -> None:
    """A request for an unavailable voice raises VoiceNeedsExtra."""
    unavailable = UnavailableVoice(config=voice_config("ja_JP-yuki-medium"), need="install it first")
    with pytest.raises(VoiceNeedsExtra, match="install it first"):
        resolve(VoiceSelector(name="ja_JP-yuki-medium"), Catalogue([], unavailable=[unavailable]), Settings())


def test_length_scale_of_a_request_replaces_its_speed() -> None:
    """If a request sets the length scale, the speed is ignored, because both together could exceed the limits."""
    options = resolved("joe", speed=0.25, changes={"length_scale": 4.0}).options
    assert options.synthesis.length_scale == 4.0
