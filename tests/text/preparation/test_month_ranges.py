"""Ranges of months are read with the full names of the months."""

import pytest

from wyoming_piper_serial.text.preparation.month_ranges import joined_months, month_ranges
from wyoming_piper_serial.text.preparation.passage import Passage, Rules

_MONTHS = ("enero", "febrero", "marzo", "abril", "mayo")
_SHORT = {"ene": 1, "feb": 2, "mar": 3, "abr": 4, "may": 5}


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("ene.–mar.", "enero a marzo."),
        ("Ene.-Mar. es", "enero a marzo es"),
        ("ene–mar", "enero a marzo"),
        ("ene. – mayo 2026", "enero a mayo de 2026"),
        ("enero–marzo", "enero a marzo"),
        ("de ene. a mar.", "de enero a marzo."),
        ("de enero a marzo", "de enero a marzo"),
        ("mar–abril2", "mar–abril2"),
        ("lun.–mar.", "lun.–mar."),
        ("3 ene.–5 mar.", "3 ene.–5 mar."),
        ("3 ene.–mar.", "3 ene.–mar."),
        ("a-ene–mar", "a-ene–mar"),
    ],
)
def test_range_is_read_with_full_names(written: str, spoken: str) -> None:
    """At least one month is abbreviated or a dash is between the months. A number before the first month is a day."""
    passage = Passage(written)
    Rules(month_ranges(_MONTHS, _SHORT, "a|y", joined_months(_MONTHS, "a", of="de"))).apply(passage)
    assert passage.text == spoken
