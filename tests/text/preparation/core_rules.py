"""Prepares text with only the core rules, without language-specific rules."""

from functools import cache

from wyoming_piper_serial.text.preparation.passage import Rules
from wyoming_piper_serial.text.preparation.preparer import Preparer


@cache
def _preparer(language: str) -> Preparer:
    preparer = Preparer(language)
    preparer._early = preparer._late = preparer._agreement = Rules()
    return preparer


def prepared(text: str, language: str) -> str:
    """Return `text` as prepared by the core rules for a voice in `language`."""
    return _preparer(language).prepare(text).text
