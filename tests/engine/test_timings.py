"""The times of words are computed from the durations of their phonemes."""

from wyoming_piper_serial.engine.timings import SpokenText, TimedPassage, timed

TEXT = SpokenText(3, "Hello there.", ((1, "Hello"), (3, "there.")))


def test_word_begins_with_its_first_phoneme() -> None:
    """The time of a word is the start of its sentence plus the durations of all phonemes before the word."""
    found = timed(TEXT, 10.0, [2, 5, 1, 7], 0.5)
    assert (found.number, found.sentence) == (3, "Hello there.")
    assert found.passages == (TimedPassage("Hello", 11.0), TimedPassage("there.", 14.0))


def test_text_without_durations_is_one_passage() -> None:
    assert timed(TEXT, 10.0, None, 0.5).passages == (TimedPassage("Hello there.", 10.0),)
    assert timed(SpokenText(3, "Hello there.", ()), 10.0, None, 0.5).passages == ()
