"""A view determines whether a pattern matches, does not match, or requires more text."""

import pytest
import regex

from wyoming_piper_serial.text.scanning import MAX_WINDOW, IncompleteText, View

_TAG = regex.compile(r"<[a-z]+>")


def view(text: str, *, final: bool = False) -> View:
    return View(text, 0, "", final=final)


def test_complete_text_matches() -> None:
    """A complete match is returned even if more text may arrive."""
    found = view("<b>bold").match(_TAG)
    assert found is not None
    assert found[0] == "<b>"


def test_other_text_does_not_match() -> None:
    """Text that can no longer match a pattern is rejected immediately."""
    assert view("<3").match(_TAG) is None


def test_beginning_of_a_match_needs_more_text() -> None:
    """If the text may be the beginning of a match, the view requires more text unless the text is complete."""
    with pytest.raises(IncompleteText):
        view("<b").match(_TAG)
    assert view("<b", final=True).match(_TAG) is None


def test_match_is_limited() -> None:
    """The length of a match is limited, which limits the memory needed for a stream."""
    longest = f"<{'b' * (MAX_WINDOW - 2)}>"
    assert view(longest).match(_TAG) is not None
    assert view(longest.replace("<", "<b")).match(_TAG) is None
    assert view("<" + "b" * MAX_WINDOW).match(_TAG) is None
