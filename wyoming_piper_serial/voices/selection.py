"""Determines the voice and the synthesis options of a request. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from wyoming_piper_serial.exceptions import BadRequest
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.settings import Settings, SynthesisSettings, TextRules
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.voices.choices import MAX_NAME


@dataclass(frozen=True, kw_only=True)
class VoiceSelector:
    """The voice that a client requests: a name, a language, a speaker, or any combination. An empty selector means the
    default voice.

    Raises BadRequest if a value has more than `MAX_NAME` characters. The limit is needed because the selector stays in
    memory until the request ends, and its bytes do not count towards `--max-buffered`.
    """

    name: str | None = None
    """Name, alias or language code of the voice. It takes precedence over `language`."""

    language: str | None = None
    speaker: str | None = None
    """Name or number of the speaker."""

    def __post_init__(self) -> None:
        for key in ("name", "language", "speaker"):
            if len(getattr(self, key) or "") > MAX_NAME:
                raise BadRequest(f"The {key} of a voice is longer than {MAX_NAME} characters.")


@dataclass(frozen=True, kw_only=True)
class ResolvedVoice:
    """The voice and the synthesis options of a request."""

    entry: VoiceEntry
    options: SynthesisOptions
    text_rules: TextRules = "auto"


def resolve(
    selector: VoiceSelector,
    catalogue: Catalogue,
    settings: Settings,
    *,
    speed: float = 1.0,
    sample_rate: int | None = None,
    text_rules: TextRules | None = None,
    changes: Mapping[str, Any] | None = None,
) -> ResolvedVoice:
    """Returns the voice, the speaker and the synthesis settings for a request.

    `changes` (values of SynthesisSettings by field name), `sample_rate` (in hertz) and `text_rules` take precedence
    over the preset, which takes precedence over `settings`. `speed` is a factor for the configured speed or, if none is
    configured, the default speed of the voice. `speed` is ignored if `changes` contains a length scale. Raises
    UnknownVoice, VoiceNeedsExtra, VoiceFileError or UnknownSpeaker.
    """
    entry = catalogue.find(selector.name, selector.language, default=catalogue.default_or(settings.voice))
    synthesis = _synthesis(entry, settings.synthesis, changes or {}, speed=speed)
    options = SynthesisOptions(
        synthesis=synthesis if sample_rate is None else replace(synthesis, sample_rate=sample_rate),
        speaker=entry.config.speaker_number(_speaker(selector, entry, settings)),
    )
    rules = text_rules or settings.text_of(entry.preset).text_rules
    return ResolvedVoice(entry=entry, options=options, text_rules=rules)


def _speaker(selector: VoiceSelector, entry: VoiceEntry, settings: Settings) -> str | None:
    """Returns the name or number of the speaker for a request; `None` means the default speaker of the voice.

    The order of precedence is: the request, the preset, --speaker VOICE=NAME, and, for the operator's default voice,
    --speaker NAME.
    """
    return (
        selector.speaker
        or (entry.preset and entry.preset.speaker)
        or settings.speakers.get(entry.name)
        or settings.speakers.get(entry.voice)
        or (settings.speaker if entry.name == settings.voice else None)
    )


def _synthesis(
    entry: VoiceEntry, synthesis: SynthesisSettings, changes: Mapping[str, Any], *, speed: float
) -> SynthesisSettings:
    """Returns the server's synthesis settings, modified by the preset and the request."""
    if entry.preset is not None:
        synthesis = replace(synthesis, **entry.preset.synthesis)
    if changes:
        synthesis = replace(synthesis, **changes)
    if speed != 1.0 and "length_scale" not in changes:
        own = entry.config.scales.length_scale if synthesis.length_scale is None else synthesis.length_scale
        synthesis = replace(synthesis, length_scale=own / speed)
    return synthesis
