"""Polish numerals in words: cardinals in several cases, and declined ordinals."""

from wyoming_piper_serial.text.preparation.builders import listed

# Irregular first parts of compounds, by the genitive of the number. All others end in "o".
_PREFIXES = {
    "jednego": "jedno",
    "jeden": "jedno",
    "dwóch": "dwu",
    "trzech": "trzy",
    "czterech": "cztero",
    "stu": "stu",
}
_MAX_PREFIX = 200
_MAX_CARDINAL = 999_999
_ONES = listed(
    "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście trzynaście czternaście "
    "piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście"
)
_TENS = listed(
    "zero dziesięć dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt "
    "dziewięćdziesiąt"
)
_HUNDREDS = listed("zero sto dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset")
_ONES_GENITIVE = listed(
    "zera jednego dwóch trzech czterech pięciu sześciu siedmiu ośmiu dziewięciu dziesięciu jedenastu "
    "dwunastu trzynastu "
    "czternastu piętnastu szesnastu siedemnastu osiemnastu dziewiętnastu"
)
_TENS_GENITIVE = listed(
    "zera dziesięciu dwudziestu trzydziestu czterdziestu pięćdziesięciu sześćdziesięciu siedemdziesięciu "
    "osiemdziesięciu dziewięćdziesięciu"
)
_HUNDREDS_GENITIVE = listed("zera stu dwustu trzystu czterystu pięciuset sześciuset siedmiuset ośmiuset dziewięciuset")
# Stems of ordinals, to which an ending is added. In `drugi` and `trzeci`, an `i` precedes the ending.
_ORDINAL_ONES = listed(
    "zerow pierwsz drug trzec czwart piąt szóst siódm ósm dziewiąt dziesiąt jedenast dwunast "
    "trzynast czternast piętnast "
    "szesnast siedemnast osiemnast dziewiętnast"
)
_ORDINAL_TENS = listed(
    "zero dziesiąt dwudziest trzydziest czterdziest pięćdziesiąt sześćdziesiąt siedemdziesiąt "
    "osiemdziesiąt dziewięćdziesiąt"
)
_ORDINAL_HUNDREDS = listed(
    "zero setn dwusetn trzechsetn czterechsetn pięćsetn sześćsetn siedemsetn osiemsetn dziewięćsetn"
)
_THOUSANDTH = listed(
    "zero tysięczn dwutysięczn trzytysięczn czterotysięczn pięciotysięczn sześciotysięczn siedmiotysięczn"
)


def plural(number: int, one: str, few: str, many: str) -> str:
    """Returns the form of a noun after a number, such as `minuta`, `minuty` or `minut`."""
    if number == 1:
        return one
    return few if number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14} else many


def feminine(number: int) -> str:
    """Returns a cardinal in the form that precedes a feminine noun."""
    if number == 1:
        return "jedna"
    if number % 10 == 2 and number % 100 != 12:
        return f"{cardinal(number - 2)} dwie" if number > 2 else "dwie"
    return cardinal(number)


def cardinal(number: int) -> str:
    """Returns a number from 0 to 999 999 in words, or a larger number in digits."""
    if number > _MAX_CARDINAL:
        return str(number)
    thousands, rest = divmod(number, 1000)
    words = [cardinal(thousands)] if thousands > 1 else []
    if thousands:
        words.append(plural(thousands, "tysiąc", "tysiące", "tysięcy"))
    return " ".join(words + _below_thousand(rest, _ONES, _TENS, _HUNDREDS)) if number else "zero"


def genitive(number: int) -> str:
    """Returns the genitive of a number from 0 to 9999 in words, such as `dziesięciu`."""
    thousands, rest = divmod(number, 1000)
    words = [genitive(thousands), "tysięcy"] if thousands > 1 else ["tysiąca"] * thousands
    words += _below_thousand(rest, _ONES_GENITIVE, _TENS_GENITIVE, _HUNDREDS_GENITIVE)
    if number > 1 and words[-1] == "jednego":
        words[-1] = "jeden"
    return " ".join(words) if number else "zera"


def locative(number: int) -> str | None:
    """Returns the locative of a number from 2 to 999 before a plural noun, such as `pięciu` in `po pięciu minutach`, or
    `None` for other numbers.
    """
    return genitive(number) if 1 < number < 1000 else None


def instrumental(number: int) -> str | None:
    """Returns the instrumental of a number from 2 to 20, such as `pięcioma` in `przed pięcioma minutami`, or `None` for
    other numbers.
    """
    if not 1 < number <= 20:
        return None
    irregular = {2: "dwoma", 3: "trzema", 4: "czterema"}
    return irregular.get(number) or genitive(number).removesuffix("u") + "oma"


def prefix(number: int) -> str | None:
    """Returns the number as the first part of a compound, such as `pięcio` in `pięciominutowy`, or `None` for 0 and for
    numbers above 199.
    """
    if not 0 < number < _MAX_PREFIX:
        return None
    return "".join(_PREFIXES.get(word) or word.removesuffix("u") + "o" for word in genitive(number).split())


def ordinal(number: int, ending: str) -> str:
    """Returns the ordinal for a number from 0 to 7999 in words.

    `ending` is the ending of a regular adjective, such as `y`, `a`, `ego` or `ych`. Only the tens and ones are
    declined; if both are zero, the last word is declined.
    """
    rest = number % 100
    if rest or not number:
        before = [cardinal(number - rest)] if number > rest else []
        if rest < 20:
            return " ".join([*before, _declined(_ORDINAL_ONES[rest], ending)])
        stems = [_ORDINAL_TENS[rest // 10]] + ([_ORDINAL_ONES[rest % 10]] if rest % 10 else [])
        return " ".join(before + [_declined(stem, ending) for stem in stems])
    thousands, hundreds = divmod(number // 100, 10)
    if not hundreds:
        return _declined(_THOUSANDTH[thousands], ending)
    before = [cardinal(thousands * 1000)] if thousands else []
    return " ".join([*before, _declined(_ORDINAL_HUNDREDS[hundreds], ending)])


def _below_thousand(number: int, ones: list[str], tens: list[str], hundreds: list[str]) -> list[str]:
    words = [hundreds[number // 100]] if number >= 100 else []
    rest = number % 100
    if rest >= 20:
        words.append(tens[rest // 10])
        rest %= 10
    return words + ([ones[rest]] if rest else [])


def _declined(stem: str, ending: str) -> str:
    if stem == "drug" and ending[0] not in "ye":
        return stem + ending
    if stem in {"drug", "trzec"}:
        return stem + "i" + ending.removeprefix("y")
    return stem + ending
