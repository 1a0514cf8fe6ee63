"""Replaces words that a voice would read incorrectly with other words or with phonemes. Pure."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import regex

from wyoming_piper_serial.text.patterns import lazy

MAX_WORD = 200
"""Maximum number of characters in the written form of an entry. A longer text is not a word or a name."""
MAX_TOKENS = 30
"""Maximum number of words and signs in the written form of an entry. This limits the time of a search."""
MAX_SPOKEN = 500
"""Maximum number of characters in the spoken form of an entry: about 30 seconds of speech."""
MAX_EXPANSION = 10_000
"""Maximum number of characters that are spoken for the entries in one text: many times the length of a usual sentence.
Otherwise, a sentence of single letters could become hundreds of times as long."""

MAX_ENTRIES = 50_000
"""Maximum number of entries in all files. This many entries take about 40 MB. The largest handwritten lexicons have a
few thousand.
"""

MAX_FAULTS = 1000
"""Maximum number of faults in a file. If there are more, the rest of the file is not read, because the file is probably
not a lexicon.
"""

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"  # scripts without spaces
# A token is a number with its separators, a character of a script without spaces, a word, or another character.
_TOKEN = lazy(
    rf"\p{{Nd}}++(?:[.,:/–-]\p{{Nd}}++)++|[{_UNSPACED}]\p{{M}}*+|[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]++|\S",
    flags=regex.V1,
)
_WORD = lazy(rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]", flags=regex.V1)
_SAME = str.maketrans({"’": "'", "ʼ": "'", "‐": "-", "‑": "-"})  # characters that readers consider the same
_SIGN = lazy(r"[^\p{L}\p{M}\s'’-]")  # characters that are not part of words; rules may rewrite them
_CONTRACTED = frozenset({"s", "t", "m", "d", "ll", "re", "ve"})  # endings after an apostrophe in English
_ENDS = (".", "!", "?", "…")
_CLOSERS = " '\")]}’”»"
_BLOCK_START, _BLOCK_END = "[[", "]]"
_BLOCK = lazy(r"\[\[.*?\]\]")
# espeak-ng drops the text after a NUL, and other control characters have no sound.
_CONTROL = lazy(r"[\p{Cc}--\t]", flags=regex.V1)

# IPA signs without a sound of their own: syllable breaks, ties and links. People type a colon instead of the length
# mark and an apostrophe instead of the stress mark. In Piper's voices, a dot and a colon are pauses.
_IPA = str.maketrans({".": "", "\u0361": "", "\u035c": "", "‿": "", ":": "ː", "'": "ˈ"})


class Entry(NamedTuple):
    """A word or phrase and its spoken form."""

    scope: str
    """The language or voice to which the entry applies, as returned by `fold`. Empty for all voices."""

    word: str
    spoken: str
    """Text in which phonemes are in `[[ ]]`."""

    source: str
    """Name of the file."""

    line: int


class Fault(NamedTuple):
    """The reason why a part of a file is not used."""

    source: str
    line: int
    reason: str


class LexiconFile(NamedTuple):
    """The content of one file."""

    entries: list[Entry]
    faults: list[Fault]


def fold(scope: str) -> str:
    """Returns the name of a language or a voice in the form that is used to compare scopes."""
    return scope.casefold().replace("_", "-")


def phonemes(ipa: str) -> str:
    """Returns the spoken form of an entry whose phonemes are `ipa`."""
    return f"{_BLOCK_START}{unicodedata.normalize('NFC', ipa.translate(_IPA)).strip()}{_BLOCK_END}"


def fault_of(word: str, spoken: str) -> str | None:
    """Returns the reason why an entry cannot be used, or `None` if it can be used."""
    if not word or not spoken or spoken == _BLOCK_START + _BLOCK_END:
        return "the word or its spoken form is missing"
    if len(word) > MAX_WORD or len(_tokens(word)) > MAX_TOKENS:
        return f"the word is longer than {MAX_WORD} characters or {MAX_TOKENS} words and signs"
    if len(spoken) > MAX_SPOKEN:
        return f"the spoken form of the word is longer than {MAX_SPOKEN} characters"
    if _CONTROL.search(word) or _CONTROL.search(spoken):
        return "there are control characters in it"
    rest = _BLOCK.sub("", spoken)
    if _BLOCK_START in rest or _BLOCK_END in rest:
        return "the [[ and ]] around phonemes do not match"
    return None


class _Token(NamedTuple):
    start: int
    end: int
    key: str
    """The token, preceded by a space if there is one in the text."""

    folded: str
    is_word: bool
    is_glued: bool
    """Whether the token directly follows the previous one, without a space."""


def _tokens(text: str) -> list[_Token]:
    """Returns the tokens of `text`, which must not contain phonemes."""
    found: list[_Token] = []
    end = -1
    for match in _TOKEN.finditer(text):
        plain = match[0]
        if plain.isascii():
            is_word = plain.isalnum() or len(plain) > 1
        else:
            plain = unicodedata.normalize("NFC", plain).translate(_SAME)
            is_word = _WORD.match(plain) is not None
        start, before, end = match.start(), end, match.end()
        is_glued = start == before
        key = plain if is_glued or not found else f" {plain}"
        found.append(_Token(start, end, key, key.casefold(), is_word, is_glued))
    return found


class _Table:
    """The entries of one scope. Each node of a tree maps the next token to a node, and "" to an entry."""

    def __init__(self) -> None:
        self._exact: dict[str, Any] = {}
        self._folded: dict[str, Any] = {}
        self.entries: list[Entry] = []

    def add(self, entry: Entry) -> bool:
        """Adds an entry. Returns whether the word is new. If it is not, the earlier entry is kept."""
        tokens = _tokens(entry.word)
        any_case = entry.word == entry.word.lower()
        node = self._folded if any_case else self._exact
        for token in tokens:
            node = node.setdefault(token.folded if any_case else token.key, {})
        if "" in node:
            return False
        node[""] = entry
        self.entries.append(entry)
        return True

    def find(self, tokens: Sequence[_Token], at: int) -> tuple[int, Entry] | None:
        """Finds the longest entry that begins at the token `at`. Returns its number of tokens and the entry. Among
        entries of equal length, an entry with exactly the same case takes precedence.
        """
        exact = _longest(self._exact, tokens, at, lambda token: token.key)
        folded = _longest(self._folded, tokens, at, lambda token: token.folded)
        if exact is None or folded is None:
            return exact or folded
        return exact if exact[0] >= folded[0] else folded


def _longest(
    root: dict[str, Any], tokens: Sequence[_Token], at: int, key_of: Callable[[_Token], str]
) -> tuple[int, Entry] | None:
    # The first token of an entry is stored without a space before it.
    node = root.get(key_of(tokens[at]).lstrip(" "))
    found, count = None, 1
    while node is not None:
        if "" in node and _is_whole(tokens, at, at + count):
            found = count, node[""]
        if at + count == len(tokens):
            break
        node = node.get(key_of(tokens[at + count]))
        count += 1
    return found


def _is_whole(tokens: Sequence[_Token], start: int, end: int) -> bool:
    """Returns whether the tokens from `start` to `end` are whole words. For example, "don" in "don't" and "U.S." in
    "U.S.A." are not, but "Geis" in "Geis's" and "Anna" in "dell'Anna" are.
    """
    first, last = tokens[start], tokens[end - 1]
    if first.is_word and start >= 2 and first.is_glued and _is_apostrophe(tokens, start - 1):
        is_contracted = tokens[start - 2].is_word and first.folded in _CONTRACTED
        if is_contracted:
            return False
    follows = end < len(tokens) and tokens[end].is_glued
    if last.key.endswith("."):
        return not (follows and tokens[end].is_word)
    if follows and last.is_word and _is_apostrophe(tokens, end) and end + 1 < len(tokens):
        after = tokens[end + 1]
        return not (after.is_glued and after.is_word and after.folded != "s")
    return True


def _is_apostrophe(tokens: Sequence[_Token], at: int) -> bool:
    return tokens[at].is_glued and tokens[at].key == "'"


class VoiceLexicon:
    """The entries for one voice. Thread-safe, because it does not change."""

    def __init__(self, written: Sequence[_Table], words: Sequence[_Table]) -> None:
        """`written` contains the entries with signs or digits, and `words` contains all others. Entries in earlier
        tables take precedence over entries of the same length in later ones.
        """
        self._written = written
        self._words = words

    @property
    def entries(self) -> Iterator[Entry]:
        """All entries for the voice, including those that are overridden by an entry of a narrower scope."""
        return (entry for table in (*self._written, *self._words) for entry in table.entries)

    @property
    def tables(self) -> "tuple[Sequence[_Table], Sequence[_Table]]":
        """The tables of the entries with signs or digits, and those of all others."""
        return self._written, self._words

    def preceded_by(self, first: "VoiceLexicon") -> "VoiceLexicon":
        """Returns a lexicon in which entries of `first` take precedence over equally long entries of this one."""
        return VoiceLexicon((*first.tables[0], *self._written), (*first.tables[1], *self._words))

    def apply(self, text: str) -> str:
        """Returns `text` with each word in the lexicon replaced. Text in `[[ ]]` is not changed."""
        return _replaced(text, _replacements(text, (*self._written, *self._words)))

    def apply_words(self, text: str) -> str:
        """Like `apply`, but skips entries that have signs or digits."""
        return _replaced(text, _replacements(text, self._words))

    def written(self, text: str) -> list[tuple[int, int, str]]:
        """Finds the parts of `text` that match an entry with signs or digits. Returns the start, the end and the spoken
        form of each.
        """
        return _replacements(text, self._written)


NO_WORDS = VoiceLexicon((), ())
"""The entries for a voice without a lexicon."""


def _replaced(text: str, replacements: Sequence[tuple[int, int, str]]) -> str:
    parts, end = [], 0
    for start, stop, spoken in replacements:
        parts += [text[end:start], spoken]
        end = stop
    return "".join([*parts, text[end:]]) if parts else text


def _replacements(text: str, tables: Sequence[_Table]) -> list[tuple[int, int, str]]:
    """Returns the start, the end and the replacement of each part of `text` that is replaced.

    Longer entries take precedence. After MAX_EXPANSION spoken characters, words stay as they are written. The time
    grows linearly with the length of the text and does not depend on the number of entries.
    """
    if not tables:
        return []
    replacements: list[tuple[int, int, str]] = []
    room = MAX_EXPANSION
    for begin, end in _between_blocks(text):
        for found in _replacements_in(text, begin, end, tables):
            room -= len(found[2])
            if room < 0:
                return replacements
            replacements.append(found)
    return replacements


def _replacements_in(text: str, begin: int, end: int, tables: Sequence[_Table]) -> Iterator[tuple[int, int, str]]:
    tokens = _tokens(text[begin:end])
    at = 0
    while at < len(tokens):
        found = _find(tables, tokens, at)
        if found is None:
            at += 1
            continue
        count, entry = found
        start, stop = begin + tokens[at].start, begin + tokens[at + count - 1].end
        yield start, stop, _fitted(entry.spoken, text, start, stop)
        at += count


def _find(tables: Sequence[_Table], tokens: Sequence[_Token], at: int) -> tuple[int, Entry] | None:
    best: tuple[int, Entry] | None = None
    for table in tables:
        found = table.find(tokens, at)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    return best


def _fitted(spoken: str, text: str, start: int, stop: int) -> str:
    """Returns `spoken` as the replacement for a part of `text`. Adds spaces where it would otherwise touch another
    word, and keeps the dot that ends the sentence.
    """
    before = " " if _WORD.match(text[start - 1 : start] if start else "") else ""
    after = " " if _WORD.match(text[stop : stop + 1]) else ""
    if text[stop - 1] == "." and not text[stop:].strip(_CLOSERS) and not spoken.endswith(_ENDS):
        after = "."
    return before + spoken + after


def _between_blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yields the start and the end of each part of `text` that is not in `[[ ]]`."""
    end = 0
    while (start := text.find(_BLOCK_START, end)) >= 0:
        stop = text.find(_BLOCK_END, start + len(_BLOCK_START))
        if stop < 0:
            break
        yield end, start
        end = stop + len(_BLOCK_END)
    yield end, len(text)


