"""Inline markup is removed or replaced."""

import pytest

from tests.text.filtering import filtered, spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**bold** and *italic* and ***both***", "bold and italic and both"),
        ("**bo**ld and *Haus*türen", "bold and Haustüren"),
        ("5 * 3 and 5*3 and 2*x and x*2", "5 × 3 and 5 × 3 and 2×x and x×2"),
        ("2 * 3 * 4", "2 × 3 × 4"),
        ("3 * (4 + 5) and (4)*5 and n*(n+1)", "3 × (4 + 5) and (4)×5 and n (n+1)"),
        ("a * b", "a × b"),
        ("4111****1234 and 5***3", "4111 1234 and 5 3"),
        ("**all *.***", "all \ue002.\ue002"),
        ("width*height", "width height"),
        ("the 2*nd* one", "the 2 nd one"),
        ("这是*重点*内容", "这是重点内容"),
        ("price* and (*)", "price and ()"),
        ("**.NET** and (**.env** or **.**)", ".NET and (.env or .)"),
        ("f(x)*g(x)", "f(x) g(x)"),
        ("a\n*b\n*c", "a\nb\nc"),
    ],
)
def test_stars_mark_emphasis_or_multiplication(text: str, expected: str) -> None:
    """Stars around words are removed. A star between numbers becomes a multiplication sign, and a star inside a word
    becomes a space.
    """
    assert filtered(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "C:\\*.txt",
        "*.md and *.txt.",
        "src/*/a",
        "all *.* files",
        "**/*.py",
        "2**10",
        "C:\\foo\\*",
        "http://a.b/c_(d)*e",
    ],
)
def test_stars_of_file_names_are_read(text: str) -> None:
    """Single and double stars in file name patterns are kept."""
    assert spoken(text)[0].rstrip(".") == text.rstrip(".")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I`ll say don`t", "I'll say don't"),
        ("don`t use `code` here", "don't use code here"),
        ("`code` and ` spaced ` and ``a`b``", "code and spaced and a`b"),
        ("`<b>` and `&amp;` and `[a](b)`", "<b> and &amp; and [a](b)"),
        ("`5*3` `a*b` `*.txt` `**kw`", "5 × 3 a b \ue002.txt kw"),
        ("```inline```", "inline"),
        ("a ` b ``quoted''", "a  b quoted''"),
        ("使用`foo`函数", "使用foo函数"),
        ("`open", "open"),
        ("the `*` key", "the \ue002 key"),
        ("5`10", "5'10"),
    ],
)
def test_backticks_mark_code_or_an_apostrophe(text: str, expected: str) -> None:
    """Inline code is spoken as written. A backtick between letters becomes an apostrophe."""
    assert filtered(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\*not bold\* 1\. x \# y", "not bold 1. x ＃ y"),
        (r"2\*3", "2 × 3"),
        (r"snake\_case \[a\] \<b>", "snake_case a <b>"),
        (r"the \(x\) and \[y\]", "the x and y"),
        (r"C:\_foo \\server\$x a\b \n", r"C:\_foo \\server\$x a\b \n"),
    ],
)
def test_escaped_characters_are_text(text: str, expected: str) -> None:
    """A backslash before a markup character is removed, except in a path."""
    assert filtered(text) == expected
