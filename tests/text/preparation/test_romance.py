"""Rules shared by the Romance languages use the words of the language for which they are built."""

import pytest
import regex

from wyoming_piper_serial.text.preparation.builders import abbreviations
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Passage, Rule, Rules
from wyoming_piper_serial.text.preparation.romance import (
    Fraction,
    Money,
    after_number,
    agreement,
    apart,
    counted_noun,
    eras,
    flights,
    formulas,
    fractions,
    hour_ranges,
    is_feminine_noun,
    leading_points,
    lone_currency,
    money,
    no_name_before,
    not_counted,
    number_signs,
    parts_of,
    periods,
    romans,
    scaled_money,
    times_sign,
    unit_dots,
)

_SPANISH = Locale.of("es")


def _applied(text: str, *rules: Rule, rewrites_words: bool = False) -> str:
    passage = Passage(text)
    Rules(*rules).apply(passage, rewrites_words=rewrites_words)
    return passage.text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1/2 kg", Fraction(0, 1, 2, "kilogramo", True)),
        ("1 1/2 tz.", Fraction(1, 1, 2, "taza", True)),
        ("¾ pan", Fraction(0, 3, 4, "pan", False)),
        ("2½", Fraction(2, 1, 2, "", False)),
    ],
)
def test_fractions_are_found_with_what_follows(text: str, found: Fraction) -> None:
    """The callback receives the parts of the fraction and the following noun or unit."""
    seen: list[Fraction] = []
    _applied(text, *fractions(_SPANISH, seen.append, {"tz.": "taza"}))
    assert seen == [found]


@pytest.mark.parametrize("text", ["3/2", "0/4", "1/200", "11/1/2", "1/2/3", "a1/2"])
def test_other_slashes_are_no_fractions(text: str) -> None:
    """Only proper fractions with a denominator of at most 100 are read."""
    assert _applied(text, *fractions(_SPANISH, lambda _: "fraction", {})) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5,99 €", Money(5, 99, "EUR")),
        ("€ 5.99", Money(5, 99, "EUR")),
        ("1.234,50 duros", Money(1234, 50, "ESP")),
    ],
)
def test_amounts_with_hundredths(text: str, found: Money) -> None:
    """Currency signs, codes and names are recognized before and after the amount."""
    seen: list[Money] = []

    def say(amount: Money) -> str:
        seen.append(amount)
        return "amount"

    assert _applied(text, *money(_SPANISH, {"duros": "ESP"}, say)) == "amount"
    assert seen == [found]


@pytest.mark.parametrize("text", ["5 €", "5,9 €", "0,123 €", "5,99 kg", "1,2,30 €"])
def test_other_amounts_are_left(text: str) -> None:
    """Amounts without two decimal places are left to the core rules."""
    assert _applied(text, *money(_SPANISH, {}, lambda _: "amount")) == text


def test_amounts_keep_their_sign_and_unit() -> None:
    """The words for an amount are combined with the word for minus and a phrase such as "per kilowatt-hour"."""
    rules = money(_SPANISH, {}, lambda _: "x")
    assert _applied("-5,99 €/kWh", *rules) == "menos x por kilovatio hora"
    assert _applied("€ -5,99", *rules) == "menos x"


def test_amounts_in_millions() -> None:
    """A letter for millions is read in the singular or plural. A scale word without a plural directly precedes the
    currency.
    """
    rules = scaled_money(_SPANISH, {"M": "millón|millones", "k": "mil"})
    assert _applied("1 M€, 2,5 M€, -$3M, 10 k€, 1,2,3 M€", *rules) == (
        "1 millón de euros, 2,5 millones de euros, menos 3 millones de dólares, 10 mil euros, 1,2,3 M€"
    )


def test_numbers_agree_with_nouns_and_units() -> None:
    """Numbers agree with listed nouns and with units and currencies from the language data. A digit inside a longer
    number is not changed.
    """

    def say(number: int, noun: str, is_feminine: bool) -> str | None:
        return f"{'una' if is_feminine else 'un'} " if number == 1 else None

    rule = agreement(_SPANISH, say, masculine=["piso"], feminine=["hora"])
    text = "1 Hora, 1 piso, 1 grado, 1 euro, 2 horas, 1 casa, 0,1 grado, 1 de mayo"
    assert _applied(text, rule) == "una Hora, un piso, un grado, un euro, 2 horas, 1 casa, 0,1 grado, 1 de mayo"


def test_roman_numerals_by_what_stands_around() -> None:
    """Roman numerals are read after names of rulers, after words such as "chapter", before nouns, and after other
    names.
    """
    rules = romans(
        lambda value: f"<{value}>",
        rulers={"luis": False, "ana": True},
        say_ruler=lambda value, is_feminine: f"{'f' if is_feminine else 'm'}{value}",
        before="tomo",
        after="(?:(?P<feminine>guerra)|congreso)",
        say_before=lambda value, is_feminine: f"{'f' if is_feminine else 'm'}{value}º",
    )
    text = "Luis V, Ana II, tomo X, I Guerra, III congreso, Rocky IV, Rocky V, Luis IIII, tomo IIV, IVX guerra, III"
    assert _applied(text, *rules) == (
        "Luis m5, Ana f2, tomo <10>, f1º Guerra, m3º congreso, Rocky <4>, Rocky V, Luis IIII, tomo IIV, IVX guerra, III"
    )


