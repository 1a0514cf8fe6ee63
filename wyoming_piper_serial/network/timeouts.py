"""Detects clients that are too slow to send the rest of a request or to read a response.

Pure: the caller passes `now`, the time in seconds on a monotonic clock.
"""

LOOKS = 4
"""Number of calls to `StallTimer.stalled` per timeout on a Wyoming connection.

Therefore, a stalled client is disconnected after 1 to 1.25 times the timeout. HTTP connections are checked once per
second.
"""

LINGER = 1.0
"""Time in seconds for which the server continues to read and discard input after sending an error.

If a connection is closed while input is unread, the kernel sends a reset, and the client may not receive the error.
"""

LAST_WAIT = 10.0
"""Maximum time in seconds without progress for a client that has not yet read all data up to an error.

This is a little more than twice the longest interval between two reads by a client that plays speech in real time (4.3
seconds, see `StallTimer`).
"""


class ArrivalTimer:
    """Limits the time in which the rest of an item (an event or a request) must arrive.

    Only the time that the server spends waiting for the client counts, so a client is never late because the server is
    still handling its earlier data. Partial data does not restart the timer, so a client that sends one byte per second
    becomes late.
    """

    def __init__(self, seconds: float) -> None:
        """`seconds` is the limit for each item; 0 means no limit."""
        self._seconds = seconds
        self._item: object = None
        # Total time in seconds of the earlier waits for the item, excluding the one that began at `_since`.
        self._used = 0.0
        self._since: float | None = None

    def wait(self, item: object, *, now: float) -> None:
        """Records that the server starts waiting for the rest of `item` at `now`.

        `item` is `None` if no item has begun to arrive.
        """
        self.stop(now=now)
        if item != self._item:
            self._item = item
            self._used = 0.0
        self._since = None if item is None else now

    def stop(self, *, now: float) -> None:
        """Records that the server stops waiting at `now`, because bytes have arrived."""
        if self._since is not None:
            self._used += now - self._since
            self._since = None

    @property
    def deadline(self) -> float | None:
        """Deadline for the rest of the item, or `None` if the timer is not running or has no limit."""
        if self._since is None or not self._seconds:
            return None
        return self._since + self._seconds - self._used

    def expired(self, *, now: float) -> bool:
        """Returns whether the item is late."""
        return self.deadline is not None and now >= self.deadline


class StallTimer:
    """Detects a client that reads nothing while data is buffered for it.

    The server can count only the bytes that leave its process. The kernels at both ends buffer several seconds of
    speech, and the local kernel accepts more bytes only at long intervals. Linux accepts up to 190 kB at once, which is
    4.3 seconds of speech at 22,050 Hz.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """Maximum time in seconds without progress; 0 means no limit."""

        self._taken = 0
        # Time of the last progress, or at which buffering began; `None` while no data is buffered.
        self._since: float | None = None

    def stalled(self, *, now: float, taken: int, backlog: int) -> bool:
        """Returns whether the client has made no progress for `seconds`. Time counts only while `backlog` is not 0.

        `taken` is the total number of bytes that have left the process. `backlog` is the number of bytes still buffered
        in the process.
        """
        if not backlog:
            self._since = None
        elif self._since is None or taken != self._taken:
            self._taken = taken
            self._since = now
        return bool(self.seconds) and self._since is not None and now - self._since >= self.seconds
