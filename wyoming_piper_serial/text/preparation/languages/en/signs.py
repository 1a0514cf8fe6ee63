"""English rules for signs in formulas, before numbers and between words."""

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.languages.en.context import spaced, table, text_after, text_before, words
from wyoming_piper_serial.text.preparation.passage import COUNTS, DIGITS, Match, Rule

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
_OPERATORS = {
    "=": "equals",
    "==": "equals",
    "===": "equals",
    "!=": "is not equal to",
    "≠": "is not equal to",
    "<=": "is less than or equal to",
    "≤": "is less than or equal to",
    ">=": "is greater than or equal to",
    "≥": "is greater than or equal to",
    "<": "is less than",
    ">": "is greater than",
    "≈": "is approximately",
    "≅": "is approximately",
    "±": "plus or minus",
    "÷": "divided by",
    "·": "times",
    "⋅": "times",
    "→": "to",
    "->": "to",
    "=>": "to",
    "∞": "infinity",
    "∝": "is proportional to",
    "≡": "is equivalent to",
    "∈": "is in",
}
_BEFORE_NUMBER = {
    "~": "about ",
    "≈": "approximately ",
    "±": "plus or minus ",
    "<": "less than ",
    ">": "more than ",
    "≤": "at most ",
    "≥": "at least ",
    "<=": "at most ",
    ">=": "at least ",
    "√": "the square root of ",
    "∛": "the cube root of ",
}
_OPERATOR = r"(?:[=≠≤≥<>≈×÷+→]|[!=<>]=|->)"
# Units that may follow a word and a slash, as in "meters/second".
_PER = {
    **{name: name for name in words("hour second minute day week month year person night mile gallon")},
    **table("s=second sec=second h=hour hr=hour min=minute yr=year mo=month"),
}
_POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ"
_OPERAND_BEFORE = lazy(r"[\p{L}\p{N})\]%²³°'\"]\s?\Z")
_OPERAND_AFTER = lazy(r"\s?[\p{L}\p{N}(\[.√∞$€£+\u2212-]")
_WORD_BEFORE = lazy(r"(?<![\d²³])\p{L}{2,}(?<!\beigh)\s?\Z")


def _power(match: Match) -> str:
    written = match[0].translate(_SUPERSCRIPTS).strip("^ \u00a0{}()")
    if written in ("2", "3"):
        return spaced(match, "squared" if written == "2" else "cubed")
    exponent = written.replace("-", "minus ").replace("\u2212", "minus ").replace("+", "")
    return spaced(match, f"to the power of {exponent}")


def _between(match: Match) -> str | None:
    operator = match[0]
    before, after = text_before(match, 10), text_after(match, 3)
    if not (_OPERAND_BEFORE.search(before) and _OPERAND_AFTER.match(after)):
        return None
    is_spaced = before[-1].isspace() and after[0].isspace()
    # Text such as "i->j" and "<b>" is code.
    is_code = len(operator) == 1 or operator[-1] == ">" or not (before[-1].isdigit() and after[0].isdigit())
    if operator.isascii() and not is_spaced and is_code:
        return None
    if operator in _BEFORE_NUMBER and (
        _WORD_BEFORE.search(before) or (before[-1].isspace() and not after[0].isspace())
    ):
        # In "It took > 5 minutes", the sign modifies the number. In "x > 5", it is an operator.
        return spaced(match, _BEFORE_NUMBER[operator].rstrip())
    return spaced(match, _OPERATORS[operator])


def _before_number(match: Match) -> str:
    return _BEFORE_NUMBER[match["sign"]]


def power_rules() -> list[Rule]:
    """Returns the rules for powers and subtractions. They are applied before the rules for ranges."""
    return [
        # A subtraction behind an exponent.
        Rule(lazy(r"[-\u2212](?<=\^[-\u2212]?\d{1,9}.)(?=\d)"), lambda match: spaced(match, "minus"), "^"),
        # A product of letters, such as mc², but not a unit such as mm².
        Rule(
            lazy(
                r"(?<![\p{L}\d])(?![cdhkmnp]m|ft|yd)[b-df-hj-np-tv-z]{2}(?=[²³]|\^[23](?!\d))",
            ),
            lambda match: " ".join(match[0]),
            "²³^",
        ),
        Rule(
            lazy(
                rf"[⁻⁺]?[{_POWERS}]{{1,3}}(?<=[\p{{L}}\d)][⁻⁺]?[{_POWERS}]{{1,3}})"
                r"(?<!(?:\b|\d\s?)(?:[mkcd]?m|ft|in|yd|mi|km)[²³])"
            ),
            _power,
            _POWERS,
        ),
        Rule(
            lazy(r"\^(?<=[\p{L}\d)]\s?.)\s?(?:[23](?![\d.])|[-\u2212]?\p{L}\b|\{[^{}\s]{1,8}\}|\([^()\s]{1,8}\))"),
            _power,
            "^",
        ),
        Rule(
            lazy(r"\^(?<=[\p{L}\d)]\s?.)\s?(?=[-\u2212]?\d)|\*\*(?<=\d..)(?=\d)"),
            lambda match: spaced(match, "to the power of "),
            "^*",
        ),
        Rule(
            lazy(r"[eE](?<=(?<![\w.,])\d{1,9}(?:\.\d{1,9})?.)\+?(?=[-\u2212]?\d{1,3}(?!\w|\.\w))"),
            lambda _: " times 10 to the power of ",
            COUNTS,
        ),
        Rule(lazy(r"π(?=\p{L})"), lambda _: "pi ", "π"),
        # Decimal numbers without an integer part, such as .5.
        Rule(lazy(r"\.(?<![\w.,)\]].)(?=\d++(?!\.\d))"), lambda _: "0.", (".", DIGITS)),
        Rule(
            lazy(
                r"[-\u2212–](?:(?<=(?:(?<![\w.])\d{1,9}|\b[a-z])\s?.)(?=\s?(?:\d{0,4}[a-z]|\d{1,9})\b\s?[=+])"
                r"|(?<=\b\d{0,4}[a-z]\s.)(?=\s\d)|(?<=(?:[²³]|squared|cubed)\s?.)(?=\s?\d))"
            ),
            lambda match: spaced(match, "minus"),
            "-−–",
        ),
    ]


