"""Finds the offered voices by name, alias or language. Pure."""

import copy
import os
import re
import unicodedata
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from wyoming_piper_serial.exceptions import UnknownVoice, VoiceFileError, VoiceNeedsExtra
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.settings import Preset
from wyoming_piper_serial.suggestions import similar
from wyoming_piper_serial.voices.choices import Choices
from wyoming_piper_serial.voices.remote.index import PublicVoice

_SHOWN = 5  # Maximum number of voice names in an error message, because there may be hundreds of voices.
# The next two values limit the time needed to suggest a voice for a misspelled name. At most _COMPARED installed and
# _COMPARED public voices are compared with the misspelled name. Public voices are compared only if their first _BEGIN
# letters match.
_COMPARED = 50
_BEGIN = 2
_LANGUAGE_CODE = re.compile(r"[A-Za-z]{2,3}(?:[_-][A-Za-z]{2,4})?")


VoiceKey = tuple[str, Hashable]
"""The name and the stamp of a voice. Together, they identify a version of the voice."""


@dataclass(frozen=True, kw_only=True)
class VoiceEntry:
    """A voice that clients can request and the server can load."""

    config: VoiceConfig
    model: Path
    stamp: Hashable = None
    """A value that changes when the files of the voice change."""

    size: int = 0
    """Size of the model and its weights in bytes; 0 means unknown."""

    sha256: tuple[str, str] | None = None
    """Expected SHA-256 digests of the model and the config in hexadecimal, or `None` if unknown."""

    preset: Preset | None = None

    @property
    def name(self) -> str:
        """The name by which clients request the voice: the name of the preset, if there is one, or of the voice."""
        return self.preset.name if self.preset else self.config.name

    @property
    def description(self) -> str:
        return self.preset.name if self.preset else self.config.description

    @property
    def voice(self) -> str:
        """The name of the voice itself, even if this entry is a preset."""
        return self.config.name

    @property
    def key(self) -> VoiceKey:
        """The key of the voice in the voice pool. A voice and its presets have the same key. The key changes when the
        files of the voice change."""
        return self.config.name, self.stamp

    def with_preset(self, preset: Preset) -> "VoiceEntry":
        """Returns an entry that offers the same voice under the name of `preset`."""
        return replace(self, preset=preset)


@dataclass(frozen=True, kw_only=True)
class UnavailableVoice:
    """An installed voice that cannot be used because its phonemizer lacks a package or a file."""

    config: VoiceConfig
    need: str
    """Message for clients that states what is missing and how to install it."""

    folder: Path | None = None
    """The folder of the files, or `None` if unknown."""


@dataclass(frozen=True, kw_only=True)
class BrokenVoice:
    """A voice whose config or model on this machine is missing or invalid."""

    name: str
    detail: str
    """Description of the fault, for the log."""

    folder: Path | None = None
    """The folder of the files, or `None` if unknown."""

    replaceable: bool = False
    """Whether a download can repair the voice, because one of its files is missing."""

    @property
    def reason(self) -> str:
        """Description of the voice's fault, for clients. It does not contain the path of the folder."""
        return self.detail if self.folder is None else self.detail.replace(f"{self.folder}{os.sep}", "")

    @property
    def language(self) -> str:
        """The language code, such as `en_US`. It is taken from the voice's name, because the config may be
        unreadable."""
        return self.name.partition("-")[0]


