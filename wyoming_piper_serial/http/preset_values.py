"""The synthesis settings that a user-defined preset or a single request can change."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from wyoming_piper_serial.settings import TextRules, preset_options
from wyoming_piper_serial.settings.option import Number, Whole


def no_bool(value: object) -> object:
    """Returns `value`. Raises PydanticCustomError if it is a bool, which pydantic would convert to 1 or 0."""
    if isinstance(value, bool):
        raise PydanticCustomError("number_type", "Input should be a number")
    return value


# Bounds that are narrower than those of the options, because any client may send these values. The duration of a spoken
# sentence, and therefore the memory and time needed to synthesize it, grows linearly with `length_scale` and
# exponentially with `noise_w_scale`.
_BOUNDS: dict[str, tuple[float, float]] = {
    "length_scale": (0.25, 4.0),
    "noise_scale": (0.0, 2.0),
    "noise_w_scale": (0.0, 1.5),
    "sentence_silence": (0.0, 10.0),
}


def _declared(name: str) -> Any:
    """Returns a field with the description of the option `name`, and with its bounds or the narrower ones in
    `_BOUNDS`."""
    option = preset_options()[name]
    kind = option.kind
    low, high = _BOUNDS.get(name, (kind.low, kind.high) if isinstance(kind, Number | Whole) else (None, None))
    bounds: dict[str, Any] = {} if low is None else {"ge": low, "le": high}
    found: FieldInfo = Field(description=f"{option.help_text[0].upper()}{option.help_text[1:]}.", **bounds)
    return found


class PresetValues(BaseModel):
    """The synthesis settings that a preset or a request can change. Omitted fields keep the values of the voice and the
    server."""

    length_scale: Annotated[float | None, _declared("length_scale"), BeforeValidator(no_bool)] = None
    noise_scale: Annotated[float | None, _declared("noise_scale"), BeforeValidator(no_bool)] = None
    noise_w_scale: Annotated[float | None, _declared("noise_w_scale"), BeforeValidator(no_bool)] = None
    sentence_silence: Annotated[float | None, _declared("sentence_silence"), BeforeValidator(no_bool)] = None
    volume: Annotated[float | None, _declared("volume"), BeforeValidator(no_bool)] = None
    seed: Annotated[int | None, _declared("seed"), BeforeValidator(no_bool)] = None
    text_rules: Annotated[TextRules | None, _declared("text_rules")] = None

    def given(self) -> dict[str, Any]:
        """Returns the settings that are not `None`, by name."""
        return {name: value for name in PresetValues.model_fields if (value := getattr(self, name)) is not None}
