"""The grammar of messages."""

from wyoming_piper_serial.wording import counted


def test_noun_agrees_with_the_number() -> None:
    """The singular is used for one item, and the plural for any other number."""
    assert [counted(number, "voice") for number in (0, 1, 2)] == ["0 voices", "1 voice", "2 voices"]
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]
