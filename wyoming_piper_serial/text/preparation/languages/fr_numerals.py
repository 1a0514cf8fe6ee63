"""French numerals in words: cardinals and ordinals."""

from wyoming_piper_serial.text.preparation.builders import listed

_ONES = listed("""
    zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept
    dix-huit dix-neuf
""")
_TENS = listed("dix vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt")


def cardinal(number: int, *, is_feminine: bool = False) -> str:
    """Returns the numeral for a number from 0 to 999 999 999. Raises ValueError for a larger number."""
    if number >= 1_000_000_000:
        raise ValueError(number)
    parts: list[str] = []
    millions, rest = divmod(number, 1_000_000)
    if millions:
        parts.append(f"{_below_thousand(millions)} million{'s' if millions > 1 else ''}")
    thousands, rest = divmod(rest, 1000)
    if thousands:
        # "cent" and "vingt" have no plural "s" before "mille".
        count = _below_thousand(thousands).replace("cents", "cent").replace("vingts", "vingt")
        parts.append("mille" if thousands == 1 else f"{count} mille")
    if rest or not parts:
        parts.append(_below_thousand(rest))
    words = " ".join(parts)
    return words + "e" if is_feminine and has_feminine(number) else words


def has_feminine(number: int) -> bool:
    """Returns whether the numeral has a feminine form, which ends in "une"."""
    return number % 10 == 1 and number % 100 not in (11, 71, 91)


def ordinal(number: int, *, is_feminine: bool = False) -> str:
    """Returns the ordinal for a number from 1 to 999 999 999, such as `deuxième` for 2. Raises ValueError for other
    numbers.
    """
    if number < 1:
        raise ValueError(number)
    if number == 1:
        return "première" if is_feminine else "premier"
    words = cardinal(number)
    if words.endswith(("cents", "vingts", "millions", "e")):
        words = words[:-1]
    elif words.endswith("cinq"):
        words += "u"
    elif words.endswith("neuf"):
        words = words[:-1] + "v"
    return words + "ième"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest)
    count = "" if hundreds == 1 else f"{_ONES[hundreds]} "
    if rest:
        return f"{count}cent {_below_hundred(rest)}"
    return f"{count}cent{'s' if hundreds > 1 else ''}"


def _below_hundred(number: int) -> str:
    if number < len(_ONES):
        return _ONES[number]
    tens, ones = divmod(number, 10)
    if tens in (7, 9):
        ones += 10
    words = _TENS[tens - 1]
    if not ones:
        return words + ("s" if tens == 8 else "")
    if ones in (1, 11) and tens < 8:
        return f"{words} et {_ONES[ones]}"
    return f"{words}-{_ONES[ones]}"
