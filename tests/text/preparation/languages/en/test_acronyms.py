"""Acronyms in English text are spoken as a person would say them."""

import pytest

from tests.text.spoken import is_spoken_as


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("AI and IoT are growing.", "A I and I O T are growing."),
        ("Tell us about the US.", "Tell us about the U S."),
        ("The IT guy fixed it.", "The I T guy fixed it."),
        ("The GPU runs SQL.", "The G P U runs S Q L."),
        ("Wi-Fi and WiFi and HDMI.", "Why fie and why fie and H D M I."),
        ("The LED TV is on.", "The L E D T V is on."),
        ("The LAN and the NAS are up.", "The lan and the nas are up."),
        ("It has 8 GB of RAM and a SIM card.", "It has eight gigabytes of ram and a sim card."),
        ("CO2 is high, H2O is low.", "C O two is high, H two O is low."),
        ("CO₂ is high, H₂O is low.", "C O two is high, H two O is low."),
        ("The mp3 is in 4K on 5G.", "The M P three is in four K on five G."),
        ("The value is NaN.", "The value is nan."),
        ("The WHO said so.", "The W H O said so."),
        ("Show your IDs.", "Show your I dees."),
        ("What is the ETA?", "What is the E T eigh?"),
        ("NASA and the FBI agree.", "NASA and the F B I agree."),
        ("The API returns JSON over HTTP.", "The A P I returns jason over H T T P."),
        ("NASA's plan and FIFA’s plan.", "Nasa's plan and Fifa's plan."),
        ("Two JPEGs and the CEO's ID's.", "Two jay pegs and the C E O's I D's."),
        ("The BBC's and ESPN's plan.", "The B B C's and E S P N's plan."),
        ("The MPs' vote.", "The M P's vote."),
    ],
)
def test_acronyms_are_spoken(written: str, spoken: str) -> None:
    """The prepared text has the same phonemes as the expected words."""
    assert is_spoken_as(written, spoken, "en_US")
