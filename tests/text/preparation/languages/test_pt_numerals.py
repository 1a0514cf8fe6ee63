"""Portuguese numerals depend on gender and country."""

import pytest

from wyoming_piper_serial.text.preparation.languages.pt_numerals import cardinal, ordinal


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (16, "dezesseis"),
        (21, "vinte e um"),
        (100, "cem"),
        (101, "cento e um"),
        (999, "novecentos e noventa e nove"),
        (1000, "mil"),
        (1001, "mil e um"),
        (1100, "mil e cem"),
        (1999, "mil novecentos e noventa e nove"),
        (2024, "dois mil e vinte e quatro"),
        (1_000_000, "um milhão"),
        (2_345_678, "dois milhões trezentos e quarenta e cinco mil seiscentos e setenta e oito"),
    ],
)
def test_cardinals(number: int, words: str) -> None:
    """Hundreds, tens and ones are joined with "e"."""
    assert cardinal(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "uma"), (2, "duas"), (22, "vinte e duas"), (200, "duzentas"), (2000, "duas mil"), (100, "cem"), (12, "doze")],
)
def test_feminine_cardinals(number: int, words: str) -> None:
    """The numerals 1 and 2 and the hundreds have feminine forms."""
    assert cardinal(number, is_feminine=True) == words


def test_numerals_of_portugal() -> None:
    """In Portugal, the words for 16, 17 and 19 are spelled with a different vowel than in Brazil."""
    assert [cardinal(number, is_european=True) for number in (16, 17, 18, 119)] == [
        "dezasseis",
        "dezassete",
        "dezoito",
        "cento e dezanove",
    ]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "primeiro"),
        (10, "décimo"),
        (21, "vigésimo primeiro"),
        (100, "centésimo"),
        (345, "trecentésimo quadragésimo quinto"),
        (1000, "milésimo"),
    ],
)
def test_ordinals(number: int, words: str) -> None:
    """Ordinals from 1 to 1000 are written in words. Each word of a feminine ordinal is feminine."""
    assert ordinal(number) == words
    assert ordinal(number, is_feminine=True) == " ".join(word[:-1] + "a" for word in words.split())


def test_numbers_out_of_range_raise_an_error() -> None:
    """ValueError is raised for numbers that are too large, and for ordinals outside 1 to 1000."""
    with pytest.raises(ValueError, match="1000000000"):
        cardinal(1_000_000_000)
    for number in (0, 1001):
        with pytest.raises(ValueError, match=str(number)):
            ordinal(number)
