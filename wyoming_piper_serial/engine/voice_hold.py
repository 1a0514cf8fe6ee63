"""Keeps an utterance's voice in memory until the utterance releases the voice. Must be used in the event loop."""

from collections.abc import Callable, Sequence

from wyoming_piper_serial.model.protocols import Voice


class VoiceHold:
    """Holds the instances of a voice. While they are held, the voice is not unloaded."""

    def __init__(self, instances: Sequence[Voice], release: Callable[[], None]) -> None:
        """`release` is called once, when the instances are released."""
        self.instances = instances
        """One instance for each worker. Empty while the voice is not held."""

        self._release = release

    def take(self, instances: Sequence[Voice], release: Callable[[], None]) -> None:
        """Holds the voice again. The voice must have the same name as before, but its files and instances may have
        changed."""
        self.instances, self._release = instances, release

    def give_back(self) -> None:
        """Releases the instances. Does nothing if they have already been released."""
        if self.instances:
            self.instances = ()
            self._release()
