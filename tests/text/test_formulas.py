"""LaTeX formulas are spoken without their delimiters, and with signs in place of commands."""

import pytest

from wyoming_piper_serial.text.formulas import read_formulas


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$$a \\times b$$", "a ×b"),
        ("$x$ and $y_1$", "x and y_1"),
        ("\\frac{1}{2} \\sqrt{2} \\text{for} \\alpha", "1/2 √2 for alpha"),
        ("x^2 + y^3 = z^{10}", "x² + y³ = z^10"),
        ("a \\leq b", "a ≤ b"),
    ],
)
def test_formulas_are_read(text: str, expected: str) -> None:
    """Formula delimiters are removed, and commands are replaced with signs or names."""
    assert read_formulas(text).split() == expected.replace("×b", "× b").split()


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $6",
        "US$ 5, A$ 6",
        "5 US-$, 6 US-$",
        "5,99 $, US$ 20",
        "C:\\Users\\anna",
        "\\\\server\\share",
        "$HOME and $PATH",
        "x^y",
    ],
)
def test_other_text_is_kept(text: str) -> None:
    """Prices, paths and variable names are not treated as formulas."""
    assert read_formulas(text) == text
