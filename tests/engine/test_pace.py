"""The duration of speech is estimated from the sentences that have been encoded."""

import pytest

from wyoming_piper_serial.engine.pace import SpeakingPace


def test_pace_of_an_unknown_voice_is_that_of_english() -> None:
    """Until the first sentence of a voice has been encoded, the estimate is 0.06 seconds for each character."""
    assert SpeakingPace().seconds_per_character("joe") == 0.06


def test_pace_is_learnt_for_each_voice() -> None:
    """The first sentence determines the pace of its voice. Later sentences change the pace gradually."""
    pace = SpeakingPace()
    pace.add("joe", 100, 5.0)
    assert pace.seconds_per_character("joe") == pytest.approx(0.05)
    assert pace.seconds_per_character("ann") == 0.06
    pace.add("joe", 10, 1.3)
    assert pace.seconds_per_character("joe") == pytest.approx(0.06)
    for _ in range(40):
        pace.add("joe", 100, 10.0)
    assert pace.seconds_per_character("joe") == pytest.approx(0.1, rel=0.02)
