"""The rule for an arrow between two numbers. `cleaning` replaces all other arrows."""

from collections.abc import Sequence

from wyoming_piper_serial.text.characters import RIGHT_ARROWS
from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import DIGITS, Rule

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


def changes(locale: Locale) -> Sequence[Rule]:
    """Returns the rule for an arrow from the old to the new value of a number, as in `20 → 22 °C`.

    In languages without a word for it, the arrow is a pause.
    """
    word = f" {_TO[locale.language]} " if locale.language in _TO else ", "
    pattern = rf"(?<=[0-9]{SPACE}?[%°]?\p{{L}}{{0,4}}){SPACE}?[{RIGHT_ARROWS}]{SPACE}?(?=[-−+]?\p{{Sc}}?[0-9])"
    return [Rule(lazy(pattern), lambda _: word, (RIGHT_ARROWS, DIGITS))]