class Catalogue:
    """The voices that the server offers, and the unavailable, broken and public voices that it knows."""

    def __init__(
        self,
        entries: Iterable[VoiceEntry],
        *,
        unavailable: Iterable[UnavailableVoice] = (),
        broken: Iterable[BrokenVoice] = (),
        public: Iterable[PublicVoice] = (),
        offer_downloads: bool = False,
        folder_option: str | None = None,
        choices: Choices | None = None,
    ) -> None:
        """The former names of a voice in `public` become aliases of the installed voice.

        If `offer_downloads` is true, `public` voices are offered as well. Otherwise, error messages explain how to
        download them. `folder_option` is the command-line option that sets the download folder, or `None` for the
        default folder. Error messages contain this option instead of the folder's path, because clients see the
        messages.
        """
        self._folder_option = folder_option
        self.avoided: Collection[VoiceKey] = ()
        """The keys of the voices that are found for a language only if it has no other voice (see `avoiding`)."""

        self.public = tuple(public)
        self.unavailable = tuple(sorted(unavailable, key=lambda voice: voice.config.name))
        self.entries = tuple(sorted(entries, key=lambda entry: entry.name))
        self._by_name = {entry.name: entry for entry in self.entries}
        self._by_alias: dict[str, VoiceEntry] = {}
        for entry in self.entries:
            self._by_alias.setdefault(fold(entry.name), entry)
        # A preset can be found only by its own name, not by the aliases or languages of its voice, unless it replaces
        # the voice by having the same name.
        self._voices = [entry for entry in self.entries if entry.preset is None or entry.name == entry.config.name]
        for entry in self._voices:
            self._by_alias.setdefault(fold(entry.config.dataset), entry)
        self._to_download: dict[str, PublicVoice] = {}
        self._broken = {fold(voice.name): voice for voice in broken}
        self.choices = choices or Choices()
        """The choices of users, including choices that are currently not in effect."""

        chosen = self.choices.default
        self._default = chosen if chosen in self._by_name and not self.choices.is_default_fixed else None
        # A download cannot provide a missing phonemizer, and must not replace files that the user has added.
        unavailable_names = {voice.config.name for voice in self.unavailable}
        unavailable_names |= {voice.name for voice in self._broken.values() if not voice.replaceable}
        for voice in self.public:
            if voice.name in unavailable_names:
                continue
            here = self._by_name.get(voice.name)
            for name in (voice.name, *voice.aliases):
                if here is not None:
                    self._by_alias.setdefault(fold(name), here)
                else:
                    self._to_download.setdefault(fold(name), voice)
        self._offer_downloads = offer_downloads

    def avoiding(self, keys: Collection[VoiceKey]) -> "Catalogue":
        """Returns a catalogue with the same voices. For a language, it finds one of the voices in `keys`, which are
        known to be unusable, only if there is no other voice for this language."""
        if not keys:
            return self
        other = copy.copy(self)
        other.avoided = keys
        return other

    def has(self, entry: VoiceEntry) -> bool:
        """Returns whether the catalogue contains exactly `entry`, so that the voice is still offered and its files have
        not changed."""
        return self._by_name.get(entry.name) is entry

    @property
    def broken(self) -> tuple[BrokenVoice, ...]:
        """The broken voices, sorted by name."""
        return tuple(sorted(self._broken.values(), key=lambda voice: voice.name))

    def default_or(self, name: str) -> str:
        """Returns the name of the default voice that users have chosen. If users have not chosen a voice, or it is not
        offered, returns `name`, the operator's default voice."""
        return self._default or name

    @property
    def offered(self) -> tuple[PublicVoice, ...]:
        """The voices that are not installed but are downloaded when a client requests them."""
        return tuple(
            {voice.name: voice for voice in self._to_download.values()}.values() if self._offer_downloads else ()
        )

    def to_download(self, name: str) -> PublicVoice | None:
        """Returns the public voice with the given name or alias, even if downloads are not offered. Returns `None` if
        there is no such public voice, if a voice or preset in `entries` has this name or alias, or if a download must
        not replace the voice on this machine."""
        if name in self._by_name or fold(name) in self._by_alias:
            return None
        return self._to_download.get(fold(name))

    def downloadable(self, name: str | None, language: str | None = None, *, default: str) -> PublicVoice | None:
        """Returns the voice that must be downloaded before `find` can return it.

        Returns `None` if no download is needed or possible, or if downloads are not offered. A request with a language
        but no name never causes a download.
        """
        name = name or (default if not language else "")
        return self.to_download(name) if self._offer_downloads and name else None

    def find(self, name: str | None, language: str | None = None, *, default: str) -> VoiceEntry:
        """Returns the voice for a request: the voice `name`; without `name`, the best voice for `language`; without
        both, the voice `default`.

        `name` can be the name of a voice, an alias or a language code, in this order of precedence. Voices with exactly
        the same language code (`fr_CA`) take precedence over voices for other regions. Among voices of equal
        precedence, `default` comes first, followed by the other voices in alphabetical order. The voices that this
        catalogue avoids come last.

        Raises UnknownVoice, VoiceNeedsExtra if the voice is unavailable, or VoiceFileError if it is broken.
        """
        name = name or (default if not language else None)
        if name:
            entry = self._by_name.get(name) or self._by_alias.get(fold(name))
            if entry is None and _LANGUAGE_CODE.fullmatch(name):
                entry = self._find_language(name, default)
            if entry is None:
                self._check_unavailable(name)
                raise UnknownVoice(f"There is no voice {name!r:.80} here. {self._hint(name)}{self._list_names()}")
            return entry
        language = language or ""
        entry = self._find_language(language, default)
        if entry is None:
            self._check_unavailable(language)
            raise UnknownVoice(f"No installed voice speaks {language!r:.80}. {self._list_names()}")
        return entry

    def _find_language(self, language: str, default: str) -> VoiceEntry | None:
        """Returns the best voice for a language code such as `fr`, `fr_FR` or `fr-fr`, or `None` if no voice speaks
        this language."""
        wanted = fold(language)
        family = wanted.partition("-")[0]
        matches = [entry for entry in self._voices if fold(entry.config.language).partition("-")[0] == family]
        default_entry = self._by_name.get(default)

        def rank(entry: VoiceEntry) -> tuple[bool, bool, bool]:
            exact = wanted == family or fold(entry.config.language) == wanted
            is_default = default_entry is not None and entry.voice == default_entry.voice
            return (entry.key in self.avoided, not exact, not is_default)

        return min(matches, key=rank, default=None)

    def _check_unavailable(self, wanted: str) -> None:
        """Raises VoiceNeedsExtra if an unavailable voice has the name, alias or language `wanted`, or VoiceFileError if
        a broken voice has this name or language."""
        folded = fold(wanted)
        for voice in self.unavailable:
            language = fold(voice.config.language)
            if folded in {fold(voice.config.name), fold(voice.config.dataset), language, language.partition("-")[0]}:
                raise VoiceNeedsExtra(voice.config.name, voice.need)
        for name, broken in self._broken.items():
            language = fold(broken.language)
            if folded in {name, language, language.partition("-")[0]}:
                raise VoiceFileError(broken.name, broken.detail)

    def _hint(self, name: str) -> str:
        """Returns a hint: how to download the voice `name` or, if there is no such voice, which voice was probably
        meant. Returns an empty string if no voice has a similar name."""
        folded = fold(name)
        voice = self._to_download.get(folded)
        if voice is not None:
            return self._download_hint(voice)
        begin = folded[:_BEGIN]
        names = [entry.name for entry in self.entries[:_COMPARED]]
        names += sorted({voice.name for key, voice in self._to_download.items() if key.startswith(begin)})[:_COMPARED]
        public = (voice.name for voice in self._to_download.values() if dataset_of(voice.name) == folded)
        found = similar(name, names) or next(public, None)
        if found is None:
            return ""
        voice = self._to_download.get(fold(found))
        return f"Did you mean {found}? {self._download_hint(voice) if voice else ''}"

    def _download_hint(self, voice: PublicVoice) -> str:
        command = f"'wyoming-piper-serial voices download {voice.name}'"
        if self._folder_option is not None:
            command += f", with the {self._folder_option} of this server,"
        return f"Use {command} to download it. "

    def _list_names(self) -> str:
        names = [entry.name for entry in self.entries]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return f"Available: {', '.join(names[:_SHOWN])}{more}."


def dataset_of(name: str) -> str:
    """Returns the folded dataset in the name of a voice: `joe` for `en_US-joe-medium`. Returns an empty string if the
    name has another form."""
    return fold(name.partition("-")[2].rpartition("-")[0])


def fold(name: str) -> str:
    """Returns `name` in lower case, with underscores replaced by dashes: `en_US-Joe-medium` becomes
    `en-us-joe-medium`.

    Accented letters are composed (NFC), because macOS stores file names in decomposed form (NFD)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).replace("_", "-")
