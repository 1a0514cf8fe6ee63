"""Russian numerals in words: cardinals in several cases, and declined ordinals."""

from collections.abc import Mapping

from wyoming_piper_serial.text.preparation.builders import listed

_MAX_OBLIQUE = 200  # the numbers below it have regular forms in all cases
_MAX_CARDINAL = 999_999
_ONES = listed(
    "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
    "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
)
_TENS = listed("ноль десять двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто")
_HUNDREDS = listed("ноль сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот")
_ONES_GENITIVE = listed(
    "нуля одного двух трёх четырёх пяти шести семи восьми девяти десяти одиннадцати двенадцати тринадцати четырнадцати "
    "пятнадцати шестнадцати семнадцати восемнадцати девятнадцати"
)
_TENS_GENITIVE = listed("нуля десяти двадцати тридцати сорока пятидесяти шестидесяти семидесяти восьмидесяти девяноста")
_HUNDREDS_GENITIVE = listed("нуля ста двухсот трёхсот четырёхсот пятисот шестисот семисот восьмисот девятисот")
# Ordinals in the nominative.
_ORDINAL_ONES = listed(
    "нулевой первый второй третий четвёртый пятый шестой седьмой восьмой девятый десятый одиннадцатый двенадцатый "
    "тринадцатый четырнадцатый пятнадцатый шестнадцатый семнадцатый восемнадцатый девятнадцатый"
)
_ORDINAL_TENS = listed(
    "нулевой десятый двадцатый тридцатый сороковой пятидесятый шестидесятый семидесятый восьмидесятый девяностый"
)
_ORDINAL_HUNDREDS = listed(
    "нулевой сотый двухсотый трёхсотый четырёхсотый пятисотый шестисотый семисотый восьмисотый девятисотый"
)
_THOUSANDTH = listed("нулевой тысячный двухтысячный трёхтысячный четырёхтысячный пятитысячный шеститысячный")
_INSTRUMENTAL = {
    "двух": "двумя",
    "трёх": "тремя",
    "четырёх": "четырьмя",
    "восьми": "восемью",
    "сорока": "сорока",
    "девяноста": "девяноста",
    "ста": "ста",
    "пятидесяти": "пятьюдесятью",
    "шестидесяти": "шестьюдесятью",
    "семидесяти": "семьюдесятью",
    "восьмидесяти": "восемьюдесятью",
}
# Irregular first parts of compounds such as `пятилетний`.
_PREFIXES = {1: "одно", 40: "сорока", 90: "девяносто", 100: "сто", 1000: "тысяче"}


def plural(number: int, one: str, few: str, many: str) -> str:
    """Returns the form of a noun after a number, such as `минута`, `минуты` or `минут`."""
    if number % 100 in {11, 12, 13, 14}:
        return many
    return one if number % 10 == 1 else few if number % 10 in {2, 3, 4} else many


def gendered(number: int, one: str, two: str = "два") -> str:
    """Returns a cardinal that agrees with the next noun. `one` and `two` are the forms of 1 and 2 that the noun
    requires, such as `одна` and `две`.
    """
    last = number % 10 if number % 100 not in {11, 12} else 0
    if (last == 1 and one != "один") or (last == 2 and two != "два"):
        return (f"{cardinal(number - last)} " if number > last else "") + (one if last == 1 else two)
    return cardinal(number)


def cardinal(number: int) -> str:
    """Returns a number from 0 to 999 999 in words, or a larger number in digits."""
    if number > _MAX_CARDINAL:
        return str(number)
    thousands, rest = divmod(number, 1000)
    words = []
    if thousands:
        counted = cardinal(thousands).split()
        counted[-1] = {"один": "одна", "два": "две"}.get(counted[-1], counted[-1])
        words = [*(counted if thousands > 1 else []), plural(thousands, "тысяча", "тысячи", "тысяч")]
    return " ".join(words + _below_thousand(rest, _ONES, _TENS, _HUNDREDS)) if number else "ноль"


def genitive(number: int) -> str:
    """Returns the genitive of a number from 0 to 9999 in words, such as `десяти`."""
    thousands, rest = divmod(number, 1000)
    words = [genitive(thousands), "тысяч"] if thousands > 1 else ["тысячи"] * thousands
    words += _below_thousand(rest, _ONES_GENITIVE, _TENS_GENITIVE, _HUNDREDS_GENITIVE)
    return " ".join(words) if number else "нуля"


