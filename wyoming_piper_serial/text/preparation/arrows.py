"""Arrows between two numbers. `cleaning` replaces all other arrows."""

from collections.abc import Sequence

from wyoming_piper_serial.text.characters import CHANGE_ARROW, RIGHT_ARROWS
from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Rule

_RIGHT_ARROWS = frozenset(RIGHT_ARROWS)
# The words for an arrow between the old and the new value of a number.
_TO = {
    "de": "auf",
    "en": "to",
    "es": "a",
    "fr": "à",
    "it": "a",
    "nl": "naar",
    "pl": "na",
    "pt": "para",
    "ru": "до",
    "zh": "到",
}


_ARROW = lazy(rf"{SPACE}?{CHANGE_ARROW}{SPACE}?")
_PAUSE = ", "


def changes(locale: Locale) -> Sequence[Rule]:
    """Returns the rule for an arrow from the old to the new value of a number, as in `20 → 22 °C`.

    In languages without a word for it, the arrow is a pause.
    """
    word = f" {_TO[locale.language]} " if locale.language in _TO else _PAUSE
    return [Rule(_ARROW, lambda _: word, RIGHT_ARROWS)]


def pause_at_changes(text: str) -> str:
    """Returns `text` with pauses instead of the arrows between numbers that no rule has replaced."""
    return text if _RIGHT_ARROWS.isdisjoint(text) else _ARROW.sub(_PAUSE, text)
