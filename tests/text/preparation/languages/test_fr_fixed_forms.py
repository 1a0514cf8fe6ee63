"""French telephone numbers and other fixed forms are read in groups of two digits or as words."""

import pytest

from wyoming_piper_serial.text.preparation.languages.fr_fixed_forms import fixed_form_rules, telephone_rules
from wyoming_piper_serial.text.preparation.passage import Passage, Rules


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("0612345678 ou 06.12.34.56.78", "06 12 34 56 78 ou 06 12 34 56 78"),
        ("24h/24 et 7j/7", "24 heures sur 24 et 7 jours sur 7"),
        ("1m80, 2m05", "1 mètre 80, 2 mètres 05"),
        ("un 4x4", "un quatre quatre"),
        ("10m80, 061234567", "10m80, 061234567"),
    ],
)
def test_fixed_forms(written: str, spoken: str) -> None:
    """Other numbers with the same signs are not changed."""
    passage = Passage(written)
    Rules(*telephone_rules(), *fixed_form_rules()).apply(passage)
    assert passage.text == spoken
