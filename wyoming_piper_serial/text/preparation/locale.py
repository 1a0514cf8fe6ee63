"""What is known about one language: its region and its data."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Locale:
    """A language and region."""

    language: str
    """Code of the language in lower case, such as `en`."""

    region: str
    """Code of the region in upper case, such as `US`; empty if it is unknown."""

    @classmethod
    def of(cls, code: str) -> "Locale":
        """Returns the locale of a language code such as `en_US`, `en-us` or `en`."""
        language, _, region = code.replace("-", "_").partition("_")
        return cls(language=language.lower(), region=region.upper())
