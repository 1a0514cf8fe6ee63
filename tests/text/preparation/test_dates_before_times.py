"""A day and a month before a time of day are a date."""

import pytest

from wyoming_piper_serial.text.preparation.dates_before_times import dates_before_times
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Passage, Rules


def _prepared(language: str, text: str) -> str:
    passage = Passage(text)
    Rules(*dates_before_times(Locale.of(language))).apply(passage)
    return passage.text


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("sv", "3/10 kl. 18:30", "3 oktober kl. 18:30"),
        ("da", "3/10 kl. 18.30", "3. oktober kl. 18.30"),
        ("uk", "03.10 о 18:30", "3 жовтня о 18:30"),
        ("cs", "3.5. v 18:30", "3. května v 18:30"),
        ("tr", "3.10 saat 18:30", "3 Ekim saat 18:30"),
        ("ca", "3/5 a les 18:30", "3 de maig a les 18:30"),
        ("nl", "3-10 om 18 uur", "3 oktober om 18 uur"),
        ("uk", "21.5 о 18:30", "21.5 о 18:30"),
        ("uk", "3.10 о третій", "3.10 о третій"),
        ("sv", "3/10 kl. 18", "3/10 kl. 18"),
        ("sv", "30/2 kl. 18:30", "30/2 kl. 18:30"),
        ("sv", "v3/10 kl. 18:30", "v3/10 kl. 18:30"),
        ("zh", "3/10 18:30", "3/10 18:30"),
    ],
)
def test_date_before_a_time(language: str, written: str, spoken: str) -> None:
    """Without a time, such numbers are not a date. After a dot, a month has two digits or a second dot."""
    assert _prepared(language, written) == spoken
