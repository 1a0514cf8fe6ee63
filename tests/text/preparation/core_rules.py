"""Prepares text with the core rules only, without the language's own rules."""

from functools import cache

from wyoming_piper_serial.text.preparation.preparer import Preparer


@cache
def _preparer(language: str) -> Preparer:
    preparer = Preparer(language)
    preparer._early = preparer._late = preparer._agreement = ()
    return preparer


def prepared(text: str, language: str) -> str:
    """Return `text` as the core rules prepare it for a voice of `language`."""
    return _preparer(language).prepare(text).text
