"""Matches patterns in text that is still arriving."""

from dataclasses import dataclass

import regex

MAX_WINDOW = 1000
"""Maximum number of characters that a pattern may match: more than the address of a typical link. A pattern that needs
more characters does not match. This limits the memory for a stream and the time for a search.
"""


class IncompleteText(Exception):
    """The received text may be the beginning of a match."""


@dataclass(frozen=True, slots=True)
class View:
    """A position in a text at which patterns are matched.

    The result of `match` depends only on the whole text, not on how much of it has arrived. Therefore, each pattern
    must end with a fixed character or with a lookahead for a character. If the end of a pattern were optional, the
    pattern could match before the rest has arrived.
    """

    text: str
    at: int
    before: str
    """The last characters of the output before this position; empty at the beginning."""

    final: bool
    """Whether the text is complete."""

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
    """Text that is skipped, or read without searching for markup, until `end` matches."""

    end: "regex.Pattern[str]"
    """Matches at most MAX_END characters."""

    literal: bool = False
    """Whether the text is read aloud. If not, it is left out."""

    instead: str = "\n"
    """Text that is inserted before the text that follows the end mark."""


MAX_END = 128
"""Maximum number of characters in the end mark of hidden text, plus a small reserve."""


@dataclass(frozen=True, slots=True)
class Token:
    """The replacement for a piece of markup."""

    end: int
    """The position after the markup."""

    spoken: str = ""
    """Text that is added to the output."""

    again: str = ""
    """Text that is inserted before the rest of the input, and may itself contain markup. It must be shorter than the
    replaced markup, except for a line end.
    """

    hidden: Hidden | None = None
    """The hidden text that follows the markup, if any."""
