"""Suggestions for a misspelled name."""

import pytest

from wyoming_piper_serial.suggestions import did_you_mean, similar

_NAMES = ["--voice", "--voices-url", "--volume", "en_US-joe-medium"]


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("--vocie", "--voice"),
        ("--VOICE", "--voice"),
        ("--volumne", "--volume"),
        ("en_us-jo-medium", "en_US-joe-medium"),
        ("--seed", None),
        ("", None),
        ("--voice" * 50, None),
    ],
)
def test_most_similar_name_is_found(wrong: str, meant: str | None) -> None:
    """The most similar name is found regardless of case. There is no suggestion if no name is similar, or if the
    misspelled name is very long.
    """
    assert similar(wrong, _NAMES) == meant
    assert did_you_mean(wrong, _NAMES) == (f" Did you mean {meant}?" if meant else "")
