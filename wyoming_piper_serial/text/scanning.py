"""Matches patterns in streamed text.

The functions that recognize markup use a `View`. They return a `Token`, or `None` if there is no such markup at the
position of the view. They raise IncompleteText if more text is needed.
"""

from dataclasses import dataclass

import regex

MAX_WINDOW = 1000
"""Maximum length of a match in characters: more than the length of a typical link. The limit bounds the memory for a
stream and the time of a search.
"""


class IncompleteText(Exception):
    """More text is needed to decide whether a pattern matches."""


@dataclass(frozen=True, slots=True)
class View:
    """A position in a text at which patterns are matched.

    The result of `match` must depend only on the complete text, not on how much of it has arrived. Therefore, each
    pattern must end with a required character or a lookahead for one. A pattern with an optional end could match too
    early, before the rest of its match has arrived.
    """

    text: str
    at: int
    before: str
    """The last characters of the output before this position, or empty at the beginning."""

    final: bool
    """Whether the text is complete."""

    def match(self, pattern: "regex.Pattern[str]") -> "regex.Match[str] | None":
        """Matches `pattern` at this position. Raises IncompleteText if more text is needed."""
        end = self.at + MAX_WINDOW
        wait = not self.final and len(self.text) < end
        found = pattern.match(self.text, self.at, end, partial=wait)
        if found is not None and found.partial:
            raise IncompleteText
        return found


@dataclass(frozen=True, slots=True)
class Hidden:
    """A section of the text, up to a match of `end`, that is either skipped or kept with all its markup."""

    end: "regex.Pattern[str]"
    """Matches at most MAX_END characters."""

    literal: bool = False
    """Whether the section is read instead of skipped."""

    instead: str = "\n"
    """Text that replaces the end marker in the input."""


MAX_END = 128
"""Maximum length of the end marker of hidden text in characters, with a small margin."""


@dataclass(frozen=True, slots=True)
class Token:
    """The replacement for a piece of markup."""

    end: int
    """The position after the markup."""

    spoken: str = ""
    """Text to add to the output."""

    again: str = ""
    """Text to insert at the start of the remaining input. It may itself contain markup. It must be shorter than the
    replaced markup unless it is a line end.
    """

    hidden: Hidden | None = None
    """The hidden section after the markup, if any."""
