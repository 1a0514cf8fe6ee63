"""Recognizes temperatures that are written with `º`, which is also the sign of an ordinal."""

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.passage import Match

_WORDS = r"m[áa]x|m[íi]n|m[áa]xim[ao]s?|m[íi]nim[ao]s?|massim[ae]|minim[ae]|temperatura"
_BEFORE = lazy(rf"(?i:(?<!\p{{L}})(?:{_WORDS}))(?:[.:]{{1,2}})?(?:\s\p{{Ll}}{{1,10}}){{0,2}}\s\Z")
_LOOK_BACK = 40


def follows_temperature(match: Match) -> bool:
    """Returns whether a word such as `máx.` or `temperatura` is before the match, with up to two words between them."""
    return _BEFORE.search(match.string[max(0, match.start() - _LOOK_BACK) : match.start()]) is not None
