"""Spanish numerals in words: cardinals and ordinals."""

from enum import Enum

from wyoming_piper_serial.text.preparation.builders import listed

_ONES = listed("""
    cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis
    diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis
    veintisiete veintiocho veintinueve
""")
_TENS = listed("treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_HUNDREDS = listed("""
    ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos
""")
_ORDINAL_ONES = listed("primero segundo tercero cuarto quinto sexto séptimo octavo noveno")
_ORDINAL_TENS = listed("""
    décimo vigésimo trigésimo cuadragésimo quincuagésimo sexagésimo septuagésimo octogésimo nonagésimo
""")


class Form(Enum):
    """The grammatical form of a numeral."""

    ALONE = "veintiuno"
    MASCULINE = "veintiún"
    """The form before a masculine noun."""

    FEMININE = "veintiuna"


def cardinal(number: int, form: Form = Form.ALONE) -> str:
    """Returns the numeral for a number from 0 to 999 999 999. Raises ValueError for a larger number."""
    if number >= 1_000_000_000:
        raise ValueError(number)
    parts: list[str] = []
    millions, rest = divmod(number, 1_000_000)
    if millions:
        parts.append("un millón" if millions == 1 else f"{cardinal(millions, Form.MASCULINE)} millones")
    thousands, rest = divmod(rest, 1000)
    if thousands:
        before_thousand = Form.FEMININE if form is Form.FEMININE else Form.MASCULINE
        parts.append("mil" if thousands == 1 else f"{_below_thousand(thousands, before_thousand)} mil")
    if rest or not parts:
        parts.append(_below_thousand(rest, form))
    return " ".join(parts)


def has_forms(number: int, form: Form) -> bool:
    """Returns whether the numeral for `number` has a special `form`, which differs from the numeral without a noun."""
    return cardinal(number, form) != cardinal(number)


def ordinal(number: int, *, is_feminine: bool = False) -> str:
    """Returns the ordinal for 1000 or a number from 1 to 100, such as `segundo` for 2. Raises ValueError for other
    numbers.
    """
    if number != 1000 and not 1 <= number <= 100:
        raise ValueError(number)
    tens, ones = divmod(number, 10)
    if number == 100:
        words = "centésimo"
    elif number == 1000:
        words = "milésimo"
    elif number in (11, 12):
        words = ("undécimo", "duodécimo")[number - 11]
    elif not tens:
        words = _ORDINAL_ONES[ones - 1]
    elif not ones:
        words = _ORDINAL_TENS[tens - 1]
    elif tens == 1:
        words = f"decimo{_ORDINAL_ONES[ones - 1]}"
    else:
        words = f"{_ORDINAL_TENS[tens - 1]} {_ORDINAL_ONES[ones - 1]}"
    return " ".join(f"{word[:-1]}a" for word in words.split()) if is_feminine else words


def _below_thousand(number: int, form: Form) -> str:
    if number == 100:
        return "cien"
    hundreds, rest = divmod(number, 100)
    parts: list[str] = []
    if hundreds:
        word = _HUNDREDS[hundreds - 1]
        parts.append(f"{word[:-2]}as" if form is Form.FEMININE and hundreds > 1 else word)
    if rest or not hundreds:
        parts.append(_below_hundred(rest, form))
    return " ".join(parts)


def _below_hundred(number: int, form: Form) -> str:
    if number < len(_ONES):
        words = _ONES[number]
    else:
        tens, ones = divmod(number, 10)
        words = _TENS[tens - 3] + (f" y {_ONES[ones]}" if ones else "")
    if not words.endswith("uno") or form is Form.ALONE:
        return words
    if form is Form.FEMININE:
        return f"{words[:-1]}a"
    return "veintiún" if number == 21 else words[:-1]
