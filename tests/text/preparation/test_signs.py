"""Signs are read in the words of a language."""

import pytest

from wyoming_piper_serial.text.preparation.passage import Passage, Rules
from wyoming_piper_serial.text.preparation.signs import Signs, signs


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("3 × 4", "3 times 4"),
        ("9x13", "9 times 13"),
        ("4x faster", "4 fold faster"),
        ("0x13", "0x13"),
        ("10 - 3", "10 minus 3"),
        ("x² + y³ = z", "x squared plus y cubed equals z"),
        ("5 m²", "5 m²"),
        ("µg/m³", "µg/m³"),
        ("3 < 5 and b > a", "3 less 5 and b greater a"),
        ("a <b>", "a <b>"),
        ("~5 #7", "about 5 number 7"),
        ("R&D, a & b", "R and D, a and b"),
        ("√16", "root 16"),
        ("(√16)", "(root 16)"),
        ("a == b", "a == b"),
        ("±5", "±5"),
        ("2^10=1024", "2 to the 10 equals 1024"),
        ("x^n, 10^-3, (a+b)^2", "x to the n, 10 to the minus 3, (a plus b) squared"),
        ("2^64-1", "2 to the 64 minus 1"),
        ("a_b^c_d, foo^bar, 2^1.5", "a_b^c_d, foo^bar, 2^1.5"),
        ("3<5, x<y and z>w, 10>9", "3 less 5, x less y and z greater w, 10 greater 9"),
        ("x <= 5, y >= 3, a != b", "x at most 5, y at least 3, a unlike b"),
        ("x≤5, y≥3, a≠b", "x at most 5, y at least 3, a unlike b"),
        ("i->j, <b>, a<b>c, <3, ping <host>", "i->j, <b>, a<b>c, <3, ping <host>"),
        ("a?x=1&y=2", "a?x=1&y=2"),
    ],
)
def test_signs(written: str, spoken: str) -> None:
    """Signs between numbers and letters are read. A sign for which the language has no word is not changed."""
    say = Signs(
        times="times",
        minus="minus",
        squared="squared",
        cubed="cubed",
        power="to the",
        less="less",
        greater="greater",
        about="about",
        number="number",
        fold="fold",
        equals="equals",
        plus="plus",
        conjunction="and",
        root="root",
        unequal="unlike",
        at_most="at most",
        at_least="at least",
    )
    passage = Passage(written)
    Rules(*signs(say)).apply(passage)
    assert passage.text == spoken
