"""Which voice a client means: pure look-ups over the voices that were found."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from wyoming_piper_serial.exceptions import UnknownVoice
from wyoming_piper_serial.voice.config import VoiceConfig

_SHOWN = 5  # names an error message lists; a house has few voices, a line has limits
_LANGUAGE_CODE = re.compile(r"[A-Za-z]{2,3}(?:[_-][A-Za-z]{2,4})?")


@dataclass(frozen=True, kw_only=True)
class VoiceEntry:
    """A voice that can be loaded."""

    config: VoiceConfig
    model: Path
    sha256: tuple[str, str] | None = None
    """Expected digests of model and config, where they are known."""

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def voice(self) -> str:
        """Name of the loaded model."""
        return self.config.name


@dataclass(frozen=True, kw_only=True)
class VoiceWish:
    """The voice a client asks for; nothing asked means the default voice."""

    name: str | None = None
    language: str | None = None
    speaker: str | None = None


class Catalogue:
    """The voices on offer, in a stable order."""

    def __init__(self, entries: Iterable[VoiceEntry]) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: entry.name))
        self._by_name = {entry.name: entry for entry in self.entries}
        self._by_alias: dict[str, VoiceEntry] = {}
        for entry in self.entries:
            self._by_alias.setdefault(_fold(entry.name), entry)
        for entry in self.entries:
            self._by_alias.setdefault(_fold(entry.config.dataset), entry)

    def find(self, wish: VoiceWish, default: str) -> VoiceEntry:
        """The voice that fits `wish`: by name, then alias, then language. A name outweighs a language.

        Of several voices of a language, an exact code (`fr_CA`) goes before another region, then the
        `default` voice, then the first by name. Raises UnknownVoice.
        """
        name = wish.name or (default if not wish.language else None)
        if name:
            entry = self._by_name.get(name) or self._by_alias.get(_fold(name))
            if entry is None and _LANGUAGE_CODE.fullmatch(name):
                entry = self._speaking(name, default)
            if entry is None:
                raise UnknownVoice(f"There is no voice {name!r:.80} here. {self._offer()}")
            return entry
        language = wish.language or ""
        entry = self._speaking(language, default)
        if entry is None:
            raise UnknownVoice(f"No voice here speaks {language!r:.80}. {self._offer()}")
        return entry

    def _speaking(self, language: str, default: str) -> VoiceEntry | None:
        """The best voice of a language given as `fr`, `fr_FR` or `fr-fr`."""
        wanted = _fold(language)
        family = wanted.partition("-")[0]
        matches = [entry for entry in self.entries if _fold(entry.config.language).partition("-")[0] == family]

        def rank(entry: VoiceEntry) -> tuple[bool, bool]:
            exact = wanted == family or _fold(entry.config.language) == wanted
            return (not exact, entry.name != default)

        return min(matches, key=rank, default=None)

    def _offer(self) -> str:
        names = [entry.name for entry in self.entries]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return f"There is: {', '.join(names[:_SHOWN])}{more}."


def _fold(name: str) -> str:
    """`en_US-Joe-medium` and `en-us-joe-medium` are the same name."""
    return name.casefold().replace("_", "-")
