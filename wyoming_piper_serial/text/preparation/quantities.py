"""Core rules for all languages, built from language data: numbers with signs, units and percent signs."""

from collections.abc import Sequence

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import CORE_END, CORE_START, SPACE, UNSPACED, any_of
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.number import MAX_DIGITS, RUN, Number
from wyoming_piper_serial.text.preparation.passage import AMOUNTS, DIGITS, RANGES, Match, Rule

_CLOSERS = " \u00a0)]}\"'”’»"
# A sign before a number, unless a word or another number directly precedes it. An en dash after a number and a space
# indicates a range. In Hebrew, a hyphen joins a short word to the number.
SIGN = (
    rf"(?:(?:(?<![^\s(\[{{\"“„«‹‘:=<>≤≥~≈|…、，。：（「；{UNSPACED}])(?:\+/-{SPACE}?|\+-|[-+]|(?<![0-9]{SPACE})–)"
    rf"|(?<=\p{{Hebrew}}-)-|(?:(?<=[0-9]{SPACE}?)|(?<![\p{{L}}\p{{N}}]))[−±]{SPACE}?)(?=[\p{{Sc}}\p{{L}}]{{0,3}}{SPACE}?[0-9]))"
)
# Each number that `numbers` rewrites contains at least one of these characters.
_SIGNS_AND_SEPARATORS = "-−–+±.,'’ \u00a0\u2009\u202f"
# Languages without rules of their own in which espeak-ng reads a hyphen between two numbers as "minus".
_SPOKEN_HYPHEN = {"bn", "el", "hu", "lb", "ne", "uk"}
_PART_OF_RANGE = r"[0-9]{1,4}(?:[.,][0-9]{1,2})?"
_RANGE = lazy(
    rf"(?<=(?<![\p{{L}}\p{{N}}_./,:-])(?P<low>{_PART_OF_RANGE}))-(?=(?P<high>{_PART_OF_RANGE}){SPACE}?[\p{{L}}%°\p{{Sc}}])"
)
_PLUS_MINUS = {"±", "+-", "+/-"}
_BETWEEN = lazy(r"(?<=[0-9])[−±](?=[0-9])")
_NUMBER_FOLLOWS = lazy(rf"{SPACE}[0-9(]")
_JOINED_BEFORE = lazy(r"[0-9][-–/+^]")
_JOINED_AFTER = lazy(r"[-–/][0-9]")
_GROUP_FOLLOWS = lazy(r" [0-9]")
_DOT_FOLLOWS = lazy(r"\.\s*[^\s\"'»”)]")


def signed(locale: Locale, sign: str | None, text: str) -> str:
    """Returns `text` preceded by the word for `sign`, which is the text that `SIGN` matched, if any."""
    if not sign:
        return text
    sign = sign.strip()
    word = locale.plus if sign == "+" else locale.plus_minus if sign in _PLUS_MINUS else locale.minus
    return f"{word}{locale.data['space']}{text}"


def with_end(match: Match, text: str) -> str:
    """Returns `text`, with a dot added if the match includes the dot of an abbreviation such as `Std.` at the end of
    the sentence.
    """
    return f"{text}." if match[0].endswith(".") and not match.string[match.end() :].strip(_CLOSERS) else text


def quantities(locale: Locale) -> Sequence[Rule]:
    """Returns the rules for numbers with units."""
    return _Quantities(locale).rules()


