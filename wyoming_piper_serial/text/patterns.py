"""Regular expressions that are compiled when they are first used."""

from typing import Any, cast

import regex


class _Lazy:
    """Stands for a compiled pattern. The methods of the pattern become attributes when the first of them is used.

    Two threads may compile the same pattern at the same time. Both get the same methods.
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
    """Returns a pattern that is compiled when it is first used.

    The rules of a language have hundreds of patterns, which take a tenth of a second to compile. A text needs a few.
    Raises `regex.error` at the first use if the pattern is wrong.
    """
    return cast("regex.Pattern[str]", _Lazy(pattern, flags))
