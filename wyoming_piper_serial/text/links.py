"""Recognizes markup in square brackets: links, images, footnotes, wiki links and raw phonemes."""

from dataclasses import dataclass

import regex

from wyoming_piper_serial.text.characters import LINK_END
from wyoming_piper_serial.text.scanning import Hidden, Token, View

# The address of a link: either in angle brackets, or without spaces and with balanced parentheses.
_INNER = r"(?:[^\s()\\]|\\.)*+"
_PARENTHESES = rf"\({_INNER}(?:\({_INNER}\){_INNER})*+\)"
_DESTINATION = rf"(?:<[^<>\n]*+>|(?!<)(?:[^\s()\\]|\\.|{_PARENTHESES})++)"
_TITLE = r"(?:\"[^\"]*+\"|'[^']*+'|\([^()]*+\))"
_ADDRESS = regex.compile(rf"\]\([ \t]*+\n?[ \t]*+(?:{_DESTINATION}(?:\s++{_TITLE})?+\s*+)?+\)")
# The beginning of an address that exceeds the maximum length of a match, such as the data of an embedded image.
_LONG_ADDRESS = regex.compile(r"\]\((?:https?:|data:)[^\s()]{900}")
_ADDRESS_END = regex.compile(r"[)\s]")
_URL = regex.compile(r"[./#:]")
_REFERENCE = regex.compile(r"\]\[([^\[\]\n]{0,200}+)\]")
_DEFINITION = regex.compile(
    r"\n[ \t]{0,3}\[(?!\^)[^\[\]\n]{1,200}+\]:[ \t]*+"
    r"(?:<[^<>\n]*+>|(?:[a-z][a-z0-9+.-]{1,20}:|/|#|\.{1,2}/|[\w-]+(?:\.[\w-]+)+/)[^\s<>]*+)"
    rf"(?:[ \t]++{_TITLE})?+[ \t]*+(?=\n)",
    regex.IGNORECASE,
)
_FOOTNOTE = regex.compile(r"\n[ \t]{0,3}\[\^[^\[\]\s]{1,60}+\]:[ \t]*+(?=[^ \t])")
_FOOTNOTE_MARK = regex.compile(r"\[\^[^\[\]\s]{1,60}+\]")
_IMAGE = regex.compile(r"!\[")
_LETTER = regex.compile(r"[\p{L}\p{S}]")
_SENTENCE_END = regex.compile(r"[.!?…。！？:][\"'”’»)]?\Z")
_WORD = regex.compile(r"[\w)\]]\Z")

_DOUBLE = regex.compile(r"\[\[([^\[\]\n]*+)\]\]")
_MEDIA = regex.compile(r"\s*+(?:file|image|category)\s*+:", regex.IGNORECASE)
# Characters that occur in phonemes but normally not in text: letters of the International Phonetic Alphabet (IPA), its
# stress and length marks, and the tie bar. Azerbaijani and some African languages also use a few of these letters.
_IPA = regex.compile(r"[\u0250-\u0258\u025a-\u02b8\u02c8-\u02e4\u0361]")
# Text that never occurs in raw phonemes: a capitalized word, a letter of a script that has no phonemes, or a vertical
# bar without spaces around it, as between a page and its label.
_ORDINARY = regex.compile(r"\p{Lu}\p{Ll}|[[\p{L}]--[\p{Latin}\p{Greek}\p{Lm}]]|(?<=[^\s|])\|(?=[^\s|])", flags=regex.V1)


# Several words without spaces next to the brackets, at least one of them with three or more letters. Raw phonemes of
# this length contain a stress mark. Chinese and Japanese phonemes are separated by spaces, but they are shorter or end
# with a tone.
_SEVERAL_WORDS = regex.compile(r"(?=\S++ )(?=.*?(?<!\S)[a-z]{3,}+(?!\S)).*\S\Z")


@dataclass
class Brackets:
    """The most recent opening bracket, and the text that follows it."""

    open: bool = False
    """Whether the bracket is still open."""

    after_word: bool = False
    """Whether a word precedes the bracket, as in `array[0][1]`. Such a bracket does not begin a link."""

    has_letter: bool = False
    """Whether the text after the bracket contains a letter or a symbol."""

    def passed(self, text: str) -> None:
        """Looks for a letter or a symbol in text that follows the bracket."""
        if self.open and not self.has_letter:
            self.has_letter = _LETTER.search(text) is not None


def opening(view: View, state: Brackets) -> Token | None:
    """Recognizes a footnote mark, a wiki link or raw phonemes. `view` is at `[`."""
    if found := view.match(_DOUBLE):
        return _wiki_link(found)
    if found := view.match(_FOOTNOTE_MARK):
        return Token(found.end())
    state.open, state.after_word, state.has_letter = True, _WORD.search(view.before) is not None, False
    return None


def image(view: View) -> Token | None:
    """Recognizes an image and keeps its description. `view` is at `!`. After a word, the `!` ends a sentence."""
    found = view.match(_IMAGE)
    if found is None:
        return None
    return Token(found.end() - 1, "! " if _WORD.search(view.before) else "")


def closing(view: View, state: Brackets) -> Token | None:
    """Recognizes the end of a link. `view` is at `]`."""
    found = view.match(_ADDRESS)
    if found and (not state.after_word or _URL.search(found[0])):
        return Token(found.end(), _end_mark(view))
    if found := view.match(_LONG_ADDRESS):
        return Token(found.end(), _end_mark(view), hidden=Hidden(_ADDRESS_END, instead=""))
    # `[text][name]` is a link, but `matrix[i][j]` and the citations `[1][2]` are not.
    found = view.match(_REFERENCE)
    is_link = state.open and state.has_letter and not state.after_word
    state.open = False
    return Token(found.end(), _end_mark(view)) if found and is_link else None


def definition(view: View) -> Token | None:
    """Recognizes a link reference definition, which is left out, or a footnote, which is read as a paragraph.

    A definition begins at the start of a line. `view` is at the preceding newline.
    """
    if found := view.match(_DEFINITION):
        return Token(found.end())
    if found := view.match(_FOOTNOTE):
        return Token(found.end(), "\n\n")
    return None


def is_wiki_link(content: str) -> bool:
    """Returns whether the text between `[[` and `]]` is a link to a page, as opposed to raw phonemes.

    It is a link if it contains no phonetic letter, and if it contains something that never occurs in raw phonemes: a
    capitalized word, a letter of a script such as Cyrillic, a label after `|`, or several words. A single word in
    lower-case Latin letters, such as `[[kasa]]`, is ambiguous. It is treated as phonemes, as in Piper.
    """
    if _IPA.search(content):
        return False
    return _ORDINARY.search(content) is not None or _SEVERAL_WORDS.match(content) is not None


def _wiki_link(found: "regex.Match[str]") -> Token:
    if not is_wiki_link(found[1]):
        return Token(found.end(), found[0])
    page, bar, label = found[1].partition("|")
    if _MEDIA.match(page) and not bar:
        return Token(found.end())
    name = label.rpartition("|")[2] if bar and label.strip() else page
    return Token(found.end(), name.strip().replace("#", ", "))


def _end_mark(view: View) -> str:
    # At the end of a sentence, keep the bracket as closing punctuation.
    return "]" if _SENTENCE_END.search(view.before) else LINK_END
