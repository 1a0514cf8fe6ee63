"""Changes that users make while the server runs: downloads, removals, the default voice, presets and the lexicon."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from wyoming_piper_serial.exceptions import (
    BadRequest,
    Conflict,
    NotFound,
    NotStored,
    QueueFull,
    UnknownVoice,
    VoiceError,
)
from wyoming_piper_serial.model.regular_file import open_regular
from wyoming_piper_serial.settings import Preset, Settings
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.text.lexicon import Entry
from wyoming_piper_serial.text.lexicon import fold as fold_scope
from wyoming_piper_serial.text.lexicon_edit import MAX_BYTES, CannotEdit, make_entry, with_entry, without_entry
from wyoming_piper_serial.voices.catalogue import fold
from wyoming_piper_serial.voices.choices import (
    MAX_PRESETS,
    BadChoices,
    Choices,
    is_preset_name,
    with_preset,
    without_preset,
)
from wyoming_piper_serial.voices.choices_file import FILE_NAME, ChoicesFile
from wyoming_piper_serial.voices.files import bundled_model, replace_file
from wyoming_piper_serial.voices.lexicons import NAME as LEXICON
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.remote.download import is_disk_full, remove_voice_files
from wyoming_piper_serial.voices.remote.index import PublicVoice

_LOGGER = logging.getLogger(__name__)

T = TypeVar("T")

_MAX_WAITING = 16  # Maximum number of pending changes. People make one change at a time.


class VoiceChanges:
    """Applies changes that users make to voices, presets and the lexicon. Must be used in the event loop. A thread
    writes to the disk, one change at a time.

    Each coroutine returns when the change is in effect. In addition to the documented exceptions, each coroutine raises
    NotStored if writing to the disk fails, and QueueFull if too many changes are pending. All coroutines except for
    `remove` raise NotStored if there is no download folder. The coroutines that change the default voice or a preset
    raise Conflict if the choices file is damaged. The coroutines that change the lexicon raise BadRequest if it is too
    large.
    """

    def __init__(self, registry: VoiceRegistry, settings: Settings, *, shutdown: Stage | None = None) -> None:
        self._registry = registry
        self.settings = settings
        """The current settings. A new value applies to later calls."""

        self._folder = settings.download_folder
        self._lock = asyncio.Lock()
        self._waiting = 0
        # The event loop's default executor is not used, because asyncio waits for its threads at exit.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="changes")
        (shutdown or Stage()).on_begin(partial(self._thread.shutdown, wait=False))

    @property
    def default(self) -> str:
        """Name of the default voice."""
        return self._registry.catalogue.default_or(self.settings.voice)

    @property
    def lexicon_path(self) -> Path | None:
        """Path of the lexicon file that clients can change, or `None` if the server has no download folder."""
        return None if self._folder is None else self._folder / LEXICON

    def start_download(self, name: str) -> str:
        """Starts to download a public voice. Returns its name.

        Raises UnknownVoice. Raises Conflict if the voice is already on this machine, unless a download can repair it,
        or if the server does not download voices. Raises DownloadFailed if the server is offline or has no download
        folder.
        """
        public = self.public_voice(name)
        catalogue, downloads = self._registry.catalogue, self._registry.downloads
        what = f"The voice {public.name}"
        is_here = any(entry.voice == public.name for entry in catalogue.entries)
        broken = next((voice for voice in catalogue.broken if voice.name == public.name), None)
        is_elsewhere = broken is not None and not broken.replaceable and broken.folder != self._folder
        if is_here or any(voice.config.name == public.name for voice in catalogue.unavailable):
            raise Conflict(f"{what} is already on this machine.")
        if is_elsewhere:
            raise Conflict(f"{what} is damaged in a folder of the operator. Remove it there first.")
        if downloads is None:
            raise Conflict("This server does not download voices.")
        downloads.check_allowed(what)
        self._registry.start_download(public)
        return public.name

    def cancel_download(self, name: str) -> None:
        """Cancels the download of a voice. Raises NotFound if the voice is not being downloaded."""
        downloads = self._registry.downloads
        if downloads is None or not downloads.cancel(name):
            raise NotFound(f"No download of a voice {name!r:.80} is running.")

    async def remove(self, name: str) -> int:
        """Removes the files of a voice, including unfinished downloads. Returns the number of freed bytes.

        Raises UnknownVoice, or Conflict if the voice cannot be removed or is being downloaded.
        """
        folder = self._removable_from(name)
        freed = await self._change(partial(_removed, name, folder))
        if not freed:
            raise UnknownVoice(f"There is no voice {name!r:.80} on this machine.")
        _LOGGER.info("Voice %s: removed on request", name)
        return freed

    def _removable_from(self, name: str) -> Path:
        catalogue = self._registry.catalogue
        entry = next((one for one in catalogue.entries if one.name == name), None)
        if entry is not None and entry.preset is not None and entry.name != entry.voice:
            raise Conflict(f"{name} is a preset. Remove it as a preset instead.")
        folders = {one.voice: one.model.parent for one in catalogue.entries}
        folders |= {one.config.name: one.folder for one in catalogue.unavailable if one.folder is not None}
        folders |= {one.name: one.folder for one in catalogue.broken if one.folder is not None}
        folder = folders.get(name, self._folder)
        if name not in folders and all(voice.name != name for voice in catalogue.public):
            raise UnknownVoice(f"There is no voice {name!r:.80} on this machine.")
        if folder == bundled_model().parent:
            raise Conflict(f"The voice {name} is part of the installation and cannot be removed.")
        if folder is None or folder != self._folder:
            raise Conflict(f"The voice {name} is in a folder of the operator and can be removed only there.")
        default = next((one for one in catalogue.entries if one.name == self.default), None)
        if default is not None and default.voice == name:
            raise Conflict(f"The voice {name} is the default voice. Choose another default voice first.")
        return folder

    async def set_default(self, name: str | None) -> None:
        """Sets the default voice. `None` restores the default voice from the server's options.

        `name` can also be an alias or a language. Raises UnknownVoice, VoiceNeedsExtra or VoiceFileError if the voice
        cannot be used, or Conflict if the operator has set the default voice.
        """
        if self.settings.is_voice_given:
            raise Conflict("The operator has set the default voice with the option --voice.")
        if name is not None:
            name = self._registry.catalogue.find(name, default=self.default).name
        await self._choose(lambda choices: replace(choices, default=name))

    async def put_preset(self, preset: Preset) -> Preset:
        """Adds a preset, or replaces the preset with the same name. In the returned preset, an alias of the voice is
        replaced by its full name.

        Raises BadRequest if the name is invalid or the voice is itself a preset, VoiceError if the voice or the speaker
        cannot be used, or Conflict if the name is already in use or there are too many presets.
        """
        self._check_preset_name(preset.name)
        entry = self._registry.catalogue.find(preset.voice, default=self.default)
        if entry.preset is not None and entry.name != entry.voice:
            raise BadRequest(f"{entry.name} is itself a preset. Choose its voice, {entry.voice}.")
        entry.config.speaker_number(preset.speaker)

        stored = replace(preset, voice=entry.voice)

        def put(choices: Choices) -> Choices:
            changed = with_preset(choices, stored)
            if len(changed.presets) > MAX_PRESETS:
                raise Conflict(f"There are already {MAX_PRESETS} presets. Remove one first.")
            return changed

        await self._choose(put)
        return stored

    async def remove_preset(self, name: str) -> None:
        """Removes a preset. Raises UnknownVoice, or Conflict if the operator has set the preset."""
        self._check_not_operators(name)

        def remove(choices: Choices) -> Choices:
            if all(preset.name != name for preset in choices.presets):
                raise UnknownVoice(f"There is no preset {name!r:.80} here.")
            return without_preset(choices, name)

        await self._choose(remove)

    def _check_not_operators(self, name: str) -> None:
        if any(preset.name == name for preset in self.settings.presets):
            raise Conflict(f"The operator has set the preset {name} with the option --preset.")

    def _check_preset_name(self, name: str) -> None:
        if not is_preset_name(name):
            raise BadRequest(
                "The name of a preset has up to 100 letters, digits, spaces, dots, dashes and underscores."
            )
        self._check_not_operators(name)
        catalogue = self._registry.catalogue
        if any(preset.name == name for preset in catalogue.choices.presets):
            return
        if any(fold(name) in map(fold, (voice.name, *voice.aliases)) for voice in catalogue.public):
            raise Conflict(f"{name} is the name of a public voice.")
        try:
            meant = catalogue.find(name, default=self.default)
        except UnknownVoice:
            return
        except VoiceError as error:
            raise Conflict(f"{name} is the name of a voice that cannot be used now. Choose another name.") from error
        raise Conflict(f"{name} already refers to the voice {meant.name}. Choose another name.")

    async def _choose(self, change: Callable[[Choices], Choices]) -> None:
        file = ChoicesFile(self._writable_folder())

        def choose() -> None:
            try:
                file.write(change(file.read()))
            except BadChoices as error:
                raise Conflict(
                    f"The file {FILE_NAME} next to the voices is damaged: {error}. Repair it first."
                ) from error

        await self._change(choose)

    async def put_entry(self, entry: Entry, *, instead_of: tuple[str, str] | None = None) -> None:
        """Adds an entry to the lexicon, or replaces the entry for the same scope and word. `instead_of` is the scope
        and the word of an entry to be removed.

        Raises BadRequest if the scope is unknown or the entry cannot be written, NotFound if the entry `instead_of`
        does not exist, or Conflict if an entry in one of the operator's lexicons takes precedence.
        """
        self._check_scope(entry.scope)
        path = self._writable_folder() / LEXICON
        used = self._registry.lexicon.find(entry.scope, entry.word)
        if used is not None and Path(used.source) != path:
            raise Conflict("A lexicon of the operator already has this word, and takes precedence.")

        def edit(content: bytes) -> bytes:
            if instead_of is not None and (fold_scope(instead_of[0]), instead_of[1]) != (entry.scope, entry.word):
                content = _without(content, *instead_of)
            return with_entry(content, entry)

        await self._change(partial(_edited, path, edit))

    async def remove_entry(self, scope: str, word: str) -> None:
        """Removes an entry from the lexicon. Raises NotFound, or Conflict if the entry is in one of the operator's
        files."""
        path = self._writable_folder() / LEXICON
        used = self._registry.lexicon.find(fold_scope(scope), word)
        if used is not None and Path(used.source) != path:
            raise Conflict("This word is in a lexicon of the operator, and can be removed only there.")

        await self._change(partial(_edited, path, lambda content: _without(content, scope, word)))

    def _check_scope(self, scope: str) -> None:
        """Raises BadRequest unless `scope` is empty, a voice name or the language of a voice."""
        catalogue = self._registry.catalogue
        names: set[str] = {""}
        for name, language in (
            *((entry.name, entry.config.language) for entry in catalogue.entries),
            *((voice.name, voice.language) for voice in catalogue.public),
        ):
            folded = fold_scope(language)
            names |= {fold_scope(name), folded, folded.partition("-")[0]}
        if scope not in names:
            raise BadRequest(f"{scope!r:.80} is neither a voice nor a language of a voice.")

    def public_voice(self, name: str) -> PublicVoice:
        """Returns the public voice with this name or alias. Raises UnknownVoice."""
        wanted = fold(name)
        for voice in self._registry.catalogue.public:
            if wanted in map(fold, (voice.name, *voice.aliases)):
                return voice
        raise UnknownVoice(f"There is no voice {name!r:.80} in the list of public voices.")

    def _writable_folder(self) -> Path:
        if self._folder is None:
            raise no_folder()
        return self._folder

    async def _change(self, work: Callable[[], T]) -> T:
        """Runs `work` in the thread that writes to the disk, then scans the voice folders. Returns the result of
        `work`."""
        if self._waiting >= _MAX_WAITING:
            raise QueueFull("Too many changes are waiting; please try again in a moment.")
        self._waiting += 1
        try:
            async with self._lock:
                try:
                    result = await asyncio.get_running_loop().run_in_executor(self._thread, work)
                except OSError as error:
                    raise not_stored(error) from error
                except CannotEdit as error:
                    raise BadRequest(f"The entry cannot be stored: {error}.") from error
            await self._registry.look()
        finally:
            self._waiting -= 1
        return result


def no_folder() -> NotStored:
    """Returns the error for a server that has no download folder, because its user has no home folder."""
    return NotStored("there is no folder to store it in", "no home folder, and no --download-dir")


def not_stored(error: OSError) -> NotStored:
    """Logs `error`, and returns an error for clients, without the path."""
    reason = "the disk is full" if is_disk_full(error) else "the voice folder cannot be written to"
    failed = NotStored(reason, str(error))
    _LOGGER.warning("%s (%s)", failed, failed.detail)
    return failed


def entry_of(scope: str, word: str, spoken: str) -> Entry:
    """Creates a lexicon entry (see `make_entry`). Raises BadRequest."""
    try:
        return make_entry(scope, word, spoken)
    except CannotEdit as error:
        raise BadRequest(f"The entry cannot be used: {error}.") from error


def _removed(name: str, folder: Path) -> int:
    try:
        return remove_voice_files(name, folder)
    except BlockingIOError as error:
        raise Conflict(f"The voice {name} is being downloaded. Cancel the download first.") from error


def _without(content: bytes, scope: str, word: str) -> bytes:
    try:
        return without_entry(content, scope, word)
    except CannotEdit as error:
        raise NotFound(f"The word cannot be removed: {error}.") from error


def _edited(path: Path, edit: Callable[[bytes], bytes]) -> None:
    try:
        with open_regular(path) as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        content = b""
    if len(content) > MAX_BYTES:
        raise CannotEdit("the lexicon is too large")
    replace_file(path, edit(content))
