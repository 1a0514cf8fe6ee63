"""Portuguese numerals in words: cardinals and ordinals."""

from wyoming_piper_serial.text.preparation.builders import listed

_ONES = listed("""
    zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete
    dezoito dezenove
""")
_EUROPEAN = {16: "dezasseis", 17: "dezassete", 19: "dezanove"}
_TENS = listed("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa")
_HUNDREDS = listed("""
    cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos
""")
_ORDINAL_ONES = listed("primeiro segundo terceiro quarto quinto sexto sétimo oitavo nono")
_ORDINAL_TENS = listed("""
    décimo vigésimo trigésimo quadragésimo quinquagésimo sexagésimo septuagésimo octogésimo nonagésimo
""")
_ORDINAL_HUNDREDS = listed("""
    centésimo ducentésimo trecentésimo quadringentésimo quingentésimo sexcentésimo septingentésimo
    octingentésimo nongentésimo
""")
_FEMININE = {"um": "uma", "dois": "duas"}


def cardinal(number: int, *, is_feminine: bool = False, is_european: bool = False) -> str:
    """Returns the numeral for a number from 0 to 999 999 999. Raises ValueError for a larger number."""
    if number >= 1_000_000_000:
        raise ValueError(number)
    words: list[str] = []
    millions, rest = divmod(number, 1_000_000)
    if millions:
        words += [cardinal(millions, is_european=is_european), "milhão" if millions == 1 else "milhões"]
    thousands, rest = divmod(rest, 1000)
    if thousands:
        words += [] if thousands == 1 else _below_thousand(thousands, is_feminine, is_european)
        words.append("mil")
    if rest or not words:
        if words and (rest < 100 or rest % 100 == 0):
            words.append("e")
        words += _below_thousand(rest, is_feminine, is_european)
    return " ".join(words)


def ordinal(number: int, *, is_feminine: bool = False) -> str:
    """Returns the ordinal for a number from 1 to 1000, such as `segundo` for 2. Raises ValueError for other numbers."""
    if not 1 <= number <= 1000:
        raise ValueError(number)
    words: list[str] = ["milésimo"] if number == 1000 else []
    hundreds, rest = divmod(number % 1000, 100)
    tens, ones = divmod(rest, 10)
    for place, names in ((hundreds, _ORDINAL_HUNDREDS), (tens, _ORDINAL_TENS), (ones, _ORDINAL_ONES)):
        if place:
            words.append(names[place - 1])
    return " ".join(f"{word[:-1]}a" if is_feminine else word for word in words)


def _below_thousand(number: int, is_feminine: bool, is_european: bool) -> list[str]:
    if number == 100:
        return ["cem"]
    hundreds, rest = divmod(number, 100)
    words: list[str] = []
    if hundreds:
        word = _HUNDREDS[hundreds - 1]
        words.append(f"{word[:-2]}as" if is_feminine and hundreds > 1 else word)
    tens, ones = divmod(rest, 10)
    if rest >= len(_ONES):
        words.append(_TENS[tens - 2])
        rest = ones
    if rest or not words:
        word = _EUROPEAN.get(rest, _ONES[rest]) if is_european else _ONES[rest]
        words.append(_FEMININE.get(word, word) if is_feminine else word)
    return " e ".join(words).split()
