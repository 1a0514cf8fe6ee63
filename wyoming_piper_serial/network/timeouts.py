"""When a client that reads slowly has become one that does not read."""

# Looks in a stall timeout: a client is cut off after 1 to 1.25 of it.
LOOKS = 4


class StallWatch:
    """Whether a client has taken nothing for so long, by a count of bytes that only grows.

    A count can only tell what leaves this process. The kernels at both ends hold seconds of speech more and ask
    for the next in leaps: up to 190 kB, measured on Linux, which is 4.3 seconds for a client that plays 22,050 Hz
    as it comes.
    """

    def __init__(self, seconds: float, *, now: float, taken: int) -> None:
        self._seconds = seconds
        self._since = now
        self._taken = taken

    def stalled(self, *, now: float, taken: int) -> bool:
        if taken != self._taken:
            self._taken = taken
            self._since = now
        return now - self._since >= self._seconds
