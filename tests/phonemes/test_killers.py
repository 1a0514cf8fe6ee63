"""Killers remembers texts that a phonemizer cannot convert, for a limited time."""

from wyoming_piper_serial.phonemes.killers import Killers


def test_text_is_remembered_for_ten_minutes() -> None:
    """A text is remembered for ten minutes, and only for the voice with which it failed."""
    killers = Killers()
    assert not killers.known("en-us", "text", 0.0)
    killers.add("en-us", "text", 0.0)
    assert killers.known("en-us", "text", 599.0)
    assert not killers.known("en-us", "text", 600.0)
    assert not killers.known("de", "text", 1.0)
    assert not killers.known("en-us", "texts", 1.0)


def test_digest_does_not_contain_the_text() -> None:
    """The digest of a text has 16 hexadecimal digits, and depends on the voice and the text. The text may contain lone
    surrogates."""
    killers = Killers()
    digest = killers.add("en-us", "secret \ud800", 0.0)
    assert int(digest, 16) >= 0
    assert len(digest) == 16
    assert digest == killers.add("en-us", "secret \ud800", 5.0) != killers.add("de", "secret \ud800", 5.0)


def test_number_of_texts_is_bounded() -> None:
    """At most a thousand texts are remembered. Beyond this limit, the oldest texts are removed."""
    killers = Killers()
    for number in range(1001):
        killers.add("en-us", str(number), 0.0)
    assert not killers.known("en-us", "0", 1.0)
    assert killers.known("en-us", "1", 1.0)
    assert killers.known("en-us", "1000", 1.0)
