"""English rules for acronyms that espeak-ng would misread: as letters instead of a word, or as a word instead of
letters.
"""

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.passage import Match, Rule, has_word

_SPOKEN = {
    "WWII": "World War Two",
    "WWI": "World War One",
    "LAN": "lan",
    "WAN": "wan",
    "RAM": "ram",
    "ROM": "rom",
    "PIN": "pin",
    "PINs": "pins",
    "SIM": "sim",
    "ZIP": "zip",
    "NAS": "nas",
    "MAC": "mac",
    "DOS": "doss",
    "NaN": "nan",
    "JSON": "jason",
    "VoIP": "voip",
    "SaaS": "sass",
    "WHO": "W H O",
    "IoT": "I O T",
    "ETA": "E T eigh",
    "ETAs": "E T A's",
    "TVOC": "T V O C",
    "PoE": "P O E",
    "IDs": "I dees",
    "PO": "P O",
    "CO2": "C O two",
    "NO2": "N O two",
    "SO2": "S O two",
    "O2": "O two",
    "H2O": "H two O",
    "Q&A": "Q and eigh",
    "M&A": "M and eigh",
}
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def spelled(letters: str) -> str:
    """Returns capital letters in a form that espeak-ng spells out, unless another word in capitals follows.

    A single "A" is replaced, because espeak-ng would read it as the article.
    """
    if letters == "A":
        return "eigh"
    return letters if "A" in letters else " ".join(letters)


def _acronym(match: Match) -> str | None:
    # If the whole sentence is in capitals, a word in capitals is not an acronym.
    if match.string.isupper() and not any(one.isdigit() for one in match[0]):
        return None
    return _SPOKEN.get(match[0])


def _formula(match: Match) -> str:
    written = match[0].translate(_SUBSCRIPTS)
    return _SPOKEN.get(written) or " ".join(written)


def rules() -> list[Rule]:
    """Returns the rules for acronyms. They are applied after the rules for abbreviations."""
    names = "|".join(sorted(_SPOKEN, key=len, reverse=True))
    return [
        Rule(lazy(rf"(?<![\w&-])(?:{names})(?![\w&-])"), _acronym, has_word(_SPOKEN)),
        # A plural possessive, as in "the MPs' vote".
        Rule(lazy(r"['’](?<=(?<![\w&-])\p{Lu}{2,9}s.)(?!\w)"), lambda _: "", "'’"),
        # espeak-ng drops a lower-case "s" after a long acronym that it reads as a word.
        Rule(lazy(r"['’]?s(?<=(?<![\w&-])(?:ID|(?=[A-Z]{1,7}[AEIOU])[A-Z]{4,10})['’]?s)(?!\w)"), lambda _: "'S"),
        Rule(lazy(r"(?<!\w)(?:\p{Lu}\p{Ll}?[₀-₉]{0,2}){1,6}+(?<=[₀-₉]\p{L}{0,2})(?!\w)"), _formula, "₀₁₂₃₄₅₆₇₈₉"),
    ]
