"""Spanish numerals agree with the noun."""

import pytest

from wyoming_piper_serial.text.preparation.languages.es_numerals import Form, cardinal, has_forms, ordinal


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "cero"),
        (16, "dieciséis"),
        (21, "veintiuno"),
        (31, "treinta y uno"),
        (100, "cien"),
        (101, "ciento uno"),
        (500, "quinientos"),
        (999, "novecientos noventa y nueve"),
        (1000, "mil"),
        (1999, "mil novecientos noventa y nueve"),
        (2024, "dos mil veinticuatro"),
        (21_000, "veintiún mil"),
        (100_000, "cien mil"),
        (1_000_000, "un millón"),
        (21_000_001, "veintiún millones uno"),
    ],
)
def test_cardinals(number: int, words: str) -> None:
    """Numerals end in "uno" if no noun follows. "uno" is shortened before "mil" and "millones"."""
    assert cardinal(number) == words


@pytest.mark.parametrize(
    ("number", "form", "words"),
    [
        (1, Form.MASCULINE, "un"),
        (1, Form.FEMININE, "una"),
        (21, Form.MASCULINE, "veintiún"),
        (21, Form.FEMININE, "veintiuna"),
        (31, Form.MASCULINE, "treinta y un"),
        (101, Form.FEMININE, "ciento una"),
        (200, Form.FEMININE, "doscientas"),
        (200, Form.MASCULINE, "doscientos"),
        (200_000, Form.FEMININE, "doscientas mil"),
    ],
)
def test_cardinals_before_nouns(number: int, form: Form, words: str) -> None:
    """Hundreds and numerals that end in "uno" agree with the noun."""
    assert cardinal(number, form) == words
    assert has_forms(number, form) == (words != cardinal(number))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "primero"),
        (3, "tercero"),
        (10, "décimo"),
        (11, "undécimo"),
        (12, "duodécimo"),
        (13, "decimotercero"),
        (20, "vigésimo"),
        (21, "vigésimo primero"),
        (99, "nonagésimo noveno"),
        (100, "centésimo"),
    ],
)
def test_ordinals(number: int, words: str) -> None:
    """Ordinals from 1 to 100 are written in words."""
    assert ordinal(number) == words


def test_all_words_of_an_ordinal_are_feminine() -> None:
    """Each word of a feminine ordinal ends in "a"."""
    assert ordinal(21, is_feminine=True) == "vigésima primera"
    assert ordinal(13, is_feminine=True) == "decimotercera"


def test_numbers_out_of_range_raise_an_error() -> None:
    """ValueError is raised for numbers that are too large, and for ordinals outside 1 to 100."""
    with pytest.raises(ValueError, match="1000000000"):
        cardinal(1_000_000_000)
    for number in (0, 101):
        with pytest.raises(ValueError, match=str(number)):
            ordinal(number)
