"""The default voice and presets that users choose: the content of the choices file, and the rules for valid presets."""

import json
from typing import Any

import pytest

from wyoming_piper_serial.settings import Preset
from wyoming_piper_serial.voices.choices import (
    MAX_PRESETS,
    BadChoices,
    Choices,
    encode_choices,
    is_preset_name,
    parse_choices,
    with_preset,
    without_preset,
)

_SLOW = Preset(
    name="slow one",
    voice="en_US-joe-medium",
    speaker="3",
    synthesis={"length_scale": 1.5, "volume": 1, "seed": 7},
    text={"text_rules": "off"},
)


def test_choices_survive_being_written() -> None:
    """Parsing the encoded choices of users returns the same choices."""
    choices = Choices(default="slow one", presets=(_SLOW, Preset(name="joé", voice="x")))
    assert parse_choices(encode_choices(choices)) == choices
    assert parse_choices(b"{}") == Choices()


@pytest.mark.parametrize(
    "raw",
    [
        *([], 3, {"presets": {}}, {"default": 3}, {"default": ""}, {"presets": [3]}, {"presets": [{"name": "a"}]}),
        {"presets": [{"name": "a/b", "voice": "v"}]},
        {"presets": [{"name": "a", "voice": "v"}, {"name": "a", "voice": "w"}]},
        {"presets": [{"name": f"p{number}", "voice": "v"} for number in range(MAX_PRESETS + 1)]},
        *(
            {"presets": [{"name": "a", "voice": "v", **values}]}
            for values in (
                *({"speaker": 3}, {"pitch": 1}, {"volume": "1"}, {"volume": 11}, {"volume": True}),
                *({"seed": 1.5}, {"seed": -1}, {"text_rules": "on"}, {"text_rules": 1}),
            )
        ),
    ],
)
def test_invalid_content_is_refused(raw: Any) -> None:
    """Invalid content of the choices file is rejected as a whole, with a reason."""
    with pytest.raises(BadChoices, match=r"\w"):
        parse_choices(json.dumps(raw).encode())


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[" * 100_000, b'{"presets": [{"name": "a", "volume": NaN}]}']
)
def test_content_that_is_not_json_is_refused(content: bytes) -> None:
    """A choices file that is not JSON is rejected, even if only a number is not allowed in JSON."""
    with pytest.raises(BadChoices):
        parse_choices(content)


@pytest.mark.parametrize(
    ("name", "is_valid"),
    [
        *(("a", True), ("joe-slow", True), ("Größe 2", True), ("a.b+c", True), ("x" * 100, True)),
        *(("", False), (" a", False), ("a ", False), ("-a", False), ("a/b", False), ("a\n", False), ("x" * 101, False)),
    ],
)
def test_name_of_a_preset(name: str, is_valid: bool) -> None:
    """The name of a preset may contain only letters, digits and a few other characters, so that the name can be used in
    a URL."""
    assert is_preset_name(name) is is_valid


def test_preset_is_replaced_and_removed() -> None:
    """A preset replaces a preset with the same name. Removing the preset that is the default voice resets the
    default."""
    choices = with_preset(with_preset(Choices(default="a"), Preset(name="a", voice="v")), Preset(name="b", voice="v"))
    choices = with_preset(choices, Preset(name="a", voice="w"))
    assert [(preset.name, preset.voice) for preset in choices.presets] == [("a", "w"), ("b", "v")]
    assert without_preset(choices, "b").default == "a"
    assert without_preset(choices, "a") == Choices(default=None, presets=(Preset(name="b", voice="v"),))
