"""The voice that an utterance uses, until it gives the voice back. Belongs to the event loop."""

from collections.abc import Callable, Sequence

from wyoming_piper_serial.model.protocols import Voice


class VoiceHold:
    """Holds the instances of a voice. While they are held, the voice is not unloaded."""

    def __init__(self, instances: Sequence[Voice], release: Callable[[], None]) -> None:
        """`release` is called once, when the instances are given back."""
        self.instances = instances
        """An instance for each worker; empty while the voice is given back."""

        self._release = release

    def take(self, instances: Sequence[Voice], release: Callable[[], None]) -> None:
        """Holds a voice again. The voice has the same name, but its files and instances may have changed."""
        self.instances, self._release = instances, release

    def give_back(self) -> None:
        """Gives the instances back. Does nothing if they were given back before."""
        if self.instances:
            self.instances = ()
            self._release()