def test_the_letter_x_between_and_behind_numbers() -> None:
    """The letter x is read as "by" between numbers and as "times" after a number, but not in hexadecimal numbers."""
    rules = times_sign("por", "veces")
    assert (
        _applied("20x30 x 5 cm, 4x más, 0x10, 2x = 4, 2x²", *rules)
        == "20 por 30 por 5 cm, 4 veces más, 0x10, 2x = 4, 2x²"
    )


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("CO2", "C O dos"),
        ("CO₂", "C O dos"),
        ("H2O", "H dos O"),
        ("O3", "O tres"),
        ("CO2O", "CO2O"),
        ("H2", "H2"),
        ("ACO2", "ACO2"),
    ],
)
def test_formulas_of_gases_are_spelled(text: str, spoken: str) -> None:
    """The letters of a chemical formula are separated by spaces, and its digit becomes a word."""
    assert _applied(text, *formulas(["cero", "uno", "dos", "tres", "cuatro"])) == spoken


def test_rules_for_dashes_and_slashes() -> None:
    """Dashes between hours or pages, and slashes in texts such as "page 1/3" or before a period of time, are replaced
    with words.
    """
    assert _applied("9h-18h, 9h30 – 18 h, 9-18", *hour_ranges("a")) == "9h a 18h, 9h30 a 18 h, 9-18"
    assert _applied("paso 1/3, 1/3, paso 1/3/5", *parts_of("paso", "de")) == "paso 1 de 3, 1/3, paso 1/3/5"
    assert _applied("5 €/mes, 2 veces/día, mes/día, 5/meses", *periods(_SPANISH, {"mes": "month", "día": "d"})) == (
        "5 € por mes, 2 veces por día, mes/día, 5/meses"
    )


def test_flights_are_spelled_behind_their_word() -> None:
    """A flight number is recognized only after a word such as "flight"."""
    digits = [f"d{digit}" for digit in range(10)]
    assert _applied("vuelo IB3170, IB3170, Vuelo G3 123", *flights("vuelo", digits)) == (
        "vuelo I B d3 d1 d7 d0, IB3170, Vuelo G d3 d1 d2 d3"
    )


def test_codes_are_not_counts() -> None:
    """Before a unit or a known noun, a number is not read as a code, even after a word for codes."""
    code = Rule(regex.compile("(?<=code )[0-9]+"), lambda _: "digits")
    text = "code 300, code 300 mm, code 300 pisos, code 300 metros, code 300 in"
    assert _applied(text, *not_counted(_SPANISH, [code], ["pisos"])) == (
        "code digits, code 300 mm, code 300 pisos, code 300 metros, code digits in"
    )


def test_eras_and_dots() -> None:
    """A dot after a unit is removed unless it ends the sentence."""
    assert _applied("44 a. C. y 100 d.C.", *eras("antes", "después")) == "44 antes y 100 después."
    assert _applied("a. C.", *eras("antes", "después")) == "a. C."
    assert _applied("5 min. y 3 kg.", unit_dots()) == "5 min y 3 kg."


def test_context_of_abbreviations() -> None:
    """An abbreviation is in the plural only after a number above 1. A letter after a name is an initial. Expanded
    abbreviations are separated from numbers.
    """
    assert _applied("5 p. y 1 p.", abbreviations({"p.": "pages"}, before=after_number())) == "5 pages y 1 p."
    saint = abbreviations({"S.": "San"}, before=no_name_before())
    assert _applied("S. Juan, Ana S. Ruiz, J. S. Ruiz", saint) == "San Juan, Ana S. Ruiz, J. S. Ruiz"
    assert _applied("p.5, p. 5, p.", apart(abbreviations({"p.": "page"}))) == "page 5, page 5, page."
    assert _applied("n°5, n.º5, n° 5, kn°5", number_signs("número")) == "número 5, número 5, n° 5, kn°5"


def test_leftovers() -> None:
    """A missing integer part is read as zero. A currency sign after a word is read as the name of the currency."""
    assert _applied(".5, -.5, 0.5, a.5, .5.5, fin.", leading_points(_SPANISH)) == "0,5, -0,5, 0.5, a.5, .5.5, fin."
    assert _applied("millones de €, un $, 5 €, €5", lone_currency(_SPANISH)) == "millones de euros, un dólares, 5 €, €5"


def test_nouns() -> None:
    """Nouns are put into the singular or plural. The gender of an unknown noun is determined from its ending."""
    known = {"taza", "mes", "colher"}
    assert counted_noun("tazas", 1, known) == "taza"
    assert counted_noun("meses", 1, known) == "mes"
    assert counted_noun("rosas", 1, known) == "rosas"
    assert counted_noun("taza de té", 2, known) == "tazas de té"
    assert counted_noun("tazas", 2, known) == "tazas"
    assert is_feminine_noun("mano", {"mano"}, ())
    assert not is_feminine_noun("día", (), {"día"})
    assert is_feminine_noun("berenjenas", (), ())
    assert not is_feminine_noun("para", (), ())
    assert not is_feminine_noun("pan", (), ())