class _Quantities:
    def __init__(self, locale: Locale) -> None:
        self._locale = locale
        self._symbols = locale.symbols

    def rules(self) -> list[Rule]:
        one = any_of(self._symbols.all, space=" ")
        slash = rf"{SPACE}?[/∕]{SPACE}?"
        # `-f` selects simple case folding. Full case folding, which treats `ß` and `ss` as equal, takes ten times as
        # long to compile.
        behind = rf"(?P<space>{SPACE}?|-)(?P<unit>(?i-f:{one}))(?:{slash}(?P<per>(?&unit)))?{CORE_END}"
        number = rf"(?<![0-9]|\p{{Sc}}{SPACE}?)(?P<number>{RUN})"
        rules = [
            Rule(
                lazy(rf"{CORE_START}(?P<sign>{SIGN})?{number}{behind}", regex.V1),
                self._with_unit,
                (*AMOUNTS, self._symbols.may_follow_number),
            )
        ]
        if str(self._locale.data["units"].get("%", "")).startswith(("y", "e")) or self._locale.language in {"tr", "eu"}:
            outer, inner = rf"(?P<sign>{SIGN}|(?<![^\s(])[-−](?=%))?", "(?P<inner>[-−](?=[0-9]))?"
            pattern = rf"{CORE_START}{outer}(?P<unit>%){SPACE}?{inner}(?P<number>{RUN}){CORE_END}"
            rules.insert(0, Rule(lazy(pattern, regex.V1), self._with_percent, "%"))
        return rules

    def _with_unit(self, match: Match) -> str | None:
        number = self._locale.separators.parse(match["number"], has_unit=True)
        known = self._symbols.unit(match["unit"])
        if known is None:
            return None
        unit, per = known
        amount = number or _last_number(match["number"])
        after = match.string[match.end() : match.end() + 8]
        is_attached = match["space"] != " " and not match["space"].isspace()
        is_compound = bool(match["per"] or per)
        if not is_compound and not self._symbols.is_settled(
            match["unit"], amount, is_attached=is_attached, after=after
        ):
            return None
        if match["per"]:
            found = self._symbols.unit(match["per"])
            if found is None or found[1] or not self._locale.has_per(found[0]):
                return None
            per = found[0]
        is_adjective = match["space"] == "-" and self._locale.language == "en"  # as in "a 5-kilometer run"
        spoken = self._locale.spoken(number) if number else match["number"]
        text = self._locale.counted(unit, Number("1") if is_adjective else amount, spoken)
        if per:
            text = self._locale.rate(per, text)
        return with_end(match, signed(self._locale, match["sign"], text))

    def _with_percent(self, match: Match) -> str | None:
        number = self._locale.separators.parse(match["number"], has_unit=True)
        sign = match["sign"] or match["inner"]
        return number and signed(self._locale, sign, self._locale.counted("%", number))


def _last_number(run: str) -> Number:
    """Returns the last group of digits in a sequence that is not a single number. This group determines the form of the
    unit.

    A long group is replaced with a shorter number that has the same plural form, because Python refuses to convert
    thousands of digits.
    """
    last = regex.split(r"\D", run)[-1]
    return Number(last if len(last) <= MAX_DIGITS else f"1{last[-MAX_DIGITS:]}")


def _with_dash(match: Match) -> str | None:
    """Returns an en dash, which espeak-ng does not read, if the numbers form a range."""
    low, high = (float(match[name].replace(",", ".")) for name in ("low", "high"))
    return "–" if low < high else None


def numbers(locale: Locale) -> Sequence[Rule]:
    """Returns the rules for numbers without a unit, and for signs that no other rule handles."""
    words = locale.data["clock"]
    clock = None
    if words:
        one = any_of(words, space=" ")
        clock = lazy(rf"(?:.*\W)?(?i:{one})\W[0-2]?[0-9]\.[0-5][0-9]", regex.DOTALL)

    def replaced(match: Match) -> str | None:
        run, sign = match["number"], match["sign"]
        if not sign and run.isdigit():
            return None
        start, end = match.span()
        before, after = match.string[max(0, start - 2) : start], match.string[end : end + 3]
        if sign == "+" and ((len(run) > 4 and run.isdigit()) or _NUMBER_FOLLOWS.match(after)):
            return None  # a telephone number
        if run.isdigit() and (_JOINED_BEFORE.fullmatch(before) or _JOINED_AFTER.match(after)):
            return None  # part of a date or a telephone number
        is_telephone = " " in run and _GROUP_FOLLOWS.match(after)  # groups of different lengths
        is_date = run.count(".") == 1 and _DOT_FOLLOWS.match(after)  # such as `3.10.`
        if is_telephone or is_date:
            return None
        start, end = match.span("number")
        if clock and clock.fullmatch(match.string, max(0, start - 12), end):
            return None
        number = locale.separators.parse(run)
        text = run if number is None else locale.spoken(number)
        return None if text == run and not sign else signed(locale, sign, text)

    pattern = rf"{CORE_START}(?P<sign>{SIGN})?(?<![0-9])(?P<number>{RUN})(?![_:/])"
    return [
        *([Rule(_RANGE, _with_dash, RANGES)] if locale.language in _SPOKEN_HYPHEN else []),
        Rule(_BETWEEN, lambda match: f" {signed(locale, match[0], '').strip()} ", "±−"),
        Rule(lazy(pattern, regex.V1), replaced, (DIGITS, _SIGNS_AND_SEPARATORS)),
    ]
