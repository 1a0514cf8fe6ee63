"""Decides whether a dot belongs to an abbreviation, an initial or an ordinal."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from wyoming_piper_serial.text.abbreviations import Abbreviations, OrdinalRules
from wyoming_piper_serial.text.days import is_day, is_written_as_date
from wyoming_piper_serial.text.versions import BEFORE_VERSION

# Number of characters that are examined before a dot: more than any abbreviation together with the word before it.
_WINDOW = 48

_UNIT = 3  # maximum length of an abbreviation that can also be a unit symbol

# A word together with the letters and dots before it, as in `z. B`, `a.m` or `J.-P`. The pattern is searched backwards,
# because a forward search would have to try each letter of the window as a starting point.
_TOKEN = regex.compile(
    r"(?r)(?<![\p{L}\p{M}.@/\\_#&])(?P<chain>(?:-?\p{L}[\p{L}\p{M}'’-]{0,4}\.[ \u00a0\u202f]?){0,3})"
    r"(?P<word>-?\p{L}[\p{L}\p{M}\u200c\u200d'’-]*[ºª]?)$"
)
_ACRONYM = regex.compile(r"(?:-?\p{L}\.)++-?\p{L}")
_PART = regex.compile(r"[^.]++\.\s?")
_NUMBER_BEFORE = regex.compile(r"(?:\p{Nd}\s?|[°%])$")
_LAST_PART = regex.compile(r"(?<=[-'’])[^-'’]++$")
_SHORT_WORD = regex.compile(r"\p{Lu}\p{L}{0,2}")
_STREET = regex.compile(r"(?<=\p{Ll})(?:str|pl)$")
_INITIAL = regex.compile(r"\p{Lu}\p{M}*+|[[\p{Arabic}\p{Hebrew}]&&\p{Lo}]|[CPST]h|Дж", flags=regex.V1)

# A number of up to three digits, or a date such as `3. 10` or `3.10`.
_ORDINAL = regex.compile(
    r"(?<![\p{L}\p{Nd}.,:;%€$£])(?:(?P<day>\d{1,2})\.(?P<space>\s?)(?P<month>0?[1-9]|1[0-2])|\d{1,3})$"
)
# A year that begins a date, with or without the month.
_YEAR = regex.compile(r"(?<![\p{L}\p{Nd}.,:;%€$£])(?:1[89]|20)\d{2}(?P<month>\.\s?(?:0?[1-9]|1[0-2]))?$")
_ROMAN = regex.compile(r"(?<![\w.-])(?=[XVI]{2})X{0,3}(?:IX|IV|V?I{0,3})$")
_VERSION_BEFORE = regex.compile(rf"{BEFORE_VERSION}$")
_WORD_BEFORE = regex.compile(r"(\p{L}[\p{L}\p{M}'’]*+)\s(?:\d{1,3}\.?[-–/]\s?)?$")

_NEXT_WORD = regex.compile(r"\p{L}[\p{L}\p{M}\u200c\u200d'’]*+")
_NEXT_NUMBER = regex.compile(r"[\p{Nd}\p{N}]++")
_LABEL = regex.compile(r"[A-Z]{1,6}")
_NUMERAL = regex.compile(r"[A-Z]|[IVXLC]{2,6}")
# Units that a number with a smaller unit may follow, as in `1 Std. 30 Min.` and `5 ft. 3 in.`
_LARGE_UNITS = frozenset(
    "h hr hrs std godz ч час год u t tim hod sa min mín m мин хв dk klst ft lb lbs".split()  # noqa: SIM905
)
# Units of time in Slavic languages. After a number with one of them, a capitalized word begins a sentence.
_TIME_UNITS = frozenset(("ч", "мин", "сек", "с", "хв", "godz", "min", "sek"))
_SMALL_UNIT = regex.compile(
    r"\d{1,2}[ \u00a0\u202f]?(?:mins?|m|minut\p{L}*|s|se[ckg]|мин|минут\p{L}*|м|с|сек|хв|dk|sn|mín|in|oz)(?!\p{L})",
    regex.IGNORECASE,
)
_AMOUNT_BEGIN = regex.compile(r"\d{1,2}[ \u00a0\u202f]?\p{L}{0,8}")
# Abbreviations before a number that are not units of a number before them, as in `555-1234 ext. 12` and in Swedish
# `3/10 kl. 18:30`.
_NO_UNITS = frozenset("ext tel fax fig figs vol vols pp nr kl klo plkst".split())  # noqa: SIM905
# Two digits that may be a year, and words that may follow a year in Slavic languages.
_SHORT_YEAR = regex.compile(r"\d\d(?![\p{Nd}%°€$£]|[.,:/]\p{Nd})[ \u00a0\u202f]?(?P<word>\p{L}*+)")
_YEAR_WORDS = frozenset(("г", "года", "р", "року", "r", "roku"))
# A number that is itself part of a reference, as in `art. 5 al. 2`. It does not count what follows.
_REFERENCE = regex.compile(
    r"(?:§{1,2}|(?<!\p{L})(?:(?P<label>\p{L}{1,7})\.|(?i:art|chap|kap|cap|sec|sez|par|rozdz|hoofd|стат|глав|пункт|разд)\p{L}*+))"
    r"[ \u00a0\u202f]?(?:\p{Nd}{1,4}|[IVXLC]{1,6})\p{L}?,?[ \u00a0\u202f]$"
)
# Abbreviations before a number that counts something, as in `env. 5 min.`
_BEFORE_COUNT = frozenset(
    "max min env ca circa approx aprox est avg máx mín ok maks ок макс мин tel tél тел".split()  # noqa: SIM905
)
_COMPANIES = frozenset({"inc", "corp", "ltd", "llc", "gmbh"})
_EXCLAIMED_NAME = regex.compile(r"(?<!\w)\p{Lu}\p{L}*+$")


class Decision(enum.Enum):
    """Whether a punctuation mark ends the sentence."""

    END = "end"
    INSIDE = "inside"
    UNKNOWN = "unknown"
    """More text is needed for a decision."""


class Kind(enum.Enum):
    """The kinds of words and numbers that a dot can belong to."""

    WORD = "word"
    INITIAL = "initial"
    ORDINAL = "ordinal"


@dataclass(frozen=True)
class Dot:
    """What a dot belongs to, and whether it ends the sentence."""

    decision: Decision
    kind: Kind = Kind.WORD
    begin: int = 0
    """The position at which the abbreviation, initial or number begins. 0 if the dot belongs to none of these."""


_END = Dot(Decision.END)


def look_at_dot(text: str, dot: int, next_at: int, abbreviations: Abbreviations, *, complete: bool) -> Dot:
    """Decides whether the dot at `dot` ends the first sentence of `text`.

    Whitespace must follow the dot. `next_at` is the position of the first character of the next word, which could begin
    a sentence. `complete` means that no more text follows.
    """
    begin = max(0, dot - _WINDOW)
    before = text[begin:dot]
    after = _Following(text, next_at, abbreviations, complete=complete)
    if before[-1:].isdecimal():
        found = _ordinal_number(before, after, abbreviations.ordinal)
    else:
        found = _roman_ordinal(before, after, abbreviations.ordinal) or _abbreviation(before, after, abbreviations)
    return _END if found is None else Dot(found.decision, found.kind, begin + found.begin)


def look_at_exclamation(text: str, mark: int, next_at: int, *, complete: bool) -> Decision:
    """Decides whether the exclamation mark at `mark` ends the sentence or belongs to the name of a company, as in
    `Yahoo! Inc`.
    """
    if not _EXCLAIMED_NAME.search(text[max(0, mark - _WINDOW) : mark]):
        return Decision.END
    match = _NEXT_WORD.match(text, next_at)
    word = match[0].lower() if match else ""
    if match and match.end() == len(text) and not complete:
        return Decision.UNKNOWN if any(company.startswith(word) for company in _COMPANIES) else Decision.END
    return Decision.INSIDE if word in _COMPANIES else Decision.END


class _Following:
    """The word or number after a dot."""

    def __init__(self, text: str, at: int, abbreviations: Abbreviations, *, complete: bool) -> None:
        self._text = text
        self._at = at
        self._starters = abbreviations.starters
        match = _NEXT_WORD.match(text, at)
        self._word = match[0] if match else ""
        self._end = at + len(self._word)
        self._whole = complete or self._end < len(text)
        self._complete = complete

    @property
    def is_number(self) -> bool:
        return self._text[self._at].isnumeric()

    @property
    def is_word(self) -> bool:
        return self._word != ""

    @property
    def is_capitalized(self) -> bool:
        return self._word[:1].isupper()

    def is_initial(self) -> bool | None:
        """Returns whether the next word is a single letter with a dot, or `None` if more text is needed."""
        if not _INITIAL.fullmatch(self._word):
            return False
        return self._text[self._end] == "." if self._end < len(self._text) else False if self._complete else None

    def if_joined(self, word: str, abbreviations: Abbreviations) -> Decision:
        """Returns INSIDE if `word` and the single letter after it form an abbreviation, as in `44 a. C.`"""
        token = f"{word}.{self._word}"
        if token not in abbreviations.maybe and token not in abbreviations.always:
            return Decision.END
        initial = self.is_initial()
        return Decision.UNKNOWN if initial is None else Decision.INSIDE if initial else Decision.END

    def unless_new_sentence(self) -> Decision:
        """Returns END if the next word is a number or a word that often begins a sentence."""
        if self.is_number:
            return Decision.END
        initial = self.is_initial()
        word = self._word.lower().replace("’", "'")
        if initial or not word:
            return Decision.INSIDE
        if self._whole and initial is not None:
            return Decision.END if word in self._starters else Decision.INSIDE
        possible = any(starter.startswith(word) for starter in self._starters)
        return Decision.UNKNOWN if possible else Decision.INSIDE

    def if_label(self) -> Decision:
        """Returns INSIDE if a number, a Roman numeral, a single capital letter, a code such as `AA5`, or a sign such as
        a currency sign follows.
        """
        if not self.is_word:
            return Decision.INSIDE
        if not _LABEL.fullmatch(self._word):
            return Decision.END
        if not self._whole:
            return Decision.UNKNOWN
        if self._end < len(self._text) and self._text[self._end].isnumeric():
            return Decision.INSIDE
        is_word = self._word == "I" and "i" in self._starters
        return Decision.INSIDE if _NUMERAL.fullmatch(self._word) and not is_word else Decision.END

    def if_smaller_unit(self) -> Decision:
        """Returns INSIDE if a number with the symbol of a small unit follows."""
        begin = _AMOUNT_BEGIN.match(self._text, self._at)
        if begin and begin.end() == len(self._text) and not self._complete:
            return Decision.UNKNOWN
        return Decision.INSIDE if _SMALL_UNIT.match(self._text, self._at) else Decision.END

    def if_year(self) -> Decision:
        """Returns INSIDE if a number with at least four digits follows."""
        match = _NEXT_NUMBER.match(self._text, self._at)
        if match is None or len(match[0]) >= 4:
            return Decision.END if match is None else Decision.INSIDE
        return Decision.END if self._complete or match.end() < len(self._text) else Decision.UNKNOWN

    def if_short_year(self) -> Decision:
        """Returns INSIDE if a year with two digits follows, and neither a unit nor a noun follows the year."""
        match = _SHORT_YEAR.match(self._text, self._at)
        if match is None:
            return Decision.END
        word, known = match["word"].lower(), self._starters | _YEAR_WORDS
        if match.end() == len(self._text) and not self._complete:
            return Decision.UNKNOWN if any(one.startswith(word) for one in known) else Decision.END
        return Decision.INSIDE if not word or word in known else Decision.END

    def if_date(self, *, is_month: bool) -> Decision:
        """Returns INSIDE if the next number continues a date: `10.` in `3. 10.`, or `2026` in `3. 10. 2026`. `is_month`
        says that the number before the dot is a month, so that a year may follow.
        """
        if is_month:
            return Decision.INSIDE
        match = _NEXT_NUMBER.match(self._text, self._at)
        if match is None or len(match[0]) > 2:
            return Decision.END
        if match.end() == len(self._text):
            return Decision.END if self._complete else Decision.UNKNOWN
        return Decision.INSIDE if self._text[match.end()] == "." else Decision.END

    def if_ordinal(self, rules: OrdinalRules, *, counted: bool) -> Decision:
        """Returns INSIDE if the number before the dot is an ordinal. `counted` says whether an article or another
        determiner precedes the number.
        """
        word = self._word.lower()
        if word.startswith(rules.before):
            return Decision.INSIDE
        if not self._whole and any(part.startswith(word) for part in rules.before):
            return Decision.UNKNOWN
        return self.unless_new_sentence() if counted else Decision.END


def _ordinal_number(before: str, after: _Following, rules: OrdinalRules | None) -> Dot | None:
    year = _YEAR.search(before) if rules and rules.year_first and after.is_number else None
    if year:
        return Dot(after.if_date(is_month=year["month"] is not None), Kind.ORDINAL, year.start())
    match = _ORDINAL.search(before) if rules else None
    if rules is None or match is None or (match["day"] and _VERSION_BEFORE.search(before[: match.start()])):
        return None
    if after.is_number:
        decision = after.if_date(is_month=match["day"] is not None)
    elif after.is_word:
        counter = _WORD_BEFORE.search(before[: match.start()])
        counted = counter is not None and counter[1].lower() in rules.after
        # Without a word before it, `21.5` is a decimal number rather than a date.
        is_date = match["day"] is not None and (
            is_day(match["day"], match["month"])
            and is_written_as_date(match["day"], match["month"], is_spaced=match["space"] != "")
        )
        decision = after.if_ordinal(rules, counted=counted or is_date)
    else:
        return None
    return Dot(decision, Kind.ORDINAL, match.start())


def _roman_ordinal(before: str, after: _Following, rules: OrdinalRules | None) -> Dot | None:
    """Examines a dot after the regnal number of a king or pope, as in `Ludwig XIV. König`."""
    match = _ROMAN.search(before) if rules else None
    if match is None or not after.is_word:
        return None
    return Dot(after.unless_new_sentence(), Kind.ORDINAL, match.start())


def _abbreviation(before: str, after: _Following, abbreviations: Abbreviations) -> Dot | None:
    match = _TOKEN.search(before)
    if match is None:
        return None
    chain, word = match["chain"], match["word"]
    for begin in _suffixes(chain):
        token = "".join(chain[begin:].split()) + word
        decision = _dotted(token, after, abbreviations, spaced=" " in chain[begin:])
        if decision is not None:
            return Dot(decision, begin=match.start() + begin)
    if chain and not (chain[-1].isspace() or word[0] == "-"):
        return None
    begin = match.start("word")
    counts = not chain and _NUMBER_BEFORE.search(before[:begin]) is not None
    counts = counts and not _ends_with_reference(before[:begin], abbreviations)
    return _word(word, begin, after, abbreviations, counts=counts)


def _ends_with_reference(before: str, abbreviations: Abbreviations) -> bool:
    """Returns whether `before` ends with a number that is part of a reference, as in `art. 5`."""
    match = _REFERENCE.search(before)
    if match is None:
        return False
    label = match["label"]
    return label is None or (label in abbreviations.number and label.lower() not in _BEFORE_COUNT)


def _word(word: str, begin: int, after: _Following, abbreviations: Abbreviations, *, counts: bool) -> Dot | None:
    """Examines the dot after a word that begins at `begin` and contains no other dots."""
    joined = after.if_joined(word, abbreviations)
    if joined is not Decision.END:
        return Dot(joined, begin=begin)
    if counts and after.is_number and word.casefold() in _LARGE_UNITS:
        joined = after.if_smaller_unit()
        if joined is not Decision.END:
            return Dot(joined, begin=begin)
    if counts and word in _TIME_UNITS and after.is_capitalized:
        return Dot(Decision.END, begin=begin)
    if not abbreviations.known and _SHORT_WORD.fullmatch(word):
        return Dot(Decision.INSIDE, Kind.INITIAL, begin)
    for token in dict.fromkeys((word.lstrip("-"), *_LAST_PART.findall(word))):
        kind = Kind.INITIAL if _INITIAL.fullmatch(token) or token in abbreviations.names else Kind.WORD
        decision = _undotted(token, kind, after, abbreviations, counts=counts)
        if decision is not None:
            return Dot(decision, kind, begin + len(word) - len(token))
    return None


def _suffixes(chain: str) -> Iterator[int]:
    """Yields the positions in `chain` at which an abbreviation may begin."""
    begin = 0
    for part in _PART.finditer(chain):
        if part.start() == 0 or chain[part.start() - 1].isspace():
            begin = part.start()
            yield begin


def _dotted(token: str, after: _Following, abbreviations: Abbreviations, *, spaced: bool) -> Decision | None:
    """Decides whether the last dot of an abbreviation with inner dots ends the sentence.

    Returns `None` if `token` is not an abbreviation. Single letters separated only by dots, as in `U.S.`, are always
    treated as an abbreviation.
    """
    if token in abbreviations.ends:
        return Decision.END
    if token in abbreviations.always:
        return Decision.INSIDE
    if token in abbreviations.maybe or (not spaced and _ACRONYM.fullmatch(token)):
        return after.unless_new_sentence()
    return None


def _undotted(
    token: str, kind: Kind, after: _Following, abbreviations: Abbreviations, *, counts: bool
) -> Decision | None:
    """Decides whether the dot after an abbreviation without inner dots ends the sentence.

    Returns `None` if `token` is not an abbreviation. `counts` says whether a number precedes the abbreviation, which
    may then be a unit.
    """
    always = token in abbreviations.always
    maybe = token in abbreviations.maybe or kind is Kind.INITIAL or (counts and token in abbreviations.counted)
    if token in abbreviations.ends:
        return Decision.END
    if token in abbreviations.number and (after.is_number or not always):
        is_unit = counts and not token[0].isupper() and token not in _NO_UNITS
        decision = after.if_year() if is_unit else after.if_label()
        if is_unit and decision is not Decision.INSIDE and token in abbreviations.months:
            decision = after.if_short_year()
        if decision is not Decision.END or not maybe:
            return decision
    if counts and (kind is Kind.INITIAL or (always and len(token) <= _UNIT)):
        # The token may be a unit, as in `5 C.` or `5 s.`
        return after.unless_new_sentence() if always or token in abbreviations.maybe else Decision.END
    if always:
        return Decision.INSIDE
    if not maybe and (street := _STREET.search(token)) and "-" + street[0] in abbreviations.number:
        return after.if_label()
    return after.unless_new_sentence() if maybe else None
