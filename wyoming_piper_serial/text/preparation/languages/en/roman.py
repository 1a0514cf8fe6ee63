"""English rules for Roman numerals that can be recognized from the words around them."""

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import roman_value
from wyoming_piper_serial.text.preparation.languages.en.context import text_after, text_before, words
from wyoming_piper_serial.text.preparation.languages.en.numbers import cardinal, ordinal
from wyoming_piper_serial.text.preparation.passage import Match, Rule, has_word

_LIMIT = 99
# Words after which a numeral is read as a cardinal.
_NUMBERED = words(
    "war chapter part volume vol act scene section sec book phase type class level stage grade article title"
    " appendix figure fig table episode season bowl mark mk apollo fantasy tier division category group zone"
    " schedule annex unit canto psalm rocky godfather exhibit plate paragraph clause lesson step round case factor"
    " form union symphony sonata concerto version model generation gen no vatican amendment quadrant region"
    " district corps"
)
_BOOKS = words(
    "chapter part volume vol act scene section book article title episode appendix phase canto psalm apollo mark mk"
)
# Names of monarchs and popes, and other names that numerals often follow.
_NAMES = words(
    "henry louis elizabeth charles george william edward richard james john paul pius leo benedict gregory"
    " innocent urban clement alexander nicholas peter catherine frederick wilhelm friedrich philip felipe alfonso"
    " ferdinand juan carlos francis joseph maria mary anne victor emmanuel umberto napoleon ivan paul gustav"
    " gustaf adolf oscar haakon harald olaf olav christian margrethe beatrix albert leopold baudouin rainier"
    " ramesses ramses thutmose amenhotep ptolemy cleopatra darius xerxes cyrus artaxerxes philip robert david"
    " malcolm kenneth edmund harold stephen matilda hussein abdullah mehmed mehmet selim murad suleiman abdul"
    " hassan mohammed faisal pedro manuel afonso sancho vasa casimir sigismund stanislaus otto conrad rudolf"
    " maximilian matthias ludwig karl franz boniface celestine eugene julius martin sixtus adrian callixtus"
    " honorius lucius stephen sylvester victor theodore constantine justinian michael andronicus rama norodom"
    " thomas howell davis jonathan"
)
_RULERS = words("king queen pope emperor empress tsar czar kaiser sultan prince princess shah pharaoh saint")
_WORDS = lazy(r"(\p{L}++)[.,]?\s(\p{L}++)[.,]?\s\Z|(\p{L}++)[.,]?\s\Z")
_ENDS_NAME = lazy(r"\s?(?:\Z|[,.;:!?)'’]|(?:of|and|reigned|ruled|died|abdicated|ascended|became)\b)")


def _numeral(match: Match) -> str | None:
    numeral = match["numeral"]
    value = roman_value(numeral, limit=_LIMIT)
    found = _WORDS.search(text_before(match, 40))
    if not value or found is None:
        return None
    word, earlier = (found[2] or found[3]), (found[1] or "")
    following = text_after(match, 14)
    single = len(numeral) == 1
    if not word[0].isupper() or (word.isupper() and len(word) > 1 and not match.string.isupper()):
        return cardinal(value) if word in _NUMBERED and not single else None
    if word.lower() in _NUMBERED:
        # "Chapter I" contains a numeral, but "the Chapter I read" does not.
        is_clear = word.lower() in _BOOKS and (numeral in "VX" or _ENDS_NAME.match(following))
        return cardinal(value) if not single or is_clear or earlier == "World" else None
    return _of_name(value, word.lower(), earlier.lower(), numeral, following)


def _of_name(value: int, name: str, earlier: str, numeral: str, following: str) -> str | None:
    is_name = name in _NAMES or earlier in _NAMES or earlier in _RULERS
    if len(numeral) > 1:
        if is_name:
            return f"the {ordinal(value)}"
        return None if numeral in ("XL", "XX", "LI", "XC", "LV", "LX", "VI") else cardinal(value)
    if numeral == "I" and is_name and (earlier in _RULERS or _ENDS_NAME.match(following)):
        return "the first"
    if numeral in "VX" and ((name in _NAMES and name != "malcolm") or earlier in _RULERS):
        return f"the {ordinal(value)}"
    return None


def _century(match: Match) -> str | None:
    value = roman_value(match["numeral"], limit=_LIMIT)
    return ordinal(value) if value else None


def _small(match: Match) -> str | None:
    value = roman_value(match["numeral"].upper(), limit=_LIMIT)
    return cardinal(value) if value else None


def rules() -> list[Rule]:
    """Returns the rules for Roman numerals."""
    return [
        Rule(
            lazy(
                r"\b(?<numeral>[IVXL]{1,8})(?:st|nd|rd|th)?(?=[\s-](?:century|centuries|Olympi|Winter|Summer\sOlympi|dynasty))"
            ),
            _century,
            "IVXL",
        ),
        Rule(lazy(r"(?<=\p{L}[.,]?\s)(?<numeral>[IVXLC]{1,8})(?![\w&/-]|['’](?!s\b)|\.\p{L})"), _numeral, "IVXLC"),
        Rule(
            lazy(r"(?:(?<=\()|(?<=\b[Pp](?:ages?|p?\.)\s?))(?<numeral>[ivx]{2,6})(?=\)|(?<=\b[Pp].{2,12})\b)"),
            _small,
            has_word(("(", "age", "p.", "P.")),
        ),
    ]
