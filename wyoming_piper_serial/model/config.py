"""Reads and checks the config of a Piper voice (`NAME.onnx.json`)."""

import errno
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wyoming_piper_serial.exceptions import UnknownSpeaker, VoiceFileError
from wyoming_piper_serial.model.regular_file import open_regular
from wyoming_piper_serial.phonemes.types import PHONEME_TYPES, PhonemeConfig

# A region must have exactly two letters, so that `amy-low` is not treated as a language code.
_LANGUAGE_CODE = re.compile(r"([a-z]{2,3})[_-]([A-Za-z]{2})\b")
_LANGUAGE_TEXT = re.compile(r"[a-z]{2,3}(?:[_-][A-Za-z0-9]{2,4})?")
_SAMPLE_RATES = range(4_000, 192_001)  # Allowed sample rates in hertz.
_MAX_COUNT = 10_000  # Maximum number of speakers and of phoneme ids. The largest public voice has 904 speakers.
_MAX_IDS = 16  # Maximum number of ids per phoneme. In all public voices, each phoneme has one id.
_MAX_TEXT = 1000  # Maximum number of characters in a string, such as the name of a speaker.
_MAX_DIGITS = 20  # Maximum number of characters in a number that is stored as a string.
# Prefix of the string form of piper-tts's enumeration members, in lower case. Some exporters wrote the string form of a
# member instead of its value.
_SHOWN_TYPE = "phonemetype."

MAX_CONFIG = 256 << 10
"""Maximum size of a config in bytes. The largest public config is 20 kB long. While Python parses a file of this size,
all threads are blocked for up to 10 ms."""


@dataclass(frozen=True, kw_only=True)
class Scales:
    """The default inference parameters in the config. Each is used if the corresponding field of SynthesisSettings is
    `None`.
    """

    noise_scale: float
    length_scale: float
    noise_w_scale: float


def speaker_names(speakers: Mapping[str, int], num_speakers: int) -> list[str]:
    """Returns the names of the speakers, ordered by number. The name of an unnamed speaker is its number.

    `speakers` maps names to numbers. The result is empty for a voice with one speaker.
    """
    if num_speakers == 1:
        return []
    names = {number: name for name, number in speakers.items()}
    return [names.get(number, str(number)) for number in range(num_speakers)]


@dataclass(frozen=True, kw_only=True)
class VoiceConfig:
    """The checked config of one voice."""

    name: str
    """File name of the model without `.onnx`, such as `en_US-joe-medium`."""

    language: str
    """Language code, such as `en_US` or `ar`, in Home Assistant's format if possible."""

    dataset: str
    quality: str
    version: str
    sample_rate: int
    """Sample rate of the model's output in hertz."""

    speakers: Mapping[str, int]
    """Numbers of the speakers by name, ordered by number. The mapping may be empty."""

    default_speaker: int
    num_speakers: int
    phonemes: PhonemeConfig
    scales: Scales

    @property
    def description(self) -> str:
        return f"{self.dataset} ({self.quality})" if self.quality else self.dataset

    @property
    def speaker_names(self) -> list[str]:
        """The names of the speakers, ordered by number (see the function `speaker_names`)."""
        return speaker_names(self.speakers, self.num_speakers)

    def speaker_number(self, speaker: str | None) -> int | None:
        """Returns the number of `speaker`, which is a name or a number. `None` and "" mean the default speaker.

        Returns `None` for a voice with one speaker, because its model has no input for a speaker. Raises
        UnknownSpeaker.
        """
        if speaker is None or speaker == "":
            return self.default_speaker if self.num_speakers > 1 else None
        number = self.speakers.get(speaker)
        if number is None:  # the same characters can have different Unicode representations
            wanted = unicodedata.normalize("NFC", speaker)
            names = (name for name in self.speakers if unicodedata.normalize("NFC", name) == wanted)
            number = self.speakers.get(next(names, speaker))
        if number is None and speaker.isascii() and speaker.isdigit():
            number = int(speaker) if len(speaker) <= 9 else None
        if number is None or number >= self.num_speakers:
            raise UnknownSpeaker(
                f"The voice {self.name} has no speaker {speaker!r:.80}; it has {self._speaker_list()}."
            )
        return number if self.num_speakers > 1 else None

    def _speaker_list(self) -> str:
        if self.num_speakers == 1:
            return "one speaker, number 0"
        names = list(self.speakers)[:5]
        examples = f", such as {', '.join(names)}" if names else ""
        return f"{self.num_speakers} speakers, numbers 0 to {self.num_speakers - 1}{examples}"


