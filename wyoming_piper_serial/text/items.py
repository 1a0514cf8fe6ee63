"""Recognizes markup at the beginning of a line: list items, tasks, headings and horizontal rules."""

from functools import cache

import regex

from wyoming_piper_serial.text.characters import ARROWS, ITEM_PAUSE, PICTURE
from wyoming_piper_serial.text.ratings import STARS
from wyoming_piper_serial.text.scanning import Token, View

_TASK = r"(?:\[[ xX]\][ \t]++(?=[^ \t])|(?=[^\[])|(?=\[[^ xX])|(?=\[[ xX][^\]])|(?=\[[ xX]\][^ \t]))"
_QUOTED = r"\n[ \t]{0,40}+(?:>[ \t]{0,4}+){0,6}+"
_RULE = regex.compile(r"\n[ \t]{0,12}(?:\*[ \t]{0,4}){3,40}(?=\n)")
# A picture may also mark an item, because language models often use emoji as bullets.
_BULLET = regex.compile(
    rf"({_QUOTED})(?:[-+*•‣⁃∙][ \t]++{_TASK}"
    rf"|(?:{PICTURE}[\u200d{PICTURE}]*+|[{STARS}{ARROWS}])[ \t]++(?=\S))"
)
_HEADING = regex.compile(r"\n(?=[ \t]{0,3}+#{1,6}+[ \t])")
_TASK_ALONE = regex.compile(rf"({_QUOTED})\[[ xX]\][ \t]++(?=\S)")
_NUMBER = regex.compile(rf"{_QUOTED}(?:\*\*|__|[*_])?([0-9]{{1,3}}+)([.)])(?:\*\*|__|[*_])?[ \t]++{_TASK}(?=\S)")
# A number and the next word.
_NUMBERED_WORD = regex.compile(
    rf"{_QUOTED}(?:\*\*|__|[*_])?[0-9]{{1,3}}+\.(?:\*\*|__|[*_])?[ \t]++(\p{{L}}*+)(?=[^\p{{L}}])"
)
# A number and the number of a month, as in `1. 10. 2026`.
_NUMBERED_DATE = regex.compile(rf"{_QUOTED}[0-9]{{1,2}}+\.[ \t]++(?:0?[1-9]|1[0-2])\.(?=[^0-9])")

# The first letters of the month names in languages that write ordinals as a number with a dot. Source: Unicode CLDR.
_GERMANIC = "jan|feb|mar|mär|apr|maj|mai|jun|jul|aug|sep|okt|nov|dec|dez|des"
_SOUTH_SLAVIC = "jan|feb|mar|apr|maj|jun|jul|avg|aug|sep|okt|nov|dec|јан|феб|мар|апр|мај|јун|јул|авг|сеп|окт|нов|дец"
_CROATIAN = "sije|velja|ožuj|trav|svib|lip|srp|kolov|ruj|listop|studen|prosin"
_CZECH = "led|únor|břez|dub|květ|červ|srp|září|říj|listop|pros"
_MONTHS = {
    "bs": f"{_SOUTH_SLAVIC}|{_CROATIAN}",
    "cs": _CZECH,
    "da": _GERMANIC,
    "de": f"{_GERMANIC}|jän",
    "et": "jaan|veeb|märts|apr|mai|juun|juul|aug|sept|okt|nov|dets",
    "eu": "urt|ots|mar|api|mai|eka|uzt|abu|ira|urr|aza|abe",
    "fi": "tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu",
    "fo": "jan|feb|mar|apr|mai|jun|jul|aug|sep|okt|nov|des",
    "hr": f"{_SOUTH_SLAVIC}|{_CROATIAN}",
    "hu": "jan|feb|már|ápr|máj|jún|júl|aug|szep|okt|nov|dec",
    "is": "jan|feb|mar|apr|maí|jún|júl|ágú|sep|okt|nóv|des",
    "lb": "jan|feb|mäe|abr|mee|jun|jul|aug|sep|okt|nov|dez",
    "lv": "janv|febr|mart|apr|maij|jūn|jūl|aug|sept|okt|nov|dec",
    "nb": _GERMANIC,
    "nn": _GERMANIC,
    "no": _GERMANIC,
    "pl": "sty|lut|mar|kwi|maj|cze|lip|sie|wrz|paź|lis|gru",
    "sk": "jan|feb|mar|apr|máj|jún|júl|aug|sep|okt|nov|dec",
    "sl": _SOUTH_SLAVIC,
    "sr": _SOUTH_SLAVIC,
    "tr": "oca|şub|mar|nis|may|haz|tem|ağu|eyl|eki|kas|ara",
}


@cache
def _month_of(language: str) -> "regex.Pattern[str] | None":
    """Returns the pattern of the first letters of a month, or `None` if the language writes no ordinals with a dot."""
    months = _MONTHS.get(language)
    return regex.compile(rf"(?:{months})", regex.IGNORECASE) if months else None


class Items:
    """Recognizes the list items of one text.

    In languages that write ordinals as a number with a dot, such as German, `3. Oktober` is not a list item. In these
    languages, a number with a dot begins a list item only if it continues the numbering of the previous item, or if it
    is 1 and no month (a word, or a number such as `10.`) follows.
    """

    def __init__(self, language: str) -> None:
        self._month = _month_of(language)
        self._last = 0

    def token(self, view: View) -> Token | None:
        """Recognizes a heading, a list item, a task or a row of stars. `view` is at the preceding newline."""
        if found := view.match(_HEADING):
            return Token(found.end(), "\n\n")
        if found := view.match(_RULE):
            return Token(found.end(), "\n---")
        if found := view.match(_BULLET):
            return Token(found.end(), f"{found[1]}- ")
        if found := view.match(_TASK_ALONE):
            return Token(found.end(), found[1])
        return self.numbered(view)

    def numbered(self, view: View) -> Token | None:
        """Recognizes a numbered list item. `view` is at the preceding newline."""
        found = view.match(_NUMBER)
        if found is None or not self._is_item(view, int(found[1]), found[2]):
            return None
        self._last = int(found[1])
        return Token(found.end(), f"\n\n{found[1]}{ITEM_PAUSE}")

    def _is_item(self, view: View, number: int, mark: str) -> bool:
        if self._month is None or mark == ")" or number == self._last + 1 != 1:
            return True
        if number != 1:
            return False
        if view.match(_NUMBERED_DATE):
            return False
        word = view.match(_NUMBERED_WORD)
        return word is None or not self._month.match(word[1])
