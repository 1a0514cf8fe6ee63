"""Replaces words that a voice would mispronounce with other words or with phonemes."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import regex

from wyoming_piper_serial.text.patterns import RAW_PHONEMES, lazy

MAX_WORD = 200
"""Maximum number of characters in the written form of an entry. Longer text is not a word or a name."""
MAX_TOKENS = 30
"""Maximum number of words and signs in the written form of an entry. This bounds the time of a search."""
MAX_SPOKEN = 500
"""Maximum number of characters in the spoken form of an entry: about 30 seconds of speech."""
MAX_EXPANSION = 10_000
"""Maximum total number of characters in the replacements in one text: many times the length of a typical sentence.
Without this limit, a sentence of single letters could become hundreds of times as long.
"""

MAX_ENTRIES = 50_000
"""Maximum number of entries in all files. This many entries take about 40 MB. The largest handwritten lexicons have a
few thousand entries.
"""

MAX_FAULTS = 1000
"""Maximum number of faults in a file. After this many faults, the rest of the file is not read, because the file is
probably not a lexicon.
"""

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"  # scripts without word spacing

# A token is a number with its separators, a character of a script without word spacing, a word, or any other character.
_TOKEN = lazy(
    rf"\p{{Nd}}++(?:[.,:/–-]\p{{Nd}}++)++|[{_UNSPACED}]\p{{M}}*+|[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]++|\S",
    flags=regex.V1,
)
_WORD = lazy(rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]", flags=regex.V1)
_SAME = str.maketrans({"’": "'", "ʼ": "'", "‐": "-", "‑": "-"})  # variants of the apostrophe and the hyphen
_SIGN = lazy(r"[^\p{L}\p{M}\s'’-]")  # a sign or digit; text rules may rewrite words with such a character
_CONTRACTED = frozenset({"s", "t", "m", "d", "ll", "re", "ve"})  # English endings after an apostrophe
_ENDS = (".", "!", "?", "…")
_CLOSERS = " '\")]}’”»"
_BLOCK_START, _BLOCK_END = "[[", "]]"
_BLOCK = lazy(RAW_PHONEMES)
# espeak-ng ignores any text after a NUL character. Other control characters have no sound.
_CONTROL = lazy(r"[\p{Cc}--\t]", flags=regex.V1)

# Syllable breaks, ties and linking marks have no sound and are removed. A colon typed as a length mark and an
# apostrophe typed as a stress mark are converted. Piper voices would read a dot or a colon as a pause.
_IPA = str.maketrans({".": "", "\u0361": "", "\u035c": "", "‿": "", ":": "ː", "'": "ˈ"})


class Entry(NamedTuple):
    """A word or phrase and its spoken form."""

    scope: str
    """The language or voice to which the entry applies, as returned by `fold`, or empty for all voices."""

    word: str
    spoken: str
    """The replacement text. Phonemes are enclosed in `[[ ]]`."""

    source: str
    """The file name."""

    line: int


class Fault(NamedTuple):
    """An error in a lexicon file. The affected part of the file is not used."""

    source: str
    line: int
    reason: str


class LexiconFile(NamedTuple):
    """The entries and faults of one lexicon file."""

    entries: list[Entry]
    faults: list[Fault]


def fold(scope: str) -> str:
    """Normalizes the name of a language or a voice for comparison."""
    return scope.casefold().replace("_", "-")


def phonemes(ipa: str) -> str:
    """Returns the spoken form of an entry that consists of the phonemes `ipa`."""
    return f"{_BLOCK_START}{unicodedata.normalize('NFC', ipa.translate(_IPA)).strip()}{_BLOCK_END}"


def fault_of(word: str, spoken: str) -> str | None:
    """Returns why an entry is invalid, or `None` if it is valid."""
    if not word or not spoken or spoken == _BLOCK_START + _BLOCK_END:
        return "the word or its spoken form is missing"
    if len(word) > MAX_WORD or len(_TOKEN.findall(word)) > MAX_TOKENS:
        return f"the word is longer than {MAX_WORD} characters or {MAX_TOKENS} words and signs"
    if len(spoken) > MAX_SPOKEN:
        return f"the spoken form of the word is longer than {MAX_SPOKEN} characters"
    if _CONTROL.search(word) or _CONTROL.search(spoken):
        return "the word or its spoken form contains control characters"
    rest = _BLOCK.sub("", spoken)
    if _BLOCK_START in rest or _BLOCK_END in rest:
        return "the [[ and ]] around phonemes do not match"
    return None


class _Token(NamedTuple):
    start: int
    end: int
    key: str
    """The normalized token, with a leading space if one precedes it in the text."""

    folded: str
    is_word: bool
    is_glued: bool
    """Whether no space separates the token from the previous one."""


def _tokens(text: str) -> list[_Token]:
    """Splits `text` into tokens. `text` must not contain phonemes."""
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
    """The entries for one scope (a language, a voice or all voices), stored in tries. A node maps each possible next
    token to a child node, and "" to the entry that ends at the node.
    """

    def __init__(self) -> None:
        self._exact: dict[str, Any] = {}
        self._folded: dict[str, Any] = {}
        self.entries: list[Entry] = []

    def add(self, entry: Entry) -> bool:
        """Adds an entry unless the table already has one for the same word. Returns whether it was added."""
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
        """Finds the longest entry that matches at the token `at`. Returns the number of tokens and the entry, or `None`
        if no entry matches.

        If two entries are equally long, the case-sensitive one takes precedence.
        """
        exact = _longest(self._exact, tokens, at, lambda token: token.key)
        folded = _longest(self._folded, tokens, at, lambda token: token.folded)
        if exact is None or folded is None:
            return exact or folded
        return exact if exact[0] >= folded[0] else folded


def _longest(
    root: dict[str, Any], tokens: Sequence[_Token], at: int, key_of: Callable[[_Token], str]
) -> tuple[int, Entry] | None:
    # In the tries, the key of an entry's first token has no leading space.
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
    """Returns whether the tokens from `start` to `end` are whole words.

    For example, "Geis" in "Geis's" and "Anna" in "dell'Anna" are whole words, but "don" in "don't" and "U.S." in
    "U.S.A." are not.
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
    """The lexicon entries for one voice. Immutable and therefore thread-safe."""

    def __init__(self, written: Sequence[_Table], words: Sequence[_Table]) -> None:
        """`written` contains the entries with signs or digits, and `words` contains all others. Of two entries of equal
        length, the entry in the earlier table takes precedence.
        """
        self._written = written
        self._words = words

    @property
    def entries(self) -> Iterator[Entry]:
        """All entries for the voice, including those that an entry with a narrower scope overrides."""
        return (entry for table in (*self._written, *self._words) for entry in table.entries)

    @property
    def tables(self) -> "tuple[Sequence[_Table], Sequence[_Table]]":
        """The tables of entries with signs or digits, and the tables of all other entries."""
        return self._written, self._words

    def preceded_by(self, first: "VoiceLexicon") -> "VoiceLexicon":
        """Returns a combined lexicon. Entries of `first` take precedence over equally long entries of this lexicon."""
        return VoiceLexicon((*first.tables[0], *self._written), (*first.tables[1], *self._words))

    def apply(self, text: str) -> str:
        """Replaces all words in `text` that have an entry. Text in `[[ ]]` is not changed."""
        return _replaced(text, _replacements(text, (*self._written, *self._words)))

    def apply_words(self, text: str) -> str:
        """Like `apply`, but ignores entries with signs or digits."""
        return _replaced(text, _replacements(text, self._words))

    def written(self, text: str) -> list[tuple[int, int, str]]:
        """Finds the parts of `text` that match an entry with signs or digits. Returns the start, end and spoken form of
        each part.
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
    """Returns the start, end and replacement of each part of `text` that matches an entry.

    Longer entries take precedence. Once the replacements exceed MAX_EXPANSION characters, no more words are replaced.
    The time is linear in the length of the text and does not depend on the number of entries.
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
    """Adapts `spoken` to its position in `text`: adds a space between it and an adjacent word, and keeps the dot at the
    end of the sentence.
    """
    before = " " if _WORD.match(text[start - 1 : start] if start else "") else ""
    after = " " if _WORD.match(text[stop : stop + 1]) else ""
    if text[stop - 1] == "." and not text[stop:].strip(_CLOSERS) and not spoken.endswith(_ENDS):
        after = "."
    return before + spoken + after


