"""A view determines whether a pattern matches, does not match, or needs more text."""

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
    """Text that can no longer match a pattern is rejected at once."""
    assert view("<3").match(_TAG) is None


def test_beginning_of_a_match_needs_more_text() -> None:
    """If the text may be the beginning of a match, the view requests more text, except at the end of the text."""
    with pytest.raises(IncompleteText):
        view("<b").match(_TAG)
    assert view("<b", final=True).match(_TAG) is None


def test_match_is_limited() -> None:
    """A match cannot be longer than the limit, so that the memory for a stream is limited."""
    longest = f"<{'b' * (MAX_WINDOW - 2)}>"
    assert view(longest).match(_TAG) is not None
    assert view(longest.replace("<", "<b")).match(_TAG) is None
    assert view("<" + "b" * MAX_WINDOW).match(_TAG) is None
