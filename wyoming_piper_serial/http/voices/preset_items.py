"""The format of presets in the HTTP API."""

from collections.abc import Collection
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from wyoming_piper_serial.http.preset_values import PresetValues
from wyoming_piper_serial.http.response import Parameters
from wyoming_piper_serial.settings import Preset, TextRules, make_preset
from wyoming_piper_serial.voices.choices import MAX_NAME

_SPEAKER = Field(min_length=1, max_length=MAX_NAME, description="Name or number of one of the voice's speakers.")


class PresetBody(PresetValues, Parameters):
    """A preset: an extra name for a voice, with its own synthesis settings. Omitted fields keep the values of the voice
    and the server."""

    model_config = ConfigDict(extra="forbid")

    voice: Annotated[str, Field(min_length=1, max_length=MAX_NAME, description="Name of the voice.")]
    speaker: Annotated[str | None, _SPEAKER] = None

    @model_validator(mode="before")
    @classmethod
    def _number_of_speaker(cls, given: Any) -> Any:
        """Converts a speaker number to a string."""
        speaker = given.get("speaker") if isinstance(given, dict) else None
        return given | {"speaker": str(speaker)} if type(speaker) is int else given

    def preset(self, name: str) -> Preset:
        """Returns the preset with this name."""
        return make_preset(name, self.voice, self.speaker, self.given())


class PresetItem(BaseModel):
    """A preset in a list. Its values may exceed the bounds of `PresetBody`, because presets from command-line options
    have wider bounds."""

    name: str
    voice: str
    speaker: str | None = None
    length_scale: float | None = None
    noise_scale: float | None = None
    noise_w_scale: float | None = None
    sentence_silence: float | None = None
    volume: float | None = None
    seed: int | None = None
    text_rules: TextRules | None = None
    is_fixed: Annotated[bool, Field(description="Whether the operator has set it, so that it cannot be changed.")]


def preset_item(preset: Preset, *, operators: Collection[str]) -> PresetItem:
    """Returns the list item for a preset. `operators` contains the names of the operator's presets."""
    return PresetItem(
        name=preset.name,
        voice=preset.voice,
        speaker=preset.speaker,
        is_fixed=preset.name in operators,
        **preset.synthesis,
        **preset.text,
    )
