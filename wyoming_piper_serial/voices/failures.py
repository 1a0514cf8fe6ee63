"""The voices that could not be loaded."""

import errno
from collections.abc import Callable, Collection
from typing import Literal, NamedTuple

from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.phonemes.client import PhonemizerDied
from wyoming_piper_serial.voices.catalogue import VoiceKey

_SHORTAGES = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}  # EAGAIN: no process can be started
_NO_THREAD = "can't start new thread"  # the message of Python's RuntimeError


class VoiceState(NamedTuple):
    """The state of a voice: loaded, being loaded, or failed to load."""

    name: Literal["loaded", "loading", "failed"]
    reason: str | None = None
    """Why the last load failed, or `None` if it did not fail."""

    is_usable: bool = True
    """False if the load failed because of the voice's files, so that it fails again until the files are replaced."""


class LoadFailures:
    """The voices whose last load failed. A voice is forgotten when it has been loaded, and does not count as failed
    after its files have changed, because its key changes with them."""

    def __init__(self) -> None:
        self._states: dict[str, tuple[VoiceKey, VoiceState]] = {}
        self._on_change: Callable[[], None] | None = None

    def on_change(self, callback: Callable[[], None]) -> None:
        """Sets the function that is called when `unusable` has changed."""
        self._on_change = callback

    def states(self) -> dict[VoiceKey, VoiceState]:
        return dict(self._states.values())

    def unusable(self) -> frozenset[VoiceKey]:
        """Returns the keys of the voices that cannot be used because of their files."""
        return frozenset(key for key, state in self._states.values() if not state.is_usable)

    def add(self, key: VoiceKey, error: Exception) -> None:
        """Records that loading a voice raised `error`."""
        before = self.unusable()
        self._states[key[0]] = key, VoiceState("failed", str(error), is_usable=not _lies_in_the_files(error))
        self._report(before)

    def remove(self, name: str) -> None:
        """Records that the voice `name` has been loaded."""
        before = self.unusable()
        self._states.pop(name, None)
        self._report(before)

    def keep(self, names: Collection[str]) -> None:
        """Removes the voices whose names are not in `names`, because their files have been removed."""
        before = self.unusable()
        self._states = {name: state for name, state in self._states.items() if name in names}
        self._report(before)

    def _report(self, before: frozenset[VoiceKey]) -> None:
        if self._on_change is not None and self.unusable() != before:
            self._on_change()


def _lies_in_the_files(error: Exception) -> bool:
    """Returns whether a voice's files are probably the cause of `error`. A timeout, a lack of memory, threads or open
    files, or the death of a phonemizer process says nothing about the files."""
    cause = error.__cause__
    is_shortage = isinstance(cause, OSError) and cause.errno in _SHORTAGES
    is_shortage |= isinstance(cause, RuntimeError) and str(cause) == _NO_THREAD
    return isinstance(error, VoiceFileError) and not (is_shortage or isinstance(cause, (PhonemizerDied, MemoryError)))
