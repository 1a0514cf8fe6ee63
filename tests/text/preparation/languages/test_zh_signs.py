"""Signs are read in Chinese, and the numbers beside them as Chinese numerals."""

import pytest

from wyoming_piper_serial.text.preparation.languages.zh_signs import sign_rules
from wyoming_piper_serial.text.preparation.passage import Passage, Rules


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("2^10", "2的十次方"),
        ("x^2，x^3，x^n", "x的平方，x的立方，x的n次方"),
        ("10^-3", "10的负三次方"),
        ("2^64-1，3^2-1", "2的六十四次方减1，3的平方减1"),
        ("2^1.5", "2^1.5"),
        ("#5", "五号"),
        ("3x高", "三倍高"),
        ("~5", "约5"),
        ("约~5", "约5"),
        ("PM2.5", "PM二点五"),
    ],
)
def test_signs(written: str, spoken: str) -> None:
    """The exponent and the number of a multiple are words."""
    passage = Passage(written)
    Rules(*sign_rules()).apply(passage)
    assert passage.text == spoken
