"""Detects clients that are too slow to send the rest of a request or to read a response.

Pure: the caller passes `now`, the time in seconds on a monotonic clock.
"""

LOOKS = 4
"""Number of times that `StallTimer.stalled` is called during one timeout.

A stalled client is therefore disconnected after 1 to 1.25 times the timeout.
"""

LINGER = 1.0
"""Seconds for which the server continues to read and discard input after it has sent an error.

If a connection is closed with unread input, the kernel sends a reset, and the client may not receive the error.
"""

LAST_WAIT = 10.0
"""Maximum time in seconds without progress while a client reads the data that was sent before an error.

This is a little more than twice the longest interval between two reads of a client that plays speech in real time (4.3
seconds, see `StallTimer`).
"""


class ArrivalTimer:
    """Limits the time that the rest of an item (an event or a request) may take to arrive.

    Counts only the time during which the server waits for the client. Therefore, a client is never late while the
    server handles its earlier data. Further pieces of an item do not restart the timer. Therefore, a client that sends
    one byte per second becomes late.
    """

    def __init__(self, seconds: float) -> None:
        """`seconds` is the limit for each item; 0 means no limit."""
        self._seconds = seconds
        self._item: object = None
        self._used = 0.0  # seconds that the server waited for the item before `_since`
        self._since: float | None = None

    def wait(self, item: object, *, now: float) -> None:
        """Records that the server starts to wait for the rest of `item` at `now`.

        `item` is `None` if no item has begun to arrive.
        """
        self.stop(now=now)
        if item != self._item:
            self._item = item
            self._used = 0.0
        self._since = None if item is None else now

    def stop(self, *, now: float) -> None:
        """Records that the server stops waiting at `now`, because it handles received bytes."""
        if self._since is not None:
            self._used += now - self._since
            self._since = None

    @property
    def deadline(self) -> float | None:
        """Time at which the item becomes late if nothing more arrives, or `None` if the timer is not running or has no
        limit."""
        if self._since is None or not self._seconds:
            return None
        return self._since + self._seconds - self._used

    def expired(self, *, now: float) -> bool:
        """Returns whether the item is late."""
        return self.deadline is not None and now >= self.deadline


class StallTimer:
    """Detects a client that reads nothing although data is buffered for it.

    The server can count only the bytes that leave its process. The kernels at both ends buffer several seconds of
    speech, and accept more bytes only at long intervals. Linux accepts up to 190 kB at once, which is 4.3 seconds of
    speech at 22,050 Hz.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """Maximum time in seconds without progress; 0 means no limit."""

        self._taken = 0
        self._since: float | None = None  # time of the last progress; `None` while the backlog is empty

    def stalled(self, *, now: float, taken: int, backlog: int) -> bool:
        """Returns whether the client has made no progress for `seconds`. Time counts only while `backlog` is not 0.

        `taken` is the total number of bytes that have left the process. `backlog` is the number of bytes that are still
        buffered in the process.
        """
        if not backlog:
            self._since = None
        elif self._since is None or taken != self._taken:
            self._taken = taken
            self._since = now
        return bool(self.seconds) and self._since is not None and now - self._since >= self.seconds