def read_config(path: Path, name: str) -> VoiceConfig:
    """Reads the config of the voice `name`. Raises VoiceFileError, whose detail names the file and any invalid key."""
    try:
        raw = read_json(path)
    except OSError as error:
        raise VoiceFileError(name, f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise VoiceFileError(name, f"{path}: not JSON ({error})") from error
    return parse_config(raw, name, source=str(path))


def read_json(path: Path) -> Any:
    """Returns the unchecked JSON of a config. Raises OSError, ValueError or RecursionError."""
    with open_regular(path) as file:
        content = file.read(MAX_CONFIG + 1)
    if len(content) > MAX_CONFIG:
        raise OSError(errno.EFBIG, f"it has more than {MAX_CONFIG} bytes")
    return json.loads(content)


def parse_config(raw: Any, name: str, *, source: str) -> VoiceConfig:
    """Checks a config that was read from `source`. Raises VoiceFileError, whose detail names `source` and the key."""
    check = _Checker(name, source)
    top = check.mapping(raw, "the file")
    audio = check.mapping(top.get("audio"), "audio")
    language = top.get("language")
    if isinstance(language, str):  # some configs contain a name such as `English` instead of a code
        language = {"code": language} if _LANGUAGE_TEXT.fullmatch(language) else None
    code = check.mapping({} if language is None else language, "language").get("code")
    espeak = check.mapping(top.get("espeak"), "espeak")
    sample_rate = check.number(audio.get("sample_rate"), "audio.sample_rate", _SAMPLE_RATES)
    num_symbols = check.number(top.get("num_symbols"), "num_symbols", range(1, _MAX_COUNT + 1))
    num_speakers = check.number(top.get("num_speakers"), "num_speakers", range(1, _MAX_COUNT + 1))
    espeak_voice = check.text(espeak.get("voice"), "espeak.voice")
    default = top.get("default_speaker_id")
    return VoiceConfig(
        name=name,
        language=_language(check.code(code, "language.code"), name, espeak_voice),
        dataset=check.label(top.get("dataset"), "dataset") or _dataset(name),
        quality=check.label(audio.get("quality"), "audio.quality") or name.partition("-")[2].rpartition("-")[2],
        version=check.label(top.get("piper_version"), "piper_version") or "1.0.0",
        sample_rate=sample_rate,
        speakers=_speakers(check, top, num_speakers),
        default_speaker=check.number(0 if default is None else default, "default_speaker_id", range(num_speakers)),
        num_speakers=num_speakers,
        phonemes=_phonemes(check, top, name, num_symbols, espeak_voice),
        scales=_scales(check, top),
    )


class _Checker:
    """Checks individual values of a config. Raises VoiceFileError, whose detail names the source and the key."""

    def __init__(self, name: str, source: str) -> None:
        self._name = name
        self._source = source

    def failed(self, problem: str) -> VoiceFileError:
        return VoiceFileError(self._name, f"{self._source}: {problem}")

    def mapping(self, value: object, key: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.failed(f"{key} must be an object")
        return value

    def number(self, value: object, key: str, allowed: range) -> int:
        """Returns an integer in the range `allowed`. The config may also contain it as `1.0` or as a string."""
        found = _real(value)
        if found is None or not found.is_integer() or int(found) not in allowed:
            raise self.failed(f"{key} must be an integer from {allowed[0]} to {allowed[-1]}")
        return int(found)

    def text(self, value: object, key: str) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT or not value.isprintable():
            raise self.failed(f"{key} must be a single line of at most {_MAX_TEXT} characters")
        return value

    def code(self, value: object, key: str) -> str:
        """Returns `value` if it is a string. Returns an empty string for anything else."""
        return self.text(value, key) if value and isinstance(value, str) else ""

    def label(self, value: object, key: str) -> str:
        """Returns `value` as a string if it is a string or a number other than 0. Returns an empty string for anything
        else, because labels are optional."""
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return self.code(str(value) if value and is_number else value, key)


def _speakers(check: _Checker, top: Mapping[str, Any], num_speakers: int) -> dict[str, int]:
    listed = check.mapping(top.get("speaker_id_map") or {}, "speaker_id_map")
    speakers = {
        check.text(speaker, "speaker_id_map"): check.number(number, f"speaker_id_map.{speaker}", range(num_speakers))
        for speaker, number in listed.items()
    }
    return dict(sorted(speakers.items(), key=lambda item: item[1]))


def _phonemes(check: _Checker, top: Mapping[str, Any], name: str, num_symbols: int, espeak_voice: str) -> PhonemeConfig:
    phoneme_type = _phoneme_type(check, top.get("phoneme_type"))
    id_map = check.mapping(top.get("phoneme_id_map"), "phoneme_id_map")
    for phoneme, ids in id_map.items():
        if not isinstance(ids, list) or not 0 < len(ids) <= _MAX_IDS:
            raise check.failed(f"phoneme_id_map.{phoneme} must be a list of at most {_MAX_IDS} ids")
        numbers = [check.number(number, f"phoneme_id_map.{phoneme}", range(num_symbols)) for number in ids]
        if any(type(number) is not int for number in ids):
            id_map[phoneme] = numbers
    missing = [mark for mark in ("_", "^", "$") if mark not in id_map]
    if missing:
        raise check.failed(f"phoneme_id_map lacks {' '.join(missing)}")
    if len(id_map) == 3:
        raise check.failed("phoneme_id_map contains no phonemes other than _ ^ $")
    return PhonemeConfig(
        voice=name,
        phoneme_type=phoneme_type,
        espeak_voice=espeak_voice,
        id_map=id_map,
        vowel_clusters=_vowel_clusters(check, top.get("vowel_clusters") or []),
    )


def _phoneme_type(check: _Checker, value: object) -> str:
    """Returns one of PHONEME_TYPES. The default is espeak."""
    if value is None:
        return PHONEME_TYPES[0]
    name = value.lower().removeprefix(_SHOWN_TYPE) if isinstance(value, str) else ""
    if name not in PHONEME_TYPES:
        known = ", ".join(PHONEME_TYPES)
        raise check.failed(f"phoneme_type {value!r:.80} is unknown; the installed piper-tts supports {known}")
    return name


def _vowel_clusters(check: _Checker, clusters: object) -> tuple[tuple[str, ...], ...]:
    if not (
        isinstance(clusters, list)
        and all(isinstance(cluster, list) and all(isinstance(vowel, str) for vowel in cluster) for cluster in clusters)
    ):
        raise check.failed("vowel_clusters must be a list of lists of strings")
    return tuple(map(tuple, clusters))


def _scales(check: _Checker, top: Mapping[str, Any]) -> Scales:
    given = top.get("inference")
    inference = check.mapping({} if given is None else given, "inference")

    def scale(key: str, default: float) -> float:
        value = inference.get(key)
        number = default if value is None else _real(value)
        if number is None or not 0 <= number < 100:
            raise check.failed(f"inference.{key} must be a number from 0 to 100")
        return number

    return Scales(
        noise_scale=scale("noise_scale", 0.667),
        length_scale=scale("length_scale", 1.0),
        noise_w_scale=scale("noise_w", 0.8),
    )


def _real(value: object) -> float | None:
    """Returns `value` as a number if it is a finite number or a string that contains one, otherwise `None`."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number and not (isinstance(value, str) and len(value) <= _MAX_DIGITS):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]  # it is a number or a string
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _language(code: str, name: str, espeak_voice: str) -> str:
    """Returns the language code from `code`, otherwise from the start of `name`, otherwise from `espeak_voice`."""
    if code:
        # Piper's training writes the code in espeak-ng's format (`en-us`), but Home Assistant only accepts `en_US`.
        match = _LANGUAGE_CODE.fullmatch(code)
        return f"{match[1]}_{match[2].upper()}" if match else code
    for source in (name, espeak_voice):
        match = _LANGUAGE_CODE.match(source)
        if match:
            return f"{match[1]}_{match[2].upper()}"
    return espeak_voice.partition("-")[0]


def _dataset(name: str) -> str:
    parts = name.split("-")
    return "-".join(parts[1:-1]) if len(parts) > 2 else name
