"""Numbers are converted to Chinese numerals."""

import pytest

from wyoming_piper_serial.text.preparation.languages.zh_numerals import cardinal, decimal, digits


@pytest.mark.parametrize(
    ("number", "numeral"),
    [
        (0, "零"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (100, "一百"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (2000, "两千"),
        (10_000, "一万"),
        (10_010, "一万零一十"),
        (100_000, "十万"),
        (120_034, "十二万零三十四"),
        (1_234_567, "一百二十三万四千五百六十七"),
        (100_000_000, "一亿"),
        (100_000_001, "一亿零一"),
        (1_000_010_000, "十亿零一万"),
        (2_000_000_000_000, "两万亿"),
    ],
)
def test_cardinals(number: int, numeral: str) -> None:
    """Consecutive zeros are read as a single zero."""
    assert cardinal(number) == numeral


def test_a_number_that_is_too_large_is_refused() -> None:
    """ValueError is raised for a number with 17 digits."""
    with pytest.raises(ValueError, match="10000000000000000"):
        cardinal(10**16)


def test_decimals_and_digits() -> None:
    """The digits after the decimal point are read one by one."""
    assert decimal("21.50") == "二十一点五零"
    assert decimal("5") == "五"
    assert digits("2024") == "二零二四"
