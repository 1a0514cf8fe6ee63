"""Rules of English."""

from collections.abc import Sequence

import regex

from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Rule


def rules(locale: Locale) -> Sequence[Rule]:
    """Returns the rules of English, in the order in which they are applied."""
    del locale
    return [Rule(regex.compile(r"\bDr\.(?= \p{Lu})"), lambda _: "Doctor")]
