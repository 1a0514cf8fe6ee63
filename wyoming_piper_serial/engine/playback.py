"""How much audio of an utterance a listener has, and when it is played. Pure: the time is an argument.

A listener is assumed to start playing at the first audio that is released and to play everything that was made
without a pause. If a client takes its audio later, it plays it later.
"""

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH


class Playback:
    """Counts the PCM of one utterance: made by the voice, taken by the client, and in the buffer between them."""

    def __init__(self, *, rate: int, max_ahead: float, max_held: float | None = None) -> None:
        """`rate` is in hertz. The buffer is full when it contains `max_ahead` seconds.

        With `max_held`, audio is held until `begin` is called, and the buffer is full then when it contains so many
        seconds. Otherwise playback begins with the first audio.
        """
        self.began: float | None = None
        """When playback began."""

        self.deadline: float | None = None
        """When the listener has played all that was made; `None` before playback began."""

        self._holds = max_held is not None
        self._max_held = int((max_held or 0.0) * rate) * SAMPLE_WIDTH
        self._bytes_per_second = rate * SAMPLE_WIDTH
        self._max_buffered = int(max_ahead * rate) * SAMPLE_WIDTH
        self._made = 0
        self._taken = 0
        self._made_since: float | None = None  # when the first audio was made
        self._text_since: float | None = None  # since then, there has been text and room at every moment

    def __repr__(self) -> str:
        return f"<Playback {self.made:.3f}s made, {self.taken:.3f}s taken, deadline {self.deadline}>"

    @property
    def made(self) -> float:
        """Seconds of audio."""
        return self._made / self._bytes_per_second

    @property
    def taken(self) -> float:
        """Seconds of audio that the client has taken from the buffer."""
        return self._taken / self._bytes_per_second

    @property
    def buffered(self) -> float:
        """Seconds of audio in the buffer."""
        return (self._made - self._taken) / self._bytes_per_second

    @property
    def samples(self) -> int:
        """Samples made."""
        return self._made // SAMPLE_WIDTH

    @property
    def full(self) -> bool:
        """Whether no more audio should be made before the client takes some."""
        most = self._max_held if self._holds and self.deadline is None else self._max_buffered
        return self._made - self._taken >= max(most, SAMPLE_WIDTH)  # an empty buffer has room for a chunk

    def note_text(self, now: float, *, available: bool) -> None:
        """Whether there is text to speak from now on. To be noted whenever this or the room in the buffer may have
        changed, but not during a step.
        """
        if not available or self.full:
            self._text_since = None
        elif self._text_since is None:
            self._text_since = now

    def add(self, size: int, now: float) -> float:
        """The voice has made `size` bytes of PCM. Returns the underrun that ends with them: the seconds that the
        listener had nothing to play, because the voice was late; otherwise 0.

        The voice was not late if the text came, or the buffer had room, only after the deadline.
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
        """Release the audio made so far: the listener begins to play it."""
        self.began = now
        self.deadline = now + self.made

    def seconds_held(self, now: float) -> float:
        """Returns the seconds since the first audio was made."""
        return 0.0 if self._made_since is None else now - self._made_since

    def take(self, size: int, now: float) -> None:
        """The client takes `size` bytes of PCM. What was in the buffer until now has not been played yet."""
        if self.deadline is not None:
            self.deadline = max(self.deadline, now + self.buffered)
        self._taken += size

    def stop(self, now: float) -> None:
        """Records that the listener has hung up: nothing is played after `now`."""
        if self.deadline is not None:
            self.deadline = min(self.deadline, now)
