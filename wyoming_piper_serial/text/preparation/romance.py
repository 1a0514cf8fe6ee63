"""Builders for rules that French, Spanish, Italian and Portuguese share. Each builder is given the words of one
language.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import NamedTuple

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import CORE_END, CORE_START, END, SPACE, START, any_of, roman_value
from wyoming_piper_serial.text.preparation.conditions import (
    follows_number,
    has_fraction,
    number_precedes,
    precedes_number,
)
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.number import FRACTION_SIGNS, RUN, proper_fraction
from wyoming_piper_serial.text.preparation.passage import (
    AMOUNTS,
    COUNTS,
    DIGITS,
    RANGES,
    Match,
    Rule,
    has_digits,
    has_letter,
)
from wyoming_piper_serial.text.preparation.quantities import SIGN, signed

# Units that may follow a fraction.
_UNITS_OF_FRACTIONS = ("kg", "g", "l", "L", "dl", "cl", "ml", "km", "m", "cm", "h", "lb", "oz", "tsp", "tbsp")
_NO_NOUNS = {"para", "cada", "hasta", "contra", "pela", "sobra", "della", "alla", "dalla", "nella", "senza", "circa"}
_DIGITS_OF_AGREEMENT = r"[1-9][0-9]{0,8}"


class Fraction(NamedTuple):
    """A proper fraction with an optional whole number before it, such as 1 1/2."""

    whole: int
    """0 if there is none."""

    numerator: int
    denominator: int
    noun: str
    """The word after the fraction, or the singular name of the unit. Empty if there is neither."""

    is_unit: bool
    """Whether `noun` replaces a unit symbol, which is part of the match."""


def fractions(locale: Locale, say: Callable[[Fraction], str | None], symbols: Mapping[str, str]) -> list[Rule]:
    """Returns rules for proper fractions such as `1/2 kg`, `1 1/2`, `¾` and `1½`.

    `say` returns the words for the fraction. If a unit symbol follows, they include the name of the unit. `symbols`
    contains the singular names of additional units.
    """
    names = {
        symbol: locale.counted("l" if symbol == "L" else symbol, 1, "").strip()
        for symbol in _UNITS_OF_FRACTIONS
        if locale.has_unit("l" if symbol == "L" else symbol)
    }
    names |= symbols

    def replace(match: Match) -> str | None:
        fields = match.groupdict()
        values = proper_fraction(fields)
        if values is None:
            return None
        unit = fields["unit"]
        noun = names[regex.sub(r"\s", " ", unit)] if unit else fields["noun"] or ""
        return say(Fraction(int(fields["whole"] or 0), *values, noun, bool(unit)))

    # The dot of an abbreviation such as `cda.` is part of the unit. Any other dot remains, so it can end the sentence.
    unit = rf"(?:{SPACE}?(?P<unit>{any_of(names)})(?:(?<=\.)|(?![\p{{L}}\p{{N}}./])|(?=\.(?!\p{{L}}))))?"
    behind = rf"{unit}(?={SPACE}(?P<noun>\p{{Ll}}+))?"
    slash = (
        rf"{START}(?:(?P<whole>[0-9]{{1,4}}){SPACE})?(?P<numerator>[0-9]{{1,2}})[/⁄](?P<denominator>[0-9]{{1,3}})"
        rf"{END}{behind}"
    )
    sign = rf"{START}(?:(?P<whole>[0-9]{{1,4}}){SPACE}?)?(?P<sign>[{''.join(FRACTION_SIGNS)}]){behind}"
    return [
        Rule(lazy(slash), replace, ("/⁄", has_fraction)),
        Rule(lazy(sign), replace, "".join(FRACTION_SIGNS)),
    ]


class Money(NamedTuple):
    """An amount of money with two decimal places."""

    units: int
    hundredths: int
    currency: str
    """The ISO 4217 code."""


def money(locale: Locale, names: Mapping[str, str], say: Callable[[Money], str]) -> list[Rule]:
    """Returns rules for amounts with two decimal places, such as `5,99 €`, `$1,234.50` and `0,30 €/kWh`.

    `names` maps additional currency names to ISO 4217 codes. `say` returns the words for an unsigned amount.
    """
    codes = {**locale.currency_codes, **names}
    currency = f"(?P<currency>{any_of(codes)})"
    per_units = [unit for unit in locale.data["per"] if len(unit) < 5]
    per = rf"(?:{SPACE}?/{SPACE}?(?P<per>{any_of(per_units)}))?"

    def replace(match: Match) -> str | None:
        number = locale.separators.parse(match["number"], is_price=True)
        if number is None or len(number.fraction) != 2:
            return None
        text = say(Money(int(number.integer), int(number.fraction), codes[match["currency"]]))
        if match["per"]:
            text = locale.per(match["per"], text)
        return signed(locale, match["sign"] or match["inner"], text)

    inner = rf"{SPACE}?(?P<inner>[-−–](?=[0-9]))?"
    number, end = rf"(?P<number>{RUN})", CORE_END
    ahead = rf"(?<![\p{{L}}\p{{N}}_])(?P<sign>{SIGN})?{currency}{inner}{number}{per}{end}"
    behind = rf"{CORE_START}(?P<sign>{SIGN})?(?P<inner>(?!))?{number}{SPACE}?{currency}{per}{end}"
    needs = (has_digits(3), ".,", *AMOUNTS)
    rules = [
        Rule(lazy(ahead, regex.V1), replace, (*needs, precedes_number(codes))),
        Rule(lazy(behind, regex.V1), replace, (*needs, follows_number(codes))),
    ]
    return rules if locale.data["sign_first"] else rules[::-1]


def scaled_money(locale: Locale, scales: Mapping[str, str]) -> list[Rule]:
    """Returns rules for amounts with a letter for thousands or millions, such as `3 M€` and `$5M`.

    `scales` maps each abbreviation to its singular and plural, such as `million|millions`, or to a single word.
    """
    codes = {sign: code for sign, code in locale.data["signs"].items() if len(sign) < 4} | {"EUR": "EUR", "USD": "USD"}
    currency, scale = f"(?P<currency>{any_of(codes)})", f"(?P<scale>{any_of(scales)})"

    def replace(match: Match) -> str | None:
        number = locale.separators.parse(match["number"], is_price=True)
        if number is None:
            return None
        word, code = scales[match["scale"]], codes[match["currency"]]
        singular, _, plural = word.partition("|")
        is_one = locale.plurals.category(number) == "one"
        amount = f"{locale.spoken(number)} {singular if is_one or not plural else plural}"
        text = locale.scaled_currency(code, amount) if plural else locale.currency(code, 1000, amount)
        return signed(locale, match["sign"], text)

    number = rf"(?P<number>{RUN})"
    ahead = rf"(?<![\p{{L}}\p{{N}}_])(?P<sign>{SIGN})?{currency}{SPACE}?{number}{SPACE}?{scale}{CORE_END}"
    behind = rf"{CORE_START}(?P<sign>{SIGN})?{number}{SPACE}?{scale}{SPACE}?{currency}{CORE_END}"
    return [
        Rule(lazy(ahead, regex.V1), replace, (*COUNTS, precedes_number(codes))),
        Rule(lazy(behind, regex.V1), replace, (*COUNTS, follows_number(scales))),
    ]


def agreement(
    locale: Locale,
    say: Callable[[int, str, bool], str | None],
    *,
    masculine: Iterable[str],
    feminine: Iterable[str],
    digits: str = _DIGITS_OF_AGREEMENT,
) -> Rule:
    """Returns the rule for numbers that agree with the following noun, as in `21 horas`.

    `masculine` and `feminine` contain nouns in the singular and plural. Units and currencies in the language data are
    masculine unless `feminine` contains them. `say` receives the number, the noun and whether the noun is feminine. It
    returns the numeral with the space after it, if any, or `None` to keep the number. `digits` is a pattern for the
    numbers that agree with the noun.
    """
    nouns = dict.fromkeys((*_nouns_of_data(locale), *masculine), False) | dict.fromkeys(feminine, True)

    def replace(match: Match) -> str | None:
        noun = match["noun"]
        return say(int(match["number"]), noun, nouns[noun.casefold()])

    noun = rf"(?=(?P<noun>(?i:{any_of(nouns)}))(?![\p{{L}}\p{{N}}]))"
    return Rule(lazy(rf"{START}(?P<number>{digits})(?![0-9]){SPACE}{noun}"), replace, (*COUNTS, number_precedes(nouns)))


def _nouns_of_data(locale: Locale) -> set[str]:
    found: set[str] = set()
    for table in (locale.data["units"], locale.data["currencies"]):
        for forms in table.values():
            for form in (forms,) if isinstance(forms, str) else forms:
                first = form.replace("{0}", "").split()[0]
                if len(first) > 1 and first.isalpha():
                    found.add(first.casefold())
    return found - {"por", "pour", "per", "percento", "de", "di", "mil", "mila"}


def romans(
    say: Callable[[int], str],
    *,
    rulers: Mapping[str, bool],
    say_ruler: Callable[[int, bool], str],
    before: str,
    after: str,
    say_before: Callable[[int, bool], str],
) -> list[Rule]:
    """Returns rules for Roman numerals.

    `rulers` maps the names of kings, queens and popes to whether the name is feminine. After these names, even a single
    letter is a numeral. The patterns `before` and `after` match words around other numerals, such as `capítulo` and
    `edición`. The callbacks return the words for a numeral, depending on its context:

    - `say_ruler` after a name in `rulers`;
    - `say` after a word that matches `before`, or after any other name;
    - `say_before` before a word that matches `after`. Its second argument says whether the group `feminine` of the
      pattern `after` matched.
    """
    numeral = "(?P<numeral>[IVX]{1,7})"
    end = r"(?![\p{L}\p{N}]|['’-]\p{L}|\.\p{L})"
    many = rf"(?=[IVX]{{2}}){numeral}"

    def replace(match: Match) -> str | None:
        value = roman_value(match["numeral"])
        return None if value is None else say(value)

    def ruler(match: Match) -> str | None:
        value = roman_value(match["numeral"])
        return None if value is None else say_ruler(value, rulers[match["name"].casefold()])

    def counted(match: Match) -> str | None:
        value = roman_value(match["numeral"])
        return None if value is None else say_before(value, match["feminine"] is not None)

    known = any_of(rulers)
    return [
        Rule(lazy(rf"(?<=(?<!\p{{L}})(?P<name>(?i:{known})){SPACE}){numeral}{end}(?!\.{SPACE}\p{{Lu}})"), ruler, "IVX"),
        Rule(lazy(rf"(?<=(?<!\p{{L}})(?i:{before}){SPACE}){numeral}{end}"), replace, "IVX"),
        Rule(
            lazy(rf"(?<![\p{{L}}\p{{N}}.-]){numeral}(?:[.]?[ºª°])?(?={SPACE}(?i:{after})(?!\p{{L}}))"), counted, "IVX"
        ),
        Rule(lazy(rf"(?<=(?<!\p{{L}})\p{{Lu}}\p{{Ll}}{{2,20}}{SPACE}){many}{end}"), replace, "IVX"),
    ]


def counted_noun(noun: str, number: int, known: Container[str]) -> str:
    """Returns `noun` in the singular if `number` is 1, otherwise in the plural. `known` contains singular nouns."""
    first, space, rest = noun.partition(" ")
    if number == 1:
        forms = [form for form in (first.removesuffix("s"), first.removesuffix("es")) if form in known]
        return (forms[0] if forms and first.endswith("s") else first) + space + rest
    return first + ("" if first.endswith("s") else "s") + space + rest


def leading_points(locale: Locale) -> Rule:
    """Returns the rule for numbers without an integer part, such as `.5`. The rule is applied after the core rules."""
    pattern = r"(?<![\p{L}\p{N}.,:/])\.(?=[0-9]{1,9}(?!\.?[0-9]))"
    return Rule(lazy(pattern), lambda _: f"0{locale.data['spoken_decimal']}", (".", DIGITS))


def apart(rule: Rule) -> Rule:
    """Returns a variant of `rule` that adds a space if a digit directly follows the match, as in `p.12`."""

    def replace(match: Match) -> str | None:
        words = rule.replace(match)
        return words + " " if words and match.string[match.end() : match.end() + 1].isdigit() else words

    return Rule(rule.pattern, replace, rule.needs)


def number_signs(words: str) -> Rule:
    """Returns the rule that replaces a sign such as `n°` directly before a number with `words`. The rule is applied
    after the core rules.
    """
    return Rule(lazy(r"(?<![\p{L}\p{N}])[nN]\.?[°ºo]\.?(?=[0-9])"), lambda _: f"{words} ", COUNTS)


def no_name_before() -> str:
    """Returns a lookbehind that fails after a name, where a letter with a dot is an initial."""
    return rf"(?<!(?<!\p{{L}})\p{{Lu}}\p{{Ll}}{{1,15}}{SPACE}|\p{{Lu}}\.{SPACE}?)"


def lone_currency(locale: Locale) -> Rule:
    """Returns the rule for a currency sign after a word, as in `5 milioni di €`."""
    signs = {sign: code for sign, code in locale.data["signs"].items() if len(sign) == 1}
    pattern = rf"(?<=\p{{L}}{SPACE}|\p{{L}}['’])(?P<sign>{any_of(signs)})(?!{SPACE}?[\p{{L}}\p{{N}}])"
    return Rule(
        lazy(pattern), lambda match: locale.currency(signs[match["sign"]], 2, "").strip(), ("".join(signs), has_letter)
    )


def times_sign(by: str, times: str) -> list[Rule]:
    """Returns rules that read `x` as `by` between dimensions, as in `20x30 cm`, and as `times` after a number, as in
    `4x`.
    """
    size = r"(?<=(?:(?<![\p{L}\p{N}/_])|(?<=[0-9]x))[0-9]{1,6}(?:[.,][0-9]{1,3})?)(?<!(?<![0-9])0)"
    unit = rf"(?<=[0-9]{SPACE}?(?:mm|cm|m))"
    between = rf"(?:{size}|{unit}(?={SPACE})){SPACE}?x{SPACE}?(?=[0-9]{{1,6}}(?![\p{{L}}]{{3}}|{SPACE}?=))"
    # In a formula such as `x² + 2x = 0`, `x` is a variable.
    no_term = rf"(?<!(?:[=+*/<>≤≥≠≈÷×√(−]|{SPACE}[-–]){SPACE}?[0-9]{{1,6}})"
    behind = (
        rf"{size}{no_term}(?<!(?<![0-9.,])1)x(?![\p{{L}}\p{{N}}²³_^-])(?!{SPACE}?[=+*/<>≤≥≠≈÷×−]|{SPACE}[-–]{SPACE})"
    )
    spaced = rf"{size}{no_term}{SPACE}x(?={SPACE}\p{{Ll}}{{2}})"
    return [
        Rule(lazy(spaced), lambda _: f" {times}", COUNTS),
        Rule(lazy(between), lambda _: f" {by} ", COUNTS),
        Rule(lazy(behind), lambda _: f" {times}", COUNTS),
    ]


def not_counted(locale: Locale, rules: Iterable[Rule], nouns: Iterable[str]) -> list[Rule]:
    """Returns variants of rules for codes that skip a number before a known noun or unit, because it is not a code."""
    symbols = any_of(set(locale.data["units"]) - {"in", "ha", "mi"})
    words = any_of({*_nouns_of_data(locale), *nouns})
    counted = lazy(rf"{SPACE}?(?:(?i:{words})|{symbols})(?!\p{{L}})")

    def unless_counted(rule: Rule) -> Rule:
        return Rule(
            rule.pattern,
            lambda match: None if counted.match(match.string, match.end()) else rule.replace(match),
            rule.needs,
        )

    return [unless_counted(rule) for rule in rules]


def hour_ranges(to: str) -> list[Rule]:
    """Returns the rule that replaces the dash in ranges of hours with `to`, as in `9h-18h`."""
    before, after = r"(?<=[0-9]{1,2}[ \u00a0]?h(?:[0-5][0-9])?)", r"(?=[0-9]{1,2}[ \u00a0]?h)"
    return [Rule(lazy(rf"{before}{SPACE}?[-–]{SPACE}?{after}"), lambda _: f" {to} ", RANGES)]


def parts_of(words: str, of: str) -> list[Rule]:
    """Returns the rule that replaces the slash in texts such as `page 1/3` with `of`. `words` is a pattern for the word
    before the numbers.
    """
    before = rf"(?<=(?<!\p{{L}})(?i:{words}){SPACE}[0-9]{{1,3}})"
    return [Rule(lazy(rf"{before}/(?=[0-9]{{1,3}}(?![\p{{N}}/]))"), lambda _: f" {of} ", "/")]


def periods(locale: Locale, words: Mapping[str, str]) -> list[Rule]:
    """Returns the rule for a slash before a period of time, as in `5 €/mois` and `2 fois/jour`. `words` maps the names
    of periods to unit keys.
    """
    before = rf"(?<=[0-9]{SPACE}?[\p{{L}}€$£]{{0,8}})"
    pattern = rf"{before}{SPACE}?/{SPACE}?(?P<period>{any_of(words)})(?![\p{{L}}/])"
    return [Rule(lazy(pattern), lambda match: locale.per(words[match["period"]], ""), "/")]


def is_feminine_noun(noun: str, feminine: Container[str], masculine: Container[str]) -> bool:
    """Returns whether a noun is feminine. A noun that is in neither list is feminine if it has more than three letters,
    ends in "a" or "as", and is not in `_NO_NOUNS`.
    """
    if noun in feminine or noun in masculine:
        return noun in feminine
    return len(noun) > 3 and noun.endswith(("a", "as")) and noun not in _NO_NOUNS


def eras(before: str, after: str) -> list[Rule]:
    """Returns the rule for BC and AD after a year, as in `44 a. C.`, so that the `a` is not read as a unit."""

    def era(match: Match) -> str:
        return (before if match["letter"] in "aA" else after) + ("." if match.end() == len(match.string) else "")

    pattern = rf"(?<=[0-9IVXL]{SPACE}?)(?P<letter>[aAdD])\.{SPACE}?(?:de{SPACE})?C\.(?!\p{{L}})"
    return [Rule(lazy(pattern), era, "C")]


def unit_dots() -> Rule:
    """Returns the rule that removes the dot after a number and a unit symbol if the sentence continues."""
    units = "min|h|hs|hrs|s|seg|sec|kg|g|gr|l|ml|cl|dl|km|m|cm|mm"
    return Rule(lazy(rf"(?<=[0-9]{SPACE}?(?:{units}))\.(?={SPACE}?[\p{{Ll}}\p{{N}},;:)])"), lambda _: "", COUNTS)


def after_number() -> str:
    """Returns a lookbehind for a number other than 1, after which an abbreviation is in the plural, as in `5 pers.`."""
    return rf"(?<=[0-9]{SPACE}?)(?<!(?<![0-9.,])1{SPACE}?)"


def flights(context: str, digits: Sequence[str]) -> list[Rule]:
    """Returns the rule that spells out flight numbers such as `AF1234` after a word that matches `context`."""
    code = r"(?P<airline>[A-Z]{2}|[A-Z][0-9]|[0-9][A-Z])[ \u00a0-]?(?P<number>[0-9]{3,4})"

    def replace(match: Match) -> str:
        code = match["airline"] + match["number"]
        return " ".join(digits[int(character)] if character.isdigit() else character for character in code)

    return [Rule(lazy(rf"(?<=(?<!\p{{L}})(?i:{context}){SPACE}){code}(?![\p{{L}}\p{{N}}])"), replace, COUNTS)]


def formulas(digits: Sequence[str]) -> list[Rule]:
    """Returns the rules that spell out chemical formulas such as `CO2`. The digit becomes a word, because a number may
    follow, as in `CO2 650 ppm`.
    """
    signs = {"₂": "2", "₃": "3", "₄": "4"}
    patterns = r"(?<![\p{L}\p{N}])(?P<letters>CO|NO|SO|O|NH|CH|H)(?P<digit>[2-4₂₃₄])(?P<last>O?)(?![\p{L}\p{N}])"

    def replace(match: Match) -> str | None:
        if (match["letters"] == "H") != bool(match["last"]):
            return None
        digit = digits[int(signs.get(match["digit"], match["digit"]))]
        return " ".join([*match["letters"], digit, *match["last"]])

    return [Rule(lazy(patterns), replace, "234₂₃₄")]
