"""Replaces LaTeX commands in formulas with signs or words."""

import regex

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
_COMMAND = regex.compile(r"(?<![\w:\\/.])\\([A-Za-z]{2,20}+)(?![\w\\:])")
_RULES = [
    (regex.compile(pattern), replacement)
    for pattern, replacement in [
        (
            r"\$\$|(?<![\w$]|US-)\$(?=[^\s\d$.,;:!?)])([^$\n]{1,200}+)(?<=\S)\$(?![\w$])",
            r"\1",
        ),  # The delimiters of a formula.
        (r"(?<![\w\\])\\(?:text|textbf|mathrm|mathbf|mathit|operatorname|boxed)\{([^{}]*+)\}", r"\1"),
        (r"(?<![\w\\])\\[dt]?frac\{([^{}]*+)\}\{([^{}]*+)\}", r"\1/\2"),
        (r"(?<![\w\\])\\sqrt\{([^{}]*+)\}", r"√\1"),
        (r"([\^_])\{([^{}]*+)\}", r"\1\2"),
        (r"\^2(?!\w)", "²"),
        (r"\^3(?!\w)", "³"),
    ]
]
_MARKS = regex.compile(r"[\\$^]")


def read_formulas(text: str) -> str:
    """Removes the formula delimiters `$` and `$$` from `text`, and replaces commands with signs.

    A command without a sign, such as `\\alpha`, is replaced with its name. Text that is not a formula, such as a price
    or a Windows path, is not changed.
    """
    if not _MARKS.search(text):
        return text
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return _COMMAND.sub(lambda found: _SYMBOLS.get(found[1], found[1]), text)
