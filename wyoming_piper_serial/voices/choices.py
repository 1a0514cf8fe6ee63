"""Choices that users make while the server runs: the default voice and presets. Both are stored in `settings.json`.
Pure. The module `choices_file` reads and writes the file."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from wyoming_piper_serial.settings import Preset, make_preset, preset_options
from wyoming_piper_serial.settings.option import Choice, Number, Whole

MAX_PRESETS = 200
"""Maximum number of presets in the file. Each preset appears in every list of voices."""

MAX_NAME = 300
"""Maximum number of characters in the name of a voice or a speaker. File names have at most 255 bytes. Comparing a name
takes quadratic time if the name contains many combining marks."""

_PRESET_NAME = re.compile(r"\w[\w .+-]{0,98}[\w.+-]|\w")


class BadChoices(ValueError):
    """The content of the choices file is invalid. The message gives the reason."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The choices of users: the content of the file, and whether the default voice in the file is ignored."""

    default: str | None = None
    """Name of the voice or preset for requests that do not name one; `None` means the operator's default voice."""

    presets: tuple[Preset, ...] = ()

    is_default_fixed: bool = False
    """Whether `default` is ignored because the operator has set the default voice. Not part of the file."""


def is_preset_name(name: str) -> bool:
    """Returns whether `name` is allowed for a preset. Only letters, digits, spaces and a few other characters are
    allowed, so that the name can be used in URLs and on the command line."""
    return _PRESET_NAME.fullmatch(name) is not None


def parse_choices(content: bytes) -> Choices:
    """Parses the content of a choices file. Raises BadChoices."""
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadChoices(f"it is not JSON ({error})") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("presets", []), list):
        raise BadChoices('it must be {"default": NAME, "presets": [...]}')
    presets = tuple(_preset(one) for one in raw.get("presets", []))
    if len(presets) > MAX_PRESETS:
        raise BadChoices(f"it has more than {MAX_PRESETS} presets")
    if len({preset.name for preset in presets}) < len(presets):
        raise BadChoices("two presets have the same name")
    default = raw.get("default")
    return Choices(default=None if default is None else _text(default, "default"), presets=presets)


def encode_choices(choices: Choices) -> bytes:
    """Returns the content of a choices file that contains `choices`."""
    presets = [preset_values(preset) for preset in choices.presets]
    content = {"default": choices.default, "presets": presets}
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def preset_values(preset: Preset) -> dict[str, Any]:
    """Returns the values of a preset by field name, without fields that are not set."""
    speaker = {} if preset.speaker is None else {"speaker": preset.speaker}
    return {"name": preset.name, "voice": preset.voice, **speaker, **preset.synthesis, **preset.text}


def _preset(raw: Any) -> Preset:
    if not isinstance(raw, dict):
        raise BadChoices("a preset is not an object")
    values = dict(raw)
    name, voice = (_text(values.pop(key, None), f"the {key} of a preset") for key in ("name", "voice"))
    if not is_preset_name(name):
        raise BadChoices(f"{name!r:.80} cannot be the name of a preset")
    speaker = values.pop("speaker", None)
    kinds = {key: option.kind for key, option in preset_options().items()}
    for key, value in values.items():
        if key not in kinds:
            raise BadChoices(f"preset {name}: {key!r:.80} is unknown")
        if not _is_valid(value, kinds[key]):
            raise BadChoices(f"preset {name}: the value of {key} is not valid")
    return make_preset(name, voice, None if speaker is None else _text(speaker, f"preset {name}: speaker"), values)


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME:
        raise BadChoices(f"{what} is not a name")
    return value


def _is_valid(value: Any, kind: object) -> bool:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    match kind:
        case Whole(low, high):
            return is_whole and low <= value <= high
        case Number(low, high):
            return (is_whole or isinstance(value, float)) and math.isfinite(value) and low <= value <= high
        case Choice(words):
            return value in words
    return False


def without_preset(choices: Choices, name: str) -> Choices:
    """Returns `choices` without the preset `name`. If this preset was the default voice, also resets `default` to
    `None`."""
    default = None if choices.default == name else choices.default
    return replace(choices, default=default, presets=tuple(one for one in choices.presets if one.name != name))


def with_preset(choices: Choices, preset: Preset) -> Choices:
    """Returns `choices` with `preset` added. Replaces a preset that has the same name."""
    names: Mapping[str, Preset] = {one.name: one for one in choices.presets} | {preset.name: preset}
    return replace(choices, presets=tuple(names.values()))
