"""Reads the public list of Piper voices, including the sizes and digests of their files.

The package contains such a list, `public.json`. `public.json` is derived from Piper's `voices.json`, but has one voice
per line and no unused keys. `parse_public` reads and checks both `public.json` and downloaded lists.
`script/update_public_voices` created `public.json` from the `voices.json` in wyoming-piper 2.5.2, which is a copy of
the file in rhasspy/piper-voices on Hugging Face.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from wyoming_piper_serial.model.config import speaker_names
from wyoming_piper_serial.model.regular_file import open_regular
from wyoming_piper_serial.wording import counted

_LOGGER = logging.getLogger(__name__)

LIST_NAME = "voices.json"
"""File name of the downloaded list, both on the download server and in the download folder."""

MAX_LIST = 4 << 20
"""Maximum size of a list in bytes. Piper's list of 176 voices has 245 kB."""

_SHIPPED = "public.json"
# Maximum number of voices in a list. `describe` and `/api/voices` return all of them. The public list has 176.
_MAX_VOICES = 1000
_MAX_FILES = 32
# Maximum number of opening brackets and commas in a list. For each million of these characters, Python's JSON parser
# blocks all other threads for 0.3 seconds. The current list has 4800.
_SEPARATORS, _MAX_SEPARATORS = (b"[", b"{", b","), 200_000
_MAX_DEPTH = 32  # Maximum nesting depth of JSON arrays and objects. The current list has five levels.
_MAX_DIGITS = 20  # Numbers of 20 or more digits are invalid, because Python refuses to convert very long numbers.
_MAX_SPEAKERS = 10_000  # Maximum number of speakers of one voice. The largest voice has 904.
_MAX_ALL_SPEAKERS = 20_000  # Maximum total number of speakers of all voices. The current list has 2562.
_MAX_SIZE = 2 << 30  # Maximum size of a file in bytes. An ONNX file cannot be larger.

# Names are used as file names and in URLs. Names must not begin with a dot or a dash, and must not contain slashes or
# characters that need quoting.
_NAME = re.compile(r"\w[\w.+-]{0,99}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:_[A-Za-z0-9]{2,4})?")
# Matches a JSON string, or a bracket outside strings. An unterminated string extends to the end of the text.
_NESTING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[\[\]{}]', re.DOTALL)
_OPENING, _CLOSING = ("[", "{"), ("]", "}")
_MD5 = re.compile(r"[0-9a-f]{32}")


class BadVoiceList(ValueError):
    """The content of a file is not a valid list of voices. The message gives the reason."""


@dataclass(frozen=True, kw_only=True)
class PublicFile:
    """One file of a public voice, with its path on the download server, its size and its digest."""

    path: str
    """Path relative to the base URL, with slashes as separators."""

    size: int
    md5: str


@dataclass(frozen=True, kw_only=True)
class PublicVoice:
    """A voice that can be downloaded."""

    name: str
    language: str
    """Language code, such as `en_US`."""

    quality: str
    num_speakers: int
    speakers: Mapping[str, int]
    """Speaker numbers by name, in ascending order. Empty for a voice with one speaker."""

    model: PublicFile
    config: PublicFile
    aliases: tuple[str, ...] = ()
    """Former names of the voice."""

    @property
    def files(self) -> tuple[PublicFile, PublicFile]:
        return self.model, self.config

    @property
    def size(self) -> int:
        """Total size in bytes of the voice's model and config."""
        return self.model.size + self.config.size

    @property
    def dataset(self) -> str:
        """The second part of the voice's name, such as `joe` in `en_US-joe-medium`."""
        return self.name.removeprefix(f"{self.language}-").removesuffix(f"-{self.quality}")

    @property
    def description(self) -> str:
        return f"{self.dataset} ({self.quality})"

    @property
    def speaker_names(self) -> list[str]:
        """The names of the speakers, ordered by number (see `speaker_names` in `model.config`)."""
        return speaker_names(self.speakers, self.num_speakers)


def parse_public(content: bytes) -> tuple[PublicVoice, ...]:
    """Returns the usable voices in the list `content`. Logs one warning if any entries are unusable. Raises
    BadVoiceList."""
    voices, problems = usable_voices(content)
    if problems:
        _LOGGER.warning(
            "The list of voices: %s omitted; the first is %s",
            counted(len(problems), "unusable entry", "unusable entries"),
            problems[0],
        )
    return voices


def usable_voices(content: bytes) -> tuple[tuple[PublicVoice, ...], list[str]]:
    """Returns the usable voices in Piper's `voices.json`, sorted by name, and a description of each unusable entry.

    Raises BadVoiceList if the content is not a list or has no usable voice.
    """
    if len(content) > MAX_LIST:
        raise BadVoiceList(f"it has more than {MAX_LIST} bytes")
    if sum(map(content.count, _SEPARATORS)) > _MAX_SEPARATORS:
        raise BadVoiceList(f"it has more than {_MAX_SEPARATORS} brackets and commas")
    try:
        # Invalid characters and numbers with too many digits in one entry must not affect other entries.
        text = content.decode(json.detect_encoding(content), "replace")
        try:
            raw = json.loads(text, parse_int=_small_number)
        except RecursionError:
            raw = json.loads(_shallow(text), parse_int=_small_number)
    except ValueError as error:
        raise BadVoiceList("it is not JSON") from error
    entries = _mapping(raw, "the list", _MAX_VOICES)
    voices, problems, speakers = [], [], 0
    for name in sorted(entries):
        try:
            voice = _voice(name, entries[name])
        except BadVoiceList as error:
            problems.append(str(error))
            continue
        if speakers + voice.num_speakers > _MAX_ALL_SPEAKERS:
            problems.append(f"{name}: the voices have more than {_MAX_ALL_SPEAKERS} speakers")
            continue
        speakers += voice.num_speakers
        voices.append(voice)
    if not voices:
        raise BadVoiceList(problems[0] if problems else "it contains no voice")
    return tuple(voices), problems


