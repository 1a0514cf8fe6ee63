"""Lazy patterns are compiled on first use."""

import pytest
import regex

from wyoming_piper_serial.text.patterns import lazy


def test_a_lazy_pattern_finds_what_the_compiled_one_finds() -> None:
    """A lazy pattern provides all methods that the rules use, and respects the flags."""
    pattern = lazy("(?P<word>b+)", regex.IGNORECASE)
    found = pattern.search("aBb", 1)
    assert found is not None
    assert found["word"] == "Bb"
    assert [match[0] for match in pattern.finditer("bab")] == ["b", "b"]
    assert pattern.sub("x", "ab") == "ax"
    assert pattern.pattern == "(?P<word>b+)"
    assert pattern.groups == 1


def test_a_wrong_pattern_fails_at_its_first_use() -> None:
    """Creating a lazy pattern does not compile it."""
    pattern = lazy("(")
    with pytest.raises(regex.error):
        pattern.search("")
