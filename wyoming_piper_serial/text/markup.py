"""Removes markup from streamed text."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import regex

from wyoming_piper_serial.settings import CodeBlocks
from wyoming_piper_serial.text import blocks, inline, links, tags
from wyoming_piper_serial.text.characters import ARROWS, PICTURE, clean_characters
from wyoming_piper_serial.text.fences import Fences
from wyoming_piper_serial.text.items import Items
from wyoming_piper_serial.text.ratings import STARS
from wyoming_piper_serial.text.scanning import MAX_END, Hidden, IncompleteText, Token, View

_SPECIAL = regex.compile(r"[\n<\[\]&`*\\!◁▷]")
# The beginning of a line that may contain a line marker.
_MARKED_LINE = regex.compile(rf"\n[ \t]{{0,40}}+[`~\[*+\->#0-9_•‣⁃∙{PICTURE}{STARS}{ARROWS}]")
_TRIANGLES = "◁▷"  # removed like other pictographs, unless they are part of markup
_PIECE = 2000  # maximum number of characters to scan at once; for some markup, the remaining characters are copied
_CONTEXT = 40  # number of preceding output characters that recognizers can see
_END = "\n\n"  # appended at the end of the text to satisfy lookaheads


class MarkupFilter:
    """Removes markup that spans several sentences or affects where sentences end.

    This includes reasoning, comments, code, tags, entities, links, emphasis and the markers of list items. Other line
    markers, such as those of headings and quotations, are left to `clean_sentence`.

    The output does not depend on how the text is divided between calls of `feed`. The filter buffers at most a few
    thousand characters.
    """

    def __init__(self, *, code_blocks: CodeBlocks = "skip", language: str = "") -> None:
        """`language` is a code such as `de` or `de_DE`, or empty if unknown."""
        self._code_blocks: CodeBlocks = code_blocks
        self._language = regex.split("[_-]", language, maxsplit=1)[0].lower()
        self._restart()

    def _restart(self) -> None:
        self._last = ""  # the last character of the input
        self._held = "\n"  # text that is not processed yet; the newline marks the start of the first line
        self._is_first = True  # whether that newline must still be removed from the output
        self._before = ""  # the last characters of the output
        self._hidden: Hidden | None = None
        self.fences = Fences(self._code_blocks, self._language)
        self._items = Items(self._language)
        self.brackets = links.Brackets()
        self.emphasis = inline.Emphasis()

    def feed(self, text: str) -> str:
        """Adds `text`. Returns as much text without markup as is final."""
        return "".join(self._add(text[start : start + _PIECE]) for start in range(0, len(text), _PIECE))

    def finish(self) -> str:
        """Marks the end of the text. Returns the remaining text without markup, and resets the filter."""
        rest = self._scan(self._held + _END, final=True)
        if self._hidden is not None and self._hidden.literal:
            rest += self._held
        self._restart()
        return rest.removesuffix(_END)

    def _add(self, text: str) -> str:
        cleaned = clean_characters(text, self._last)
        self._last = text[-1:]
        return self._scan(self._held + cleaned, final=False)

    def _scan(self, text: str, *, final: bool) -> str:
        passed: list[str] = []
        at = 0
        while at < len(text):
            if self._hidden is not None:
                rest = self._after(self._hidden, text, at, passed)
                if rest is None:
                    at = max(at, len(text) - MAX_END)
                    break
                text, at = rest, 0
                self._hidden = None
            special = _SPECIAL.search(text, at)
            begin = len(text) if special is None else special.start()
            self._pass(text[at:begin], passed)
            at = begin
            if special is None:
                break
            try:
                token = _RECOGNIZERS[special[0]](self, View(text, at, self._before, final))
            except IncompleteText:
                break
            if token is None:
                self._pass(" " if special[0] in _TRIANGLES else special[0], passed)
                at += 1
                continue
            self._pass(token.spoken, passed)
            self._hidden = token.hidden
            at = token.end
            if token.again:
                text, at = token.again + text[at:], 0
        self._held = text[at:]
        return "".join(passed)

    def line(self, view: View) -> Token | None:
        """Recognizes the marker at the beginning of a line. `view` is at the preceding newline."""
        self.emphasis.open = False
        marked = view.match(_MARKED_LINE)
        if not marked:
            return None
        if marked[0][-1].isdigit():  # only a numbered item begins with a digit
            return self._items.numbered(view)
        return self.fences.token(view) or links.definition(view) or self._items.token(view)

    def _after(self, hidden: Hidden, text: str, at: int, passed: list[str]) -> str | None:
        """Returns the text after a hidden section, or `None` if the end of the section has not arrived yet."""
        found = hidden.end.search(text, at)
        if hidden.literal:
            self._pass(text[at : found.start()] if found else text[at : max(at, len(text) - MAX_END)], passed)
        return None if found is None else hidden.instead + text[found.end() :]

    def _pass(self, text: str, passed: list[str]) -> None:
        if not text:
            return
        if self._is_first:
            self._is_first = False
            text = text[1:]
        text = text.replace(PICTURE, " ")
        passed.append(text)
        self._before = (self._before + text)[-_CONTEXT:]
        self.brackets.passed(text)


# The recognizers by the first character of the markup. They are functions of the filter, because a filter with bound
# methods of its own could be freed only by the garbage collector, which would block the event loop.
_RECOGNIZERS: Mapping[str, Callable[[MarkupFilter, View], Token | None]] = MappingProxyType(
    {
        "\n": MarkupFilter.line,
        "<": lambda _, view: blocks.unspoken_block(view) or tags.tag(view),
        "[": lambda markup, view: blocks.unspoken_block(view) or links.opening(view, markup.brackets),
        "]": lambda markup, view: links.closing(view, markup.brackets),
        "&": lambda _, view: tags.entity(view),
        "`": lambda markup, view: markup.fences.token(view) or inline.backtick(view),
        "*": lambda markup, view: inline.star(view, markup.emphasis),
        "\\": lambda _, view: inline.escape(view),
        "!": lambda _, view: links.image(view),
        **dict.fromkeys(_TRIANGLES, lambda _, view: blocks.unspoken_block(view)),
    }
)