def _shallow(text: str) -> str:
    """Returns the JSON text with null in place of values that are nested too deeply.

    Python's parser fails at about 1000 levels, so one entry could make the whole list unusable.
    """
    kept, begin, depth = [], 0, 0
    for found in _NESTING.finditer(text):
        if found[0] in _OPENING:
            depth += 1
            if depth == _MAX_DEPTH + 1:
                kept += [text[begin : found.start()], "null"]
                begin = len(text)  # if the JSON value is not terminated, the remaining text is dropped
        elif found[0] in _CLOSING:
            if depth == _MAX_DEPTH + 1:
                begin = found.end()
            depth -= 1
    return "".join([*kept, text[begin:]])


def _small_number(digits: str) -> int | None:
    """Converts `digits` to an integer, or returns `None` if there are too many digits. The entry of a voice is invalid
    if a field that is used contains `None` instead of a number."""
    return int(digits) if len(digits) < _MAX_DIGITS else None


def compact(voices: Iterable[PublicVoice]) -> bytes:
    """Returns JSON with one voice per line, in the format that `parse_public` reads."""
    lines = [f"{json.dumps(voice.name, ensure_ascii=False)}: {_dumped(_raw(voice))}" for voice in voices]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def md5() -> Any:
    """Returns a new MD5 hash object. The list of public voices contains only MD5 digests. MD5 detects damage, but does
    not prove who created a file."""
    return hashlib.md5(usedforsecurity=False)


def shipped_voices() -> tuple[PublicVoice, ...]:
    """Returns the voices in the list that is included in the package."""
    return parse_public(files(__package__).joinpath(_SHIPPED).read_bytes())


def load_public(folder: Path | None = None) -> tuple[PublicVoice, ...]:
    """Returns the voices in the downloaded list in `folder`. If `folder` contains no usable list, returns the voices in
    the list that is included in the package."""
    if folder is not None:
        path = folder / LIST_NAME
        try:
            with open_regular(path) as file:
                return parse_public(file.read(MAX_LIST + 1))
        except FileNotFoundError:
            pass
        except OSError as error:
            _LOGGER.warning("%s is not used: %s", path, error.strerror or error)
        except BadVoiceList as error:
            _LOGGER.warning("%s is not used: %s", path, error)
    return shipped_voices()


def _voice(name: str, value: Any) -> PublicVoice:
    if not _NAME.fullmatch(name):
        raise BadVoiceList(f"{name!r:.80} is not a valid voice name")
    try:
        entry = _mapping(value, "it")
        language = _text(_mapping(entry.get("language"), "language").get("code"), "language.code", _LANGUAGE)
        num_speakers = _number(entry.get("num_speakers"), "num_speakers", _MAX_SPEAKERS)
        paths = _mapping(entry.get("files"), "files", _MAX_FILES)
        return PublicVoice(
            name=name,
            language=language,
            quality=_text(entry.get("quality"), "quality", _NAME),
            num_speakers=num_speakers,
            speakers=_speakers(entry.get("speaker_id_map", {}), num_speakers),
            model=_file(paths, ".onnx"),
            config=_file(paths, ".onnx.json"),
            aliases=tuple(_text(alias, "aliases", _NAME) for alias in _listed(entry.get("aliases", []))),
        )
    except BadVoiceList as error:
        raise BadVoiceList(f"{name}: {error}") from error


def _file(paths: Mapping[str, Any], ending: str) -> PublicFile:
    found = [path for path in paths if path.endswith(ending)]
    if len(found) != 1:
        raise BadVoiceList(f"files must contain one {ending}")
    path = found[0]
    if len(path) > 500 or not all(map(_NAME.fullmatch, path.split("/"))):
        raise BadVoiceList(f"{path!r:.80} is not a valid path")
    entry = _mapping(paths[path], path)
    return PublicFile(
        path=path,
        size=_number(entry.get("size_bytes"), "size_bytes", _MAX_SIZE),
        md5=_text(entry.get("md5_digest"), "md5_digest", _MD5),
    )


def _speakers(value: Any, num_speakers: int) -> dict[str, int]:
    speakers = _mapping(value, "speaker_id_map", _MAX_SPEAKERS)
    for name, number in speakers.items():
        if not 1 <= len(name) <= 200 or not name.isprintable():
            raise BadVoiceList(f"speaker_id_map: {name!r:.80} is not a valid name")
        _number(number, "speaker_id_map", num_speakers - 1, least=0)
    return dict(sorted(speakers.items(), key=lambda item: int(item[1])))


def _mapping(value: Any, what: str, most: int = 1000) -> dict[str, Any]:
    if not isinstance(value, dict) or len(value) > most:
        raise BadVoiceList(f"{what} must be an object with at most {most} entries")
    return value


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > 100:
        raise BadVoiceList("aliases must be a list with at most 100 entries")
    return value


def _number(value: Any, what: str, most: int, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadVoiceList(f"{what} must be an integer from {least} to {most}")
    return value


def _text(value: Any, what: str, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadVoiceList(f"{what} is {value!r:.80}")
    return value


def _raw(voice: PublicVoice) -> dict[str, Any]:
    return {
        "language": {"code": voice.language},
        "quality": voice.quality,
        "num_speakers": voice.num_speakers,
        **({"speaker_id_map": dict(voice.speakers)} if voice.speakers else {}),
        "files": {file.path: {"size_bytes": file.size, "md5_digest": file.md5} for file in voice.files},
        **({"aliases": voice.aliases} if voice.aliases else {}),
    }


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
