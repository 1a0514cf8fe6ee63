"""Plural categories of numbers according to Unicode CLDR (UTS #35, Language Plural Rules)."""

from collections.abc import Mapping

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.number import Number

_RELATION = lazy(r"(?P<operand>[nivwftce])(?: mod (?P<modulus>\d+))? (?P<negated>not )?in (?P<ranges>[\d.,]+)")
_Relation = tuple[str, int, bool, tuple[tuple[int, int], ...]]


class PluralRules:
    """Determines the plural category of a number, such as `one` or `few`.

    A rule consists of conditions joined by `or`. A condition consists of relations joined by `and`, such as
    `i mod 10 in 2..4`. The operands are those of UTS #35: `n` is the absolute value, `i` is the integer part, `v` and
    `f` are the number and the value of the fraction digits, and `w` and `t` are the same without trailing zeros.
    """

    def __init__(self, rules: Mapping[str, str]) -> None:
        """Raises ValueError if a rule is malformed."""
        self._rules = [(category, _conditions(rule)) for category, rule in rules.items()]
        self.categories = (*rules, "other")

    def category(self, number: Number) -> str:
        """Returns the first category whose rule the number satisfies, or `other` if no rule is satisfied."""
        operands = _operands(number)
        for category, conditions in self._rules:
            for condition in conditions:
                if all(_holds(relation, operands) for relation in condition):
                    return category
        return "other"


def _conditions(rule: str) -> list[list[_Relation]]:
    return [[_relation(relation) for relation in condition.split(" and ")] for condition in rule.split(" or ")]


def _relation(text: str) -> _Relation:
    match = _RELATION.fullmatch(text)
    if match is None:
        raise ValueError(f"not a plural rule: {text!r}")
    ranges = []
    for part in match["ranges"].split(","):
        low, _, high = part.partition("..")
        ranges.append((int(low), int(high or low)))
    return match["operand"], int(match["modulus"] or 0), bool(match["negated"]), tuple(ranges)


def _operands(number: Number) -> dict[str, int | None]:
    trimmed = number.fraction.rstrip("0")
    whole = int(number.integer or "0")
    return {
        "n": None if trimmed else whole,  # a number with a fraction is not equal to any integer
        "i": whole,
        "v": len(number.fraction),
        "w": len(trimmed),
        "f": int(number.fraction or "0"),
        "t": int(trimmed or "0"),
        "c": 0,  # the exponent of compact forms such as "1M", which do not occur here
        "e": 0,
    }


def _holds(relation: _Relation, operands: Mapping[str, int | None]) -> bool:
    operand, modulus, negated, ranges = relation
    value = operands[operand]
    if value is None:
        return negated
    if modulus:
        value %= modulus
    for low, high in ranges:
        if low <= value <= high:
            return not negated
    return negated