def rules() -> list[Rule]:
    """Returns the rules for operators. They are applied after the rules for ranges."""
    return [
        # A letter in a formula is not an article.
        Rule(
            lazy(rf"[aA](?<![\p{{L}}'’].)(?:(?=\s{_OPERATOR}\s)|(?<={_OPERATOR}\s.)(?=\s{_OPERATOR}\s|[.,;:)]|\Z))"),
            lambda _: "eigh",
            "=≠≤≥<>≈×÷+→",
        ),
        # A menu path: Settings > System.
        Rule(lazy(r"(?<=\p{L}{2}[\"'”’)\]]?)\s>\s(?=[\"'“‘(\[]?\p{Lu}\p{L})"), lambda _: ", ", ">"),
        Rule(lazy(r"!(?<=(?<![\w.])(?:\d{1,4}|\p{Ll})!)(?=\s?[=+*/×÷-]\s?[\w(])"), lambda _: " factorial", "!"),
        Rule(lazy(r"(?<=\s)&&(?=\s)"), lambda _: "and", "&"),
        Rule(lazy(r"(?<=\s)\|\|(?=\s)"), lambda _: "or", "|"),
        Rule(
            lazy(r"[<>](?<=(?:\d|[)²³]|(?<![\w.<&?-])[a-z]).)(?=\d|[a-z](?![\w>]|\.\w))"),
            lambda match: spaced(match, _OPERATORS[match[0]]),
            "<>",
        ),
        Rule(lazy(r"[≠≤≥≈≅±÷→∝≡∈]|[⋅·](?=\s?[\d(])|===?|!=|<=|>=|->|=>|[<>]"), _between, "≠≤≥≈≅±÷→∝≡∈⋅·=!<>-"),
        Rule(
            lazy(r"(?<![\w)\]]|[-=](?=[<>]))(?<sign>[~≈±≤≥√∛]|[<>]=?)\s?(?=[-\u2212$€£]?[\d.(]|\p{L}\b(?!>))"),
            _before_number,
            "~≈±≤≥√∛<>",
        ),
        Rule(lazy(r"\+(?<=(?:\d|\b\p{L}|[²³]).)(?=\d|\p{L}\b)"), lambda _: " plus ", "+"),
        Rule(
            lazy(
                r"=(?<=[\p{L}\d)²³]\s?.)(?=\s?[\p{L}\d(.-])(?<!\b(?!squared|cubed)[^\W\d]\w{1,30}=)"
                r"(?<![?&]\w{1,30}=)"
            ),
            lambda match: spaced(match, "equals"),
            "=",
        ),
    ]


def late_rules() -> list[Rule]:
    """Returns the rules for signs between words."""
    return [
        Rule(lazy(r"§{1,2}\s?(?=\d)"), lambda match: "sections " if match[0][1:2] == "§" else "section ", "§"),
        Rule(lazy(r"\bC\+\+"), lambda _: "C plus plus", "+"),
        Rule(lazy(r"\b(?<=\b[CF])#"), lambda _: " sharp", "#"),
        Rule(lazy(r"(?<![\w&])#(?=\p{L}{1,3}-?\d)"), lambda _: "number ", "#"),
        Rule(lazy(r"(?<![\w&])#(?=\p{L})"), lambda _: "hashtag ", "#"),
        Rule(
            lazy(rf"/(?<=\p{{L}}{{2}}/)(?<unit>{'|'.join(_PER)})\b"), lambda match: f" per {_PER[match['unit']]}", "/"
        ),
        Rule(lazy(r"(?<=\p{L}\)?)\s?/\s?(?=\(?\p{L})(?<!\b\p{L}/)(?!/\p{L}\b)"), lambda _: " ", "/"),
        Rule(lazy(r"(?<=\w)\(\)"), lambda _: "", "("),
    ]
