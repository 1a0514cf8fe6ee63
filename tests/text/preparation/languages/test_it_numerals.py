"""Italian numerals are spelled correctly."""

import pytest

from wyoming_piper_serial.text.preparation.languages.it_numerals import cardinal, one, ordinal


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (3, "tre"),
        (19, "diciannove"),
        (21, "ventuno"),
        (23, "ventitré"),
        (28, "ventotto"),
        (30, "trenta"),
        (100, "cento"),
        (103, "centotré"),
        (245, "duecentoquarantacinque"),
        (999, "novecentonovantanove"),
    ],
)
def test_cardinals(number: int, words: str) -> None:
    """The tens lose their final vowel before "uno" and "otto"."""
    assert cardinal(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "primo"),
        (10, "decimo"),
        (11, "undicesimo"),
        (20, "ventesimo"),
        (21, "ventunesimo"),
        (23, "ventitreesimo"),
        (26, "ventiseiesimo"),
        (100, "centesimo"),
        (114, "centoquattordicesimo"),
    ],
)
def test_ordinals(number: int, words: str) -> None:
    """The ordinals of 11 and above are derived from cardinals."""
    assert ordinal(number) == words
    assert ordinal(number, is_feminine=True) == words[:-1] + "a"


@pytest.mark.parametrize(
    ("noun", "is_feminine", "words"),
    [
        ("grado", False, "un "),
        ("euro", False, "un "),
        ("zaino", False, "uno "),
        ("specchio", False, "uno "),
        ("secondo", False, "un "),
        ("ora", True, "un'"),
        ("luce", True, "una "),
    ],
)
def test_one_before_a_noun(noun: str, is_feminine: bool, words: str) -> None:
    """The form of the numeral 1 depends on the gender and the first letters of the noun."""
    assert one(noun, is_feminine=is_feminine) == words


def test_numbers_out_of_range_raise_an_error() -> None:
    """ValueError is raised for numbers of 1000 and above, and for ordinals below 1 and above 1000."""
    with pytest.raises(ValueError, match="1000"):
        cardinal(1000)
    for number in (0, 1001):
        with pytest.raises(ValueError, match=str(number)):
            ordinal(number)
