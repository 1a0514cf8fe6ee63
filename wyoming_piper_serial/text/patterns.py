"""Regular expressions that are compiled on first use."""

from typing import Any, cast

import regex

RAW_PHONEMES = r"\[\[.*?\]\]"
"""Raw phonemes as in Piper, whose pattern matches only within a line."""

UNCLOSED_PHONEMES = r"\[\[.*+(*SKIP)(*FAIL)"
"""An alternative to `RAW_PHONEMES` that skips the rest of a line on which the brackets are not closed."""


class _Lazy:
    """A proxy for a compiled pattern. The first use of a method compiles the pattern and caches its methods.

    If two threads compile the same pattern at the same time, the results are equivalent.
    """

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        compiled = regex.compile(self.pattern, self._flags)
        for method in ("search", "match", "fullmatch", "finditer", "findall", "sub", "split"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy(pattern: str, flags: int = 0) -> "regex.Pattern[str]":
    """Returns a pattern that is compiled on first use.

    The rules of a language have hundreds of patterns, which take a tenth of a second to compile, but a typical text
    needs only a few of them. The first use must not be in the event loop. The modules that clean and split text, which
    run in the event loop, therefore compile their patterns when they are imported (see `Frontends.load`). If the
    pattern is invalid, its first use raises `regex.error`.
    """
    return cast("regex.Pattern[str]", _Lazy(pattern, flags))
