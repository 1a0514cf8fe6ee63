"""Checks of what stands around the numbers of a text."""

import pytest

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.conditions import (
    follows_number,
    has_beginning,
    has_fraction,
    has_spaced_word,
    number_follows,
    number_precedes,
    precedes_number,
)
from wyoming_piper_serial.text.preparation.passage import Need, Passage, Rule, Rules


def passes(need: Need, text: str) -> bool:
    """Returns whether the text passes a check that is a predicate."""
    assert callable(need)
    return need(text)


@pytest.mark.parametrize("text", ["5 km", "5km", "5-km", "5\u00a0KM", "a 1.5 km", "x 7 y 5 k", "5,- k", "5.--k"])
def test_sign_follows_a_number(text: str) -> None:
    """The first character of a sign is found behind a number, a space, a hyphen or the dash for no cents."""
    assert passes(follows_number(["km", "z"]), text)


@pytest.mark.parametrize("text", ["", "5", "km 5", "5  km", "5 m km", "k5", "five km"])
def test_sign_does_not_follow_a_number(text: str) -> None:
    """A sign elsewhere in the text does not count."""
    assert not passes(follows_number(["km", "z"]), text)


def test_sign_follows_a_number_with_a_last_digit() -> None:
    """Only numbers with one of the given last digits count."""
    assert passes(follows_number("k", "12"), "7 k, 12 k")
    assert not passes(follows_number("k", "12"), "12 and 15 k")


@pytest.mark.parametrize("text", ["$5", "$ 5", "US$5", "$-5", "$ −5", "a US$ 5"])
def test_sign_precedes_a_number(text: str) -> None:
    """The last character of a sign is found before a number, a minus sign and a space."""
    assert passes(precedes_number(["US$", "€"]), text)


@pytest.mark.parametrize("text", ["", "5", "-5", " 5", "- 5", "5 $", "$a 5", "$  5"])
def test_sign_does_not_precede_a_number(text: str) -> None:
    """A sign elsewhere in the text does not count."""
    assert not passes(precedes_number(["US$", "€"]), text)


def test_number_follows_a_word() -> None:
    """The word before a number is compared without case. Of a word with a hyphen, the last part is compared."""
    follows = number_follows(["до", "из-за"])
    assert passes(follows, "До 5 км")
    assert passes(follows, "это из-за 5 ламп")
    assert not passes(follows, "5 до, идо 5, до5, до  5")


def test_number_precedes_a_word() -> None:
    """The word after a number is compared without case. Of a word with a hyphen, the first part is compared."""
    precedes = number_precedes(["heures", "kilowatt-heure"])
    assert passes(precedes, "21 Heures")
    assert passes(precedes, "a 5 kilowatt-heure")
    assert not passes(precedes, "heures 21, 21heures, 21  heures, 21 heuresx")


def test_fraction_is_found() -> None:
    """A slash between digits and a fraction character are fractions."""
    assert has_fraction("1/2")
    assert has_fraction("1⁄2")
    assert has_fraction("½")
    assert not has_fraction("a/2 5 м/с 1 / 2")


def test_beginning_of_a_word_is_found() -> None:
    """The first letters of a word are found in any case and anywhere in a text."""
    assert passes(has_beginning(["März", "Mai"], 2), "am 5. MÄR")
    assert not passes(has_beginning(["März", "Mai"], 3), "am 5. Mä")


def test_word_with_optional_spaces_is_found() -> None:
    """Spaces in a word may be missing or be of another kind. A mark that all words share excludes most texts."""
    rule = Rule(lazy("z"), lambda _: "found", has_spaced_word(["z. B.", "d. h."]))
    for text, expected in (("z. B.", "found"), ("z.B.", "found"), ("z.\u202fB.", "found"), ("z. C.", "z"), ("z", "z")):
        passage = Passage(text)
        Rules(rule).apply(passage)
        assert passage.text.startswith(expected)
        assert passage.text.startswith("found") == (expected == "found")
    assert passes(has_spaced_word(["ul", "dr"])[0], "u l")
