"""Tracks how much audio a listener has and when it is played. The caller passes the time.

A listener is assumed to start playing when the first audio is released, and to play without pauses. If a client reads
audio late, this audio is assumed to be played late.
"""

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH


class Playback:
    """Counts how much PCM of one utterance has been synthesized, and how much of it the client has read."""

    def __init__(self, *, rate: int, max_ahead: float, max_held: float | None = None) -> None:
        """`rate` is in hertz. The buffer is full when it contains `max_ahead` seconds.

        If `max_held` is given, audio is held until `begin` is called. Until then, the buffer is full when it contains
        `max_held` seconds. If `max_held` is `None`, playback begins with the first audio.
        """
        self.began: float | None = None
        """Time at which playback began, or `None` until then."""

        self.deadline: float | None = None
        """Time at which the listener runs out of audio, or `None` before playback begins."""

        self._holds = max_held is not None
        self._max_held = int((max_held or 0.0) * rate) * SAMPLE_WIDTH
        self._bytes_per_second = rate * SAMPLE_WIDTH
        self._max_buffered = int(max_ahead * rate) * SAMPLE_WIDTH
        self._made = 0
        self._taken = 0
        self._made_since: float | None = None  # Time at which the first audio was synthesized.
        self._text_since: float | None = None  # Start of the period in which both text and buffer space are available.

    def __repr__(self) -> str:
        return f"<Playback {self.made:.3f}s generated, {self.taken:.3f}s read, deadline {self.deadline}>"

    @property
    def made(self) -> float:
        """Seconds of synthesized audio."""
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
        """Number of synthesized samples."""
        return self._made // SAMPLE_WIDTH

    @property
    def full(self) -> bool:
        """Whether the buffer is full. If so, no audio should be synthesized until the client reads audio or playback
        begins."""
        most = self._max_held if self._holds and self.deadline is None else self._max_buffered
        return self._made - self._taken >= max(most, SAMPLE_WIDTH)  # an empty buffer always has room for a chunk

    def note_text(self, now: float, *, available: bool) -> None:
        """Records whether text to speak is available from `now` on.

        Must be called between steps whenever the text or the free space in the buffer may have changed.
        """
        if not available or self.full:
            self._text_since = None
        elif self._text_since is None:
            self._text_since = now

    def add(self, size: int, now: float) -> float:
        """Records that `size` more bytes of PCM are available from `now` on.

        If these bytes end an underrun, returns its duration in seconds, otherwise 0. A delay does not count as an
        underrun if text or buffer space became available only after the deadline.
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
        """Records that the audio synthesized so far is released and the listener begins to play it."""
        self.began = now
        self.deadline = now + self.made

    def seconds_held(self, now: float) -> float:
        """Returns how many seconds have passed since the first audio was synthesized, or 0 if there is no audio."""
        return 0.0 if self._made_since is None else now - self._made_since

    def take(self, size: int, now: float) -> None:
        """Records that the client reads `size` bytes of PCM at `now`. Playback of these bytes starts at `now` or later,
        so the playback deadline may move."""
        if self.deadline is not None:
            self.deadline = max(self.deadline, now + self.buffered)
        self._taken += size

    def stop(self, now: float) -> None:
        """Records that the listener disconnected at `now` and plays nothing after this time."""
        if self.deadline is not None:
            self.deadline = min(self.deadline, now)
