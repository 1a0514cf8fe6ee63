"""Detects clients that are too slow: they do not complete what they began to send, or do not read what is sent.

Pure: every `now` is a time in seconds of one monotonic clock, which the caller reads.
"""

LOOKS = 4
"""Calls of `StallTimer.stalled` per timeout: a client is cut off after 1 to 1.25 times the timeout."""

LINGER = 1.0
"""Seconds for which input is read and discarded after an error: to close with unread input would send a reset, which
may destroy the error."""

LAST_WAIT = 10.0
"""Seconds within which a client must take part of the data before an error. Twice the longest interval between two
reads of a client that plays speech at its pace (4.3 seconds, see `StallTimer`), and a little more."""


class ArrivalTimer:
    """Limits the time that the rest of an event or of a request may take to arrive.

    Only time in which the server waits for the client counts, so a client that sends faster than it is served is never
    late. Further pieces of an item do not restart its time, so a client that sends one byte a second is late.
    """

    def __init__(self, seconds: float) -> None:
        """`seconds` is the limit for each item; 0 is no limit."""
        self._seconds = seconds
        self._item: object = None
        self._used = 0.0  # seconds waited for the item before `_since`
        self._since: float | None = None

    def wait(self, item: object, *, now: float) -> None:
        """From `now` on the server waits for more of `item`. `None` means that no item has begun to arrive."""
        self.stop(now=now)
        if item != self._item:
            self._item = item
            self._used = 0.0
        self._since = None if item is None else now

    def stop(self, *, now: float) -> None:
        """From `now` on the server does not wait, because it handles bytes that have arrived."""
        if self._since is not None:
            self._used += now - self._since
            self._since = None

    @property
    def deadline(self) -> float | None:
        """Time at which the item is late if nothing more arrives; `None` if it cannot be late."""
        if self._since is None or not self._seconds:
            return None
        return self._since + self._seconds - self._used

    def expired(self, *, now: float) -> bool:
        """Whether the item is late."""
        return self.deadline is not None and now >= self.deadline


class StallTimer:
    """Notices a client that takes nothing although bytes wait for it.

    The count of taken bytes shows what leaves this process. The kernels at both ends buffer several seconds of speech
    and take more at long intervals: up to 190 kB at once, measured on Linux, which is 4.3 seconds for a client that
    plays 22,050 Hz at its pace.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """The longest time without progress; 0 is no limit."""

        self._taken = 0
        self._since: float | None = None  # time of the last progress; `None` while nothing waits

    def stalled(self, *, now: float, taken: int, backlog: int) -> bool:
        """Whether the client has taken nothing for too long. The time starts with the first call with a backlog.

        `taken` is the total number of bytes that the client has taken; `backlog` is the number of bytes that wait.
        """
        if not backlog:
            self._since = None
        elif self._since is None or taken != self._taken:
            self._taken = taken
            self._since = now
        return bool(self.seconds) and self._since is not None and now - self._since >= self.seconds
