"""Human-readable names of voices and languages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

_DATA = "names.json"


@dataclass(frozen=True)
class LanguageNames:
    """English names of languages and regions, by language or region code. The names come from Unicode CLDR."""

    languages: Mapping[str, str]
    regions: Mapping[str, str]

    @classmethod
    def load(cls) -> "LanguageNames":
        """Loads the names of languages and regions from a file in the package."""
        content = json.loads(files("wyoming_piper_serial.voices").joinpath(_DATA).read_text(encoding="utf-8"))
        return cls(content["languages"], content["regions"])

    def language(self, code: str) -> str:
        """Returns the English name of a language, such as `English (US)` for the code `en_US`. Omits an unknown region.
        Returns the code of an unknown language unchanged."""
        language, _, region = code.replace("-", "_").partition("_")
        name = self.languages.get(language.lower())
        if name is None:
            return code
        place = self.regions.get(region.upper())
        return name if place is None else f"{name} ({place})"

    def title(self, dataset: str, language: str, quality: str) -> str:
        """Returns the title of a voice, such as `Joe, English (US), medium`. `language` is a language code. `quality`
        may be empty."""
        return ", ".join(part for part in (_capitalized(dataset), self.language(language), spaced(quality)) if part)


def spaced(text: str) -> str:
    """Returns `text` with single spaces instead of underscores and other spaces: `x_low` becomes `x low`."""
    return " ".join(text.replace("_", " ").split())


def _capitalized(dataset: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in spaced(dataset).split())
