"""A `VoiceHold` releases the voice exactly once."""

from tests.fakes import FakeVoice
from wyoming_piper_serial.engine.voice_hold import VoiceHold


def test_a_voice_is_given_back_once() -> None:
    """After the voice has been released, the hold has no instances. A second call to `give_back` does not release the
    voice again.
    """
    released: list[str] = []
    hold = VoiceHold([FakeVoice()], lambda: released.append("first"))
    hold.give_back()
    hold.give_back()
    assert not hold.instances
    assert released == ["first"]


def test_a_voice_that_is_taken_again_is_released_again() -> None:
    """Each release function belongs to the instances that were passed together with it."""
    released: list[str] = []
    hold = VoiceHold([FakeVoice()], lambda: released.append("first"))
    hold.give_back()
    again = [FakeVoice()]
    hold.take(again, lambda: released.append("second"))
    assert hold.instances is again
    hold.give_back()
    assert released == ["first", "second"]
