"""The synthesis settings that presets and requests can change."""

import pytest
from pydantic import ValidationError

from wyoming_piper_serial.http.preset_values import PresetValues
from wyoming_piper_serial.settings import preset_options


def test_values_are_those_of_presets() -> None:
    """A request can change exactly the settings that a preset can change."""
    assert set(PresetValues.model_fields) == set(preset_options())


@pytest.mark.parametrize(
    "value",
    [
        {"volume": -1},
        {"volume": 11},
        {"length_scale": 0},
        {"seed": True},
        {"seed": -1},
        {"text_rules": "on"},
        {"length_scale": 5},
        {"noise_w_scale": 2},
        {"sentence_silence": 11},
    ],
)
def test_values_have_bounds(value: dict[str, object]) -> None:
    """A value outside the bounds of the option is refused. So is a value that would require too much memory or time."""
    with pytest.raises(ValidationError):
        PresetValues.model_validate(value)


def test_only_given_values_are_changed() -> None:
    """Settings that are omitted or null are not changed."""
    values = PresetValues.model_validate({"volume": 0, "seed": None, "text_rules": "off"})
    assert values.given() == {"volume": 0, "text_rules": "off"}
