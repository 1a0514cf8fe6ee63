"""Which voice a client means: pure look-ups over the voices that were found."""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from wyoming_piper_serial.exceptions import UnknownVoice, VoiceNeedsExtra
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.settings import Preset
from wyoming_piper_serial.voices.remote.index import PublicVoice

_SHOWN = 5  # names an error message lists; a house has few voices, a line has limits
_LANGUAGE_CODE = re.compile(r"[A-Za-z]{2,3}(?:[_-][A-Za-z]{2,4})?")


VoiceKey = tuple[str, Hashable]
"""A voice's name, and what changes with its files."""


@dataclass(frozen=True, kw_only=True)
class VoiceEntry:
    """A voice that can be loaded."""

    config: VoiceConfig
    model: Path
    stamp: Hashable = None
    """Changes with the files."""

    sha256: tuple[str, str] | None = None
    """Expected digests of model and config, where they are known."""

    preset: Preset | None = None

    @property
    def name(self) -> str:
        """What clients call it."""
        return self.preset.name if self.preset else self.config.name

    @property
    def description(self) -> str:
        return self.preset.name if self.preset else self.config.description

    @property
    def voice(self) -> str:
        """The voice's own name, also under a preset."""
        return self.config.name

    @property
    def key(self) -> VoiceKey:
        """Of the voice as it is loaded: presets share it, and it changes with the files."""
        return self.config.name, self.stamp

    def under(self, preset: Preset) -> "VoiceEntry":
        """The same voice, as `preset` wants it spoken."""
        return replace(self, preset=preset)


@dataclass(frozen=True, kw_only=True)
class UnavailableVoice:
    """A voice that is here but cannot be spoken."""

    config: VoiceConfig
    need: str
    """What to do about it, in words for a client."""

    @property
    def voice(self) -> str:
        """Name of the loaded model."""
        return self.config.name


@dataclass(frozen=True, kw_only=True)
class VoiceSelector:
    """The voice a client asks for; nothing asked means the default voice."""

    name: str | None = None
    language: str | None = None
    speaker: str | None = None


class Catalogue:
    """The voices on offer, in a stable order."""

    def __init__(
        self,
        entries: Iterable[VoiceEntry],
        *,
        unavailable: Iterable[UnavailableVoice] = (),
        public: Iterable[PublicVoice] = (),
        offer_downloads: bool = False,
    ) -> None:
        """`public` voices lend their former names to those that are here; the others are offered if so wished."""
        self.unavailable = tuple(sorted(unavailable, key=lambda held: held.config.name))
        self.entries = tuple(sorted(entries, key=lambda entry: entry.name))
        self._by_name = {entry.name: entry for entry in self.entries}
        self._by_alias: dict[str, VoiceEntry] = {}
        for entry in self.entries:
            self._by_alias.setdefault(_fold(entry.name), entry)
        # A preset goes by its own name alone, unless it stands in its voice's place.
        self._voices = [entry for entry in self.entries if entry.preset is None or entry.name == entry.config.name]
        for entry in self._voices:
            self._by_alias.setdefault(_fold(entry.config.dataset), entry)
        self._elsewhere: dict[str, PublicVoice] = {}
        held = {one.config.name for one in self.unavailable}
        for voice in public:
            if voice.name in held:
                continue  # it is here, and to fetch it again would not help
            here = self._by_name.get(voice.name)
            for name in (voice.name, *voice.aliases):
                if here is not None:
                    self._by_alias.setdefault(_fold(name), here)
                else:
                    self._elsewhere.setdefault(_fold(name), voice)
        self._offers_downloads = offer_downloads

    def has(self, entry: VoiceEntry) -> bool:
        """Whether `entry` is on offer still, and has not changed."""
        return self._by_name.get(entry.name) is entry

    @property
    def offered(self) -> tuple[PublicVoice, ...]:
        """Voices that are fetched when they are asked for, by name."""
        return tuple(
            {voice.name: voice for voice in self._elsewhere.values()}.values() if self._offers_downloads else ()
        )

    def downloadable(self, selector: VoiceSelector, default: str) -> PublicVoice | None:
        """The offered voice that must be fetched for `wish`; `None` if one that is here will do, or none is meant.

        A language alone is spoken by a voice that is here.
        """
        name = selector.name or (default if not selector.language else "")
        if not self._offers_downloads or not name or name in self._by_name or _fold(name) in self._by_alias:
            return None
        return self._elsewhere.get(_fold(name))

    def find(self, selector: VoiceSelector, default: str) -> VoiceEntry:
        """The voice that fits `wish`: by name, then alias, then language. A name outweighs a language.

        Of several voices of a language, an exact code (`fr_CA`) goes before another region, then the
        `default` voice, then the first by name. Raises UnknownVoice, or VoiceNeedsExtra where a voice that is
        held back would have been it.
        """
        name = selector.name or (default if not selector.language else None)
        if name:
            entry = self._by_name.get(name) or self._by_alias.get(_fold(name))
            if entry is None and _LANGUAGE_CODE.fullmatch(name):
                entry = self._speaking(name, default)
            if entry is None:
                self._explain(name)
                raise UnknownVoice(f"There is no voice {name!r:.80} here. {self._hint(name)}{self._offer()}")
            return entry
        language = selector.language or ""
        entry = self._speaking(language, default)
        if entry is None:
            self._explain(language)
            raise UnknownVoice(f"No voice here speaks {language!r:.80}. {self._offer()}")
        return entry

    def _explain(self, wanted: str) -> None:
        """Raises VoiceNeedsExtra if a voice that is held back is called so, or speaks this language."""
        folded = _fold(wanted)
        for held in self.unavailable:
            language = _fold(held.config.language)
            names = {_fold(held.config.name), _fold(held.config.dataset), language, language.partition("-")[0]}
            if folded in names:
                raise VoiceNeedsExtra(held.config.name, held.need)

    def _speaking(self, language: str, default: str) -> VoiceEntry | None:
        """The best voice of a language given as `fr`, `fr_FR` or `fr-fr`."""
        wanted = _fold(language)
        family = wanted.partition("-")[0]
        matches = [entry for entry in self._voices if _fold(entry.config.language).partition("-")[0] == family]

        first = self._by_name.get(default)

        def rank(entry: VoiceEntry) -> tuple[bool, bool]:
            exact = wanted == family or _fold(entry.config.language) == wanted
            return (not exact, first is None or entry.voice != first.voice)

        return min(matches, key=rank, default=None)

    def _hint(self, name: str) -> str:
        voice = self._elsewhere.get(_fold(name))
        return f"'wyoming-piper-serial voices download {voice.name}' fetches it. " if voice else ""

    def _offer(self) -> str:
        names = [entry.name for entry in self.entries]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return f"There is: {', '.join(names[:_SHOWN])}{more}."


def _fold(name: str) -> str:
    """`en_US-Joe-medium` and `en-us-joe-medium` are the same name."""
    return name.casefold().replace("_", "-")
