"""Detects clients that are too slow to send the rest of a request, or to read what the server sends.

Pure: `now` is always a time in seconds on the same monotonic clock, which the caller reads.
"""

LOOKS = 4
"""Number of times that `StallTimer.stalled` is called in one timeout.

So a stalled client is disconnected after 1 to 1.25 times the timeout.
"""

LINGER = 1.0
"""Seconds for which input is read and discarded after an error was sent.

If a connection is closed while input is unread, the kernel sends a reset, and the client may not receive the error.
"""

LAST_WAIT = 10.0
"""Maximum seconds for which a client reads nothing while data that precede an error wait for it.

This is a little more than twice the longest interval between two reads of a client that plays speech in real time
(4.3 seconds, see `StallTimer`).
"""


class ArrivalTimer:
    """Limits the time in which the rest of an item, which is an event or a request, must arrive.

    Only time in which the server waits for the client counts. So a client is never late while the server is busy with
    what it sent before. Further pieces of an item do not restart its time. So a client that sends one byte each second
    becomes late.
    """

    def __init__(self, seconds: float) -> None:
        """`seconds` is the limit for each item; 0 means no limit."""
        self._seconds = seconds
        self._item: object = None
        self._used = 0.0  # seconds for which the server waited for the item before `_since`
        self._since: float | None = None

    def wait(self, item: object, *, now: float) -> None:
        """Records that the server waits for more of `item` from `now` on.

        An `item` of `None` means that no item has begun to arrive.
        """
        self.stop(now=now)
        if item != self._item:
            self._item = item
            self._used = 0.0
        self._since = None if item is None else now

    def stop(self, *, now: float) -> None:
        """Records that the server does not wait from `now` on, because it handles bytes that have arrived."""
        if self._since is not None:
            self._used += now - self._since
            self._since = None

    @property
    def deadline(self) -> float | None:
        """Time at which the item becomes late if nothing more arrives; `None` if it cannot become late."""
        if self._since is None or not self._seconds:
            return None
        return self._since + self._seconds - self._used

    def expired(self, *, now: float) -> bool:
        """Returns whether the item is late."""
        return self.deadline is not None and now >= self.deadline


class StallTimer:
    """Detects a client that reads nothing although bytes wait for it.

    The server can only count the bytes that leave its process. The kernels at both ends buffer several seconds of
    speech, and accept more bytes at long intervals. On Linux, they accept up to 190 kB at once. This is 4.3 seconds of
    speech at 22,050 Hz.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """Maximum seconds without progress; 0 means no limit."""

        self._taken = 0
        self._since: float | None = None  # time of the last progress; `None` while nothing waits

    def stalled(self, *, now: float, taken: int, backlog: int) -> bool:
        """Returns whether the client has read nothing for too long. Time counts only while `backlog` is not 0.

        `taken` is the total number of bytes that have left the process; `backlog` is the number of bytes that wait.
        """
        if not backlog:
            self._since = None
        elif self._since is None or taken != self._taken:
            self._taken = taken
            self._since = now
        return bool(self.seconds) and self._since is not None and now - self._since >= self.seconds