def _between_blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yields the start and end of each part of `text` outside `[[ ]]`."""
    end = 0
    while (start := text.find(_BLOCK_START, end)) >= 0:
        stop = text.find(_BLOCK_END, start + len(_BLOCK_START))
        if stop < 0:
            break
        yield end, start
        end = stop + len(_BLOCK_END)
    yield end, len(text)


class Lexicon:
    """The entries of all lexicon files. Immutable and therefore thread-safe."""

    def __init__(self, files: Iterable[LexiconFile] = ()) -> None:
        """If several files contain the same word and scope, the first file takes precedence."""
        # Tables by scope, for entries with signs or digits and for all other entries.
        self._written: dict[str, _Table] = {}
        self._words: dict[str, _Table] = {}
        self.faults: list[Fault] = []
        """The faults in the files. A file whose entries exceed MAX_ENTRIES has a fault at the first ignored entry."""

        self.count = 0
        """Number of entries in use."""

        for file in files:
            self.faults += file.faults
            self._add(file.entries)

    def _add(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if self.count == MAX_ENTRIES:
                reason = f"the lexicons have more than {MAX_ENTRIES} entries; the remaining entries are ignored"
                self.faults.append(Fault(entry.source, entry.line, reason))
                return
            tables = self._written if _SIGN.search(entry.word) else self._words
            self.count += tables.setdefault(entry.scope, _Table()).add(entry)

    @property
    def entries(self) -> Iterator[Entry]:
        """The entries of all scopes, without those that an earlier file overrides."""
        return (
            entry for tables in (self._written, self._words) for table in tables.values() for entry in table.entries
        )

    def find(self, scope: str, word: str) -> Entry | None:
        """Returns the entry for exactly this word and scope, or `None` if there is none."""
        tables = self._written if _SIGN.search(word) else self._words
        table = tables.get(scope)
        return None if table is None else next((entry for entry in table.entries if entry.word == word), None)

    def for_voice(self, language: str, *names: str) -> VoiceLexicon:
        """Returns the entries for a voice that is known under the given names. `language` is a code such as `en_US`.

        The order of precedence is: entries for a name, for the language and region, for the language, for all voices.
        """
        locale = fold(language)
        scopes = dict.fromkeys((*map(fold, names), locale, locale.partition("-")[0], ""))
        written, words = (
            [tables[scope] for scope in scopes if scope in tables] for tables in (self._written, self._words)
        )
        return VoiceLexicon(written, words)