def dative(number: int) -> str | None:
    """Returns the dative of a number below 200 before a plural noun, such as `пяти` in `к пяти часам`, or `None` for
    other numbers and for numbers such as 21, which precede a singular noun.
    """
    return _ending_in(number, {2: "двум", 3: "трём", 4: "четырём"})


def dative_of_one(number: int) -> str | None:
    """Returns the dative of a number such as 1 or 21, below 200, before a masculine singular noun, as in `к одному
    часу`, or `None` for other numbers.
    """
    return genitive(number).removesuffix("ого") + "ому" if _precedes_singular(number) else None


def instrumental_of_one(number: int) -> str | None:
    """Returns the instrumental of a number such as 1 or 21, below 200, before a masculine singular noun, such as
    `двадцатью одним`, or `None` for other numbers.
    """
    if not _precedes_singular(number):
        return None
    tens = instrumental(number - 1) if number > 1 else ""
    return f"{tens} одним".lstrip()


def prepositional(number: int) -> str | None:
    """Returns the prepositional of a number below 200 before a plural noun, such as `пяти` in `в пяти комнатах`, or
    `None` for other numbers and for numbers such as 21, which precede a singular noun.
    """
    return _ending_in(number, {})


def instrumental(number: int) -> str | None:
    """Returns the instrumental of a number below 200 before a plural noun, such as `пятью` in `с пятью лампами`, or
    `None` for other numbers and for numbers such as 21, which precede a singular noun.
    """
    if not _precedes_plural(number):
        return None
    words = [_INSTRUMENTAL.get(word, word.removesuffix("и") + "ью") for word in genitive(number).split()]
    return " ".join(words)


def _ending_in(number: int, last: Mapping[int, str]) -> str | None:
    """Returns the genitive of a number with the last word from `last` for 2, 3 and 4, or `None` if the number does not
    precede a plural noun.
    """
    if not _precedes_plural(number):
        return None
    words = genitive(number).split()
    if number % 100 not in {12, 13, 14}:
        words[-1] = last.get(number % 10, words[-1])
    return " ".join(words)


def _precedes_singular(number: int) -> bool:
    return number % 10 == 1 and number % 100 != 11 and number < _MAX_OBLIQUE


def _precedes_plural(number: int) -> bool:
    return 1 < number < _MAX_OBLIQUE and not _precedes_singular(number)


def prefix(number: int) -> str:
    """Returns the number as the first part of a compound, such as `пяти` in `пятилетний`."""
    return _PREFIXES.get(number) or genitive(number).replace(" ", "").replace("одного", "одно")


def ordinal(number: int, ending: str) -> str:
    """Returns the ordinal for a number from 0 to 6999 in words.

    `ending` is the ending of a regular adjective, such as `ый`, `ая`, `ого` or `ых`. Only the last word is declined.
    """
    thousands, hundreds = divmod(number, 1000)
    rest = number % 100
    if rest or not number:
        last = rest if rest < 20 else rest % 10 or rest
        word = _ORDINAL_ONES[last] if last < 20 else _ORDINAL_TENS[last // 10]
    elif hundreds:
        last, word = hundreds % 1000 // 100 * 100, _ORDINAL_HUNDREDS[hundreds // 100]
    else:
        return _declined(_THOUSANDTH[thousands], ending)
    before = [cardinal(number - last)] if number > last else []
    return " ".join([*before, _declined(word, ending)])


def _below_thousand(number: int, ones: list[str], tens: list[str], hundreds: list[str]) -> list[str]:
    words = [hundreds[number // 100]] if number >= 100 else []
    rest = number % 100
    if rest >= 20:
        words.append(tens[rest // 10])
        rest %= 10
    return words + ([ones[rest]] if rest else [])


def _declined(nominative: str, ending: str) -> str:
    if ending == "ый":
        return nominative
    stem = nominative[:-2]
    if stem != "трет":
        return stem + ending
    soft = {"ая": "ья", "ое": "ье", "ую": "ью", "ые": "ьи", "ым": "ьим", "ых": "ьих", "ыми": "ьими"}
    return stem + soft.get(ending, "ье" + ending.removeprefix("о"))
