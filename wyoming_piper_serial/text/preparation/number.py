"""Parses written numbers: digits with separators, and single characters that represent fractions."""

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from wyoming_piper_serial.text.patterns import lazy

_SPACES = " \u00a0\u202f\u2009"
_APOSTROPHES = "'’"
MAX_DIGITS = 30
"""Maximum number of digits in a number. A longer string of digits is treated as an identifier."""

# A sequence of digits and separators. `Separators.parse` decides whether it is a number. A plain space is a separator
# only before a group of three digits. The number of plain spaces is limited because a match can start after each space.
_JOINED = rf"(?:[.,{_APOSTROPHES}\u00a0\u202f\u2009][0-9]++)*+"
RUN = rf"[0-9]++{_JOINED}(?:\x20[0-9]{{3}}(?![0-9]){_JOINED}){{0,{MAX_DIGITS}}}+"
_PARTS = lazy(rf"([.,{_APOSTROPHES}{_SPACES}])")

FRACTION_SIGNS = {
    sign: (int(numerator), int(denominator))
    for sign in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒"
    for numerator, _, denominator in [unicodedata.normalize("NFKC", sign).partition("\u2044")]
}
"""The numerator and the denominator of each character that represents a fraction."""

_MAX_DENOMINATOR = 100

_SHORTEST_GROUPED = len("1 000")
# Groups of three digits, separated by spaces or apostrophes.
_GROUPED = lazy(
    rf"(?<![\p{{L}}\p{{N}}_+])(?<![0-9][.,:{_APOSTROPHES}{_SPACES}])[1-9][0-9]{{0,2}}"
    rf"(?P<sign>[{_APOSTROPHES}{_SPACES}])[0-9]{{3}}(?:(?P=sign)[0-9]{{3}})*+(?!(?:(?P=sign)|-)?[0-9])"
)


def proper_fraction(fields: Mapping[str, str | None]) -> tuple[int, int] | None:
    """Returns the numerator and the denominator of a fraction, or `None` if it is not between 0 and 1, or if the
    denominator is large.

    `fields` contains the groups of a match: `sign`, a character that represents a fraction, or `numerator` and
    `denominator`.
    """
    sign = fields.get("sign")
    if sign:
        return FRACTION_SIGNS[sign]
    numerator, denominator = int(fields["numerator"] or 0), int(fields["denominator"] or 0)
    return (numerator, denominator) if 0 < numerator < denominator <= _MAX_DENOMINATOR else None


class Number(NamedTuple):
    """The digits of a number without its sign, such as `1234` and `50` for `1,234.50`."""

    integer: str
    fraction: str = ""
    """The digits after the decimal sign. Trailing zeros are kept because `1.0` and `1` can require different plural
    forms.
    """

    @classmethod
    def of(cls, value: "Number | int | str") -> "Number":
        """Converts an integer, or a string such as `21.5`, to a number."""
        if isinstance(value, Number):
            return value
        integer, _, fraction = str(value).partition(".")
        return cls(integer, fraction)


class Separators(NamedTuple):
    """The decimal sign and the thousands separator of a language."""

    decimal: str
    group: str
    """The thousands separator. A space matches any kind of space."""

    def parse(self, run: str, *, has_unit: bool = False, is_price: bool = False) -> Number | None:
        """Returns the number that `run` represents, or `None` if `run` is ambiguous or not a number.

        A dot is the decimal sign in every language, with two exceptions. Several dots separate thousands. A single dot
        before three digits also does if it is the thousands separator of the language or, in a price, if it is not the
        decimal sign of the language. `has_unit` says that a unit follows, and `is_price` that the number is a price. In
        both cases, `2,5` is a number rather than a list.
        """
        parts = _PARTS.split(run)
        groups, signs = parts[::2], parts[1::2]
        if sum(map(len, groups)) > MAX_DIGITS:
            return None
        fraction = ""
        if signs and signs[-1] in ".,":
            if signs.count(signs[-1]) > 1:
                return _joined(groups, signs) if len(set(signs)) == 1 else None
            if self._is_decimal(groups, signs, has_unit=has_unit, is_price=is_price):
                fraction, groups, signs = groups[-1], groups[:-1], signs[:-1]
            elif len(signs) > 1 or not self._may_group(groups, signs[-1]):
                return None
        if not signs:
            return Number(groups[0], fraction)
        if set(signs) == {" "} and not self._joins_plain_spaces(groups, has_unit=has_unit or is_price):
            return None
        whole = _joined(groups, signs)
        return whole and Number(whole.integer, fraction)

    def between_thousands(self, text: str) -> list[int]:
        """Returns the positions of the spaces and apostrophes in `text` that separate thousands.

        In some languages, a plain space always separates thousands. In all other languages, a plain space separates
        thousands only if the next group of digits begins with 0 or if there are three or more groups. Exactly three
        groups of three digits with plain spaces are not joined, because they may be a telephone number, unless the last
        two groups are zeros.
        """
        found: list[int] = []
        if len(text) < _SHORTEST_GROUPED:
            return found
        for match in _GROUPED.finditer(text):
            groups = match[0].split(match["sign"])
            may_be_telephone = len(groups) == 3 and len(groups[0]) == 3 and groups[1:] != ["000", "000"]
            settled = self.group == " " or len(groups) > 2 or groups[1].startswith("0")
            if match["sign"] != " " or (settled and not may_be_telephone):
                at = match.start() - 1
                for group in groups[:-1]:
                    at += len(group) + 1
                    found.append(at)
        return found

    def _is_decimal(self, groups: list[str], signs: list[str], *, has_unit: bool, is_price: bool) -> bool:
        """Returns whether the last separator is the decimal sign."""
        sign = signs[-1]
        if len(signs) > 1 or len(groups[-1]) != 3 or len(groups[0]) > 3 or groups[0].startswith("0"):
            return sign in (".", self.decimal) or has_unit or is_price or len(signs) > 1
        return sign == self.decimal or (sign == "." and sign != self.group and not is_price)

    def _may_group(self, groups: list[str], sign: str) -> bool:
        return len(groups[-1]) == 3 and (sign in {self.group, "."})

    def _joins_plain_spaces(self, groups: list[str], *, has_unit: bool) -> bool:
        """Returns whether plain spaces separate thousands rather than two numbers."""
        return self.group == " " or has_unit or len(groups) > 2 or groups[-1] == "000"


def _joined(groups: list[str], signs: list[str]) -> Number | None:
    """Joins groups of digits to an integer, or returns `None` if the separators between them cannot be thousands
    separators.

    All groups except the first must have three digits. In the Indian format, as in `12,34,567`, only the last group has
    three digits, and the groups between the first and the last have two.
    """
    if len(set(signs)) > 1 or groups[0].startswith("0") or len(groups[0]) > 3 or len(groups[-1]) != 3:
        return None
    sizes = {len(group) for group in groups[1:-1]}
    if sizes <= {3} or (sizes == {2} and signs[0] == "," and len(groups[0]) <= 2):
        return Number("".join(groups))
    return None
