"""Matches patterns in text that is still arriving."""

from dataclasses import dataclass

import regex

MAX_WINDOW = 1000
"""Maximum number of characters that a pattern may match: more than the address of a usual link has. A pattern that
needs more characters does not match. This limits the memory of a stream and the time of a search."""


class IncompleteText(Exception):
    """The text that has arrived may be the beginning of a match."""


@dataclass(frozen=True, slots=True)
class View:
    """A position in a text, at which patterns are tried.

    The result of `match` depends only on the whole text, not on how much of it has arrived. This requires that each
    pattern ends with a fixed character, or with a lookahead for a character. With an optional end, it could match
    before the rest has arrived.
    """

    text: str
    at: int
    before: str
    """The last characters of the output before this position; empty at the beginning."""

    final: bool
    """Whether no more text arrives."""

    def match(self, pattern: "regex.Pattern[str]") -> "regex.Match[str] | None":
        """Returns the match of `pattern` at this position.

        Raises IncompleteText if more text is needed to decide whether it matches.
        """
        end = self.at + MAX_WINDOW
        wait = not self.final and len(self.text) < end
        found = pattern.match(self.text, self.at, end, partial=wait)
        if found is not None and found.partial:
            raise IncompleteText
        return found


@dataclass(frozen=True, slots=True)
class Hidden:
    """Text that is skipped, or read without looking for markup, until `end` matches."""

    end: "regex.Pattern[str]"
    """Matches at most MAX_END characters."""

    literal: bool = False
    """Whether the text is read. Otherwise, it is left out."""

    instead: str = "\n"
    """Text that is put in front of the text after the end."""


MAX_END = 128
"""Maximum number of characters that the end of a hidden text may have, and a little more."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a piece of markup is replaced by."""

    end: int
    """The position after the markup."""

    spoken: str = ""
    """Text that is passed on."""

    again: str = ""
    """Text that is put in front of the rest of the text, and may contain markup. Shorter than the markup, except for a
    line end."""

    hidden: Hidden | None = None
    """The text after the markup, if it is hidden."""