class Lexicon:
    """The entries of all files. Thread-safe, because it is immutable."""

    def __init__(self, files: Iterable[LexiconFile] = ()) -> None:
        """If several files have an entry for the same word and scope, the entry in the first of these files is used."""
        # Entries by scope: those with signs or digits, and all others.
        self._written: dict[str, _Table] = {}
        self._words: dict[str, _Table] = {}
        self.faults: list[Fault] = []
        """The faults in the files, including entries that are not used."""

        self.count = 0
        """Number of entries that are used."""

        for file in files:
            self.faults += file.faults
            self._add(file.entries)

    def _add(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if self.count == MAX_ENTRIES:
                reason = f"the lexicons have more than {MAX_ENTRIES} entries; the others are not used"
                self.faults.append(Fault(entry.source, entry.line, reason))
                return
            tables = self._written if _SIGN.search(entry.word) else self._words
            self.count += tables.setdefault(entry.scope, _Table()).add(entry)

    @property
    def entries(self) -> Iterator[Entry]:
        """All entries that are used."""
        return (
            entry for tables in (self._written, self._words) for table in tables.values() for entry in table.entries
        )

    def find(self, scope: str, word: str) -> Entry | None:
        """Returns the entry that is used for exactly this word and scope, or `None` if there is none."""
        tables = self._written if _SIGN.search(word) else self._words
        table = tables.get(scope)
        return None if table is None else next((entry for entry in table.entries if entry.word == word), None)

    def for_voice(self, language: str, *names: str) -> VoiceLexicon:
        """Returns the entries for a voice with the given names. `language` is a code such as `en_US`.

        Entries for a name take precedence, followed by entries for the language and region, for the language, and for
        all voices.
        """
        locale = fold(language)
        scopes = dict.fromkeys((*map(fold, names), locale, locale.partition("-")[0], ""))
        written, words = (
            [tables[scope] for scope in scopes if scope in tables] for tables in (self._written, self._words)
        )
        return VoiceLexicon(written, words)
