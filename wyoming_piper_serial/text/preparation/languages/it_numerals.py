"""Italian numerals in words: cardinals and ordinals."""

from wyoming_piper_serial.text.preparation.builders import listed

_ONES = listed("""
    zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici
    diciassette diciotto diciannove
""")
_TENS = listed("venti trenta quaranta cinquanta sessanta settanta ottanta novanta")
_ORDINALS = listed("primo secondo terzo quarto quinto sesto settimo ottavo nono decimo")
_VOWELS = "aeiouàèéìòù"


def cardinal(number: int) -> str:
    """Returns the numeral for a number from 0 to 999. Raises ValueError for a larger number."""
    if number >= 1000:
        raise ValueError(number)
    hundreds, rest = divmod(number, 100)
    words = "" if not hundreds else "cento" if hundreds == 1 else f"{_ONES[hundreds]}cento"
    if rest >= len(_ONES):
        tens, ones = divmod(rest, 10)
        ten = _TENS[tens - 2]
        words += (ten[:-1] if ones in (1, 8) else ten) + (_ONES[ones] if ones else "")
    elif rest or not words:
        words += _ONES[rest]
    return f"{words[:-3]}tré" if number > 3 and words.endswith("tre") else words


def ordinal(number: int, *, is_feminine: bool = False) -> str:
    """Returns the ordinal for a number from 1 to 1000, such as `secondo` for 2. Raises ValueError for other numbers."""
    if not 1 <= number <= 1000:
        raise ValueError(number)
    if number <= len(_ORDINALS):
        words = _ORDINALS[number - 1]
    elif number == 1000:
        words = "millesimo"
    else:
        stem = cardinal(number).replace("tré", "tre")
        # The final vowel is kept in "ventitreesimo" and "ventiseiesimo", and dropped in other ordinals.
        words = f"{stem if stem.endswith(('tre', 'sei')) else stem[:-1]}esimo"
    return f"{words[:-1]}a" if is_feminine else words


def one(noun: str, *, is_feminine: bool) -> str:
    """Returns the form of the numeral 1 before `noun`, followed by a space if the form requires one."""
    first = noun[:1].casefold()
    if is_feminine:
        return "un'" if first in _VOWELS else "una "
    is_cluster = noun[:2].casefold() in ("gn", "ps", "pn") or (first == "s" and noun[1:2].casefold() not in _VOWELS)
    return "uno " if first in "zxy" or is_cluster else "un "
