"""Tracks how much audio of an utterance a listener has, and when it is played. Pure: the time is an argument.

A listener is assumed to start playing when the first audio is released, and to play all audio without a pause. If a
client reads its audio late, the listener is assumed to play it late.
"""

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH


class Playback:
    """Counts the PCM of one utterance: made by the voice, read by the client, and in the buffer between them."""

    def __init__(self, *, rate: int, max_ahead: float, max_held: float | None = None) -> None:
        """`rate` is in hertz. The buffer is full when it contains `max_ahead` seconds.

        With `max_held`, audio is held until `begin` is called; until then, the buffer is full when it contains
        `max_held` seconds. Without `max_held`, playback begins with the first audio.
        """
        self.began: float | None = None
        """When playback began; `None` before."""

        self.deadline: float | None = None
        """When the listener will have played all audio made so far; `None` before playback begins."""

        self._holds = max_held is not None
        self._max_held = int((max_held or 0.0) * rate) * SAMPLE_WIDTH
        self._bytes_per_second = rate * SAMPLE_WIDTH
        self._max_buffered = int(max_ahead * rate) * SAMPLE_WIDTH
        self._made = 0
        self._taken = 0
        self._made_since: float | None = None  # when the first audio was made
        self._text_since: float | None = None  # time since which there has always been text and room in the buffer

    def __repr__(self) -> str:
        return f"<Playback {self.made:.3f}s made, {self.taken:.3f}s taken, deadline {self.deadline}>"

    @property
    def made(self) -> float:
        """Seconds of audio made."""
        return self._made / self._bytes_per_second

    @property
    def taken(self) -> float:
        """Seconds of audio that the client has read from the buffer."""
        return self._taken / self._bytes_per_second

    @property
    def buffered(self) -> float:
        """Seconds of audio in the buffer."""
        return (self._made - self._taken) / self._bytes_per_second

    @property
    def samples(self) -> int:
        """Number of samples made."""
        return self._made // SAMPLE_WIDTH

    @property
    def full(self) -> bool:
        """Whether the buffer is full, so that no audio should be made before the client reads some."""
        most = self._max_held if self._holds and self.deadline is None else self._max_buffered
        return self._made - self._taken >= max(most, SAMPLE_WIDTH)  # an empty buffer has room for a chunk

    def note_text(self, now: float, *, available: bool) -> None:
        """Records whether there is text to speak from now on (`available`).

        Must be called between steps, whenever the text or the room in the buffer may have changed.
        """
        if not available or self.full:
            self._text_since = None
        elif self._text_since is None:
            self._text_since = now

    def add(self, size: int, now: float) -> float:
        """Records that the voice has made `size` bytes of PCM.

        Returns the seconds for which the listener had nothing to play because the voice was late, else 0. The voice
        does not count as late if the text arrived, or the buffer got room, only after the deadline.
        """
        self._made += size
        if self._made_since is None:
            self._made_since = now
        if self.deadline is None:
            if not self._holds:
                self.begin(now)
            return 0.0
        underrun = 0.0
        if now > self.deadline:
            if self._text_since is not None and self._text_since < self.deadline:
                underrun = now - self.deadline
            self.deadline = now
        self.deadline += size / self._bytes_per_second
        return underrun

    def begin(self, now: float) -> None:
        """Records that the audio made so far is released: the listener begins to play it."""
        self.began = now
        self.deadline = now + self.made

    def seconds_held(self, now: float) -> float:
        """Returns the seconds since the first audio was made; 0 if there is no audio."""
        return 0.0 if self._made_since is None else now - self._made_since

    def take(self, size: int, now: float) -> None:
        """Records that the client reads `size` bytes of PCM. Audio cannot have been played before it was read."""
        if self.deadline is not None:
            self.deadline = max(self.deadline, now + self.buffered)
        self._taken += size

    def stop(self, now: float) -> None:
        """Records that the listener has disconnected: it plays nothing after `now`."""
        if self.deadline is not None:
            self.deadline = min(self.deadline, now)
