"""Replaces the commands of LaTeX formulas by what is read."""

from wyoming_piper_serial.text.patterns import lazy

_SYMBOLS = {
    **dict.fromkeys(["times", "cdot", "ast"], "×"),
    **dict.fromkeys(["leq", "le", "leqslant"], "≤"),
    **dict.fromkeys(["geq", "ge", "geqslant"], "≥"),
    **dict.fromkeys(["neq", "ne"], "≠"),
    **dict.fromkeys(["degree", "circ"], "°"),
    **dict.fromkeys(["left", "right", "quad", "qquad", "displaystyle", "limits", "ldots", "dots", "cdots"], " "),
    "div": "÷",
    "pm": "±",
    "approx": "≈",
    "infty": "∞",
    "sqrt": "√",
}
_COMMAND = lazy(r"(?<![\w:\\/.])\\([A-Za-z]{2,20}+)(?![\w\\:])")
_RULES = [
    (lazy(pattern), replacement)
    for pattern, replacement in [
        (r"\$\$|(?<![\w$])\$(?=[^\s\d$])([^$\n]{1,200}+)(?<=\S)\$(?![\w$])", r"\1"),  # The limits of a formula.
        (r"(?<![\w\\])\\(?:text|textbf|mathrm|mathbf|mathit|operatorname|boxed)\{([^{}]*+)\}", r"\1"),
        (r"(?<![\w\\])\\[dt]?frac\{([^{}]*+)\}\{([^{}]*+)\}", r"\1/\2"),
        (r"(?<![\w\\])\\sqrt\{([^{}]*+)\}", r"√\1"),
        (r"([\^_])\{([^{}]*+)\}", r"\1\2"),
        (r"\^2(?!\w)", "²"),
        (r"\^3(?!\w)", "³"),
    ]
]
_MARKS = lazy(r"[\\$^]")


def read_formulas(text: str) -> str:
    """Returns `text` without the limits of formulas, `$` and `$$`, and with signs in place of commands.

    Of a command without a sign, such as `\\alpha`, the name remains. Text that is no formula is not changed, such as
    prices and the paths of Windows.
    """
    if not _MARKS.search(text):
        return text
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return _COMMAND.sub(lambda found: _SYMBOLS.get(found[1], found[1]), text)
