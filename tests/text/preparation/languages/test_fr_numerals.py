"""French numerals agree with the noun in gender."""

import pytest

from tests.text.spoken import sounds
from wyoming_piper_serial.text.preparation.languages.fr_numerals import cardinal, has_feminine, ordinal


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zéro"),
        (17, "dix-sept"),
        (21, "vingt et un"),
        (70, "soixante-dix"),
        (71, "soixante et onze"),
        (80, "quatre-vingts"),
        (81, "quatre-vingt-un"),
        (91, "quatre-vingt-onze"),
        (99, "quatre-vingt-dix-neuf"),
        (100, "cent"),
        (200, "deux cents"),
        (201, "deux cent un"),
        (1000, "mille"),
        (1999, "mille neuf cent quatre-vingt-dix-neuf"),
        (80_000, "quatre-vingt mille"),
        (200_080, "deux cent mille quatre-vingts"),
        (1_000_000, "un million"),
        (2_000_001, "deux millions un"),
    ],
)
def test_cardinals(number: int, words: str) -> None:
    """The words of numerals below one hundred are joined by hyphens."""
    assert cardinal(number) == words


@pytest.mark.parametrize(
    ("number", "words"), [(1, "une"), (21, "vingt et une"), (81, "quatre-vingt-une"), (22, "vingt-deux")]
)
def test_feminine_cardinals(number: int, words: str) -> None:
    """Only numerals that end in "un" have a feminine form."""
    assert cardinal(number, is_feminine=True) == words
    assert has_feminine(number) == words.endswith("une")


@pytest.mark.parametrize("number", [11, 71, 91, 100, 111])
def test_numerals_in_eleven_have_no_feminine(number: int) -> None:
    """Numerals that end in "onze" do not depend on gender."""
    assert not has_feminine(number)
    assert cardinal(number, is_feminine=True) == cardinal(number)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "premier"),
        (2, "deuxième"),
        (4, "quatrième"),
        (5, "cinquième"),
        (9, "neuvième"),
        (11, "onzième"),
        (21, "vingt et unième"),
        (80, "quatre-vingtième"),
        (100, "centième"),
        (200, "deux centième"),
        (1000, "millième"),
    ],
)
def test_ordinals(number: int, words: str) -> None:
    """Ordinals are derived from cardinals."""
    assert ordinal(number) == words


def test_the_first_is_feminine_before_a_feminine_noun() -> None:
    """Only the ordinal of 1 depends on gender."""
    assert ordinal(1, is_feminine=True) == "première"
    assert ordinal(2, is_feminine=True) == "deuxième"


def test_numbers_out_of_range_raise_an_error() -> None:
    """ValueError is raised for numbers that are too large, and for ordinals below 1."""
    with pytest.raises(ValueError, match="1000000000"):
        cardinal(1_000_000_000)
    with pytest.raises(ValueError, match="0"):
        ordinal(0)


@pytest.mark.parametrize("number", [0, 1, 16, 17, 21, 60, 69, 70, 77, 100, 101, 116, 1000, 1116])
def test_cardinals_sound_like_digits(number: int) -> None:
    """espeak-ng pronounces a numeral in words like the same number in digits."""
    assert sounds(cardinal(number), "fr") == sounds(str(number), "fr")
