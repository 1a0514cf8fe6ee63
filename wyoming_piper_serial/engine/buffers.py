"""Counts and limits the memory used by clients for incomplete input, text, encoded sentences and unsent audio."""

from collections import Counter
from collections.abc import Callable

from wyoming_piper_serial.engine.shares import ClientShare
from wyoming_piper_serial.exceptions import BuffersFull

# Maximum ratio of the bytes that one client holds to the bytes that are free in the unreserved part of the budget, for
# clients that hold more than `_LITTLE` bytes. A single client can therefore use three quarters of the unreserved part,
# which leaves room for other clients. (Choudhury and Hahne, Dynamic Queue Length Thresholds for Shared-Memory Packet
# Switches, 1998.)
_TIMES_FREE = 3

# Fraction of a budget that is reserved for clients that hold at most `_LITTLE` bytes. These clients are served even if
# many other clients have reached their limits. With the default limits, the reserved part of the smallest budget is
# enough for 512 such clients, one for each connection.
_RESERVED = 1 / 8
_LITTLE = 8192

# Number of bytes of a connection's incomplete input that are not counted. Most events, messages and requests are
# smaller. A client behind a proxy is therefore served even if other clients with the same address have reached their
# limit. The unread replies of a Wyoming connection are counted in the same way, but separately from its input. With the
# default connection limit, the uncounted bytes add up to at most 4 MB.
_UNCOUNTED_INPUT = 4096


class Budget:
    """Counts and limits the bytes of one kind of data held by clients. Each request or connection has its own
    `Holding`."""

    def __init__(self, limit: int) -> None:
        """`limit` is in bytes."""
        self.limit = limit
        self.used = 0
        """Total number of bytes currently held by all clients."""

        self.on_room: Callable[[], object] = lambda: None
        """Called when bytes are released for the first time after `allows` has returned false."""

        self._of_client: Counter[ClientShare] = Counter()
        self._is_awaited = False  # whether `allows` has returned false since bytes were last released

    def __repr__(self) -> str:
        return f"<Budget {self.used} of {self.limit} bytes, {len(self._of_client)} clients>"

    def allows(self, client: ClientShare, size: int = 1) -> bool:
        """Returns whether `client` may hold `size` more bytes."""
        held, free = self._of_client[client] + size, self.limit - self.used - size
        allowed = free >= 0 if held <= _LITTLE else held <= _TIMES_FREE * (free - _RESERVED * self.limit)
        self._is_awaited |= not allowed
        return allowed

    def change(self, client: ClientShare, by: int) -> None:
        """Adds `by`, which can be negative, to the byte count of `client`. Only `Holding` calls this method."""
        self.used += by
        self._of_client[client] += by
        if not self._of_client[client]:
            del self._of_client[client]
        if by < 0 and self._is_awaited:
            self._is_awaited = False
            self.on_room()


class Buffers:
    """The memory used by clients. Each kind of data has its own budget, so incomplete input cannot use up the memory
    for text, and waiting text cannot use up the memory for speech."""

    def __init__(self, limit: int) -> None:
        """`limit` is in bytes."""
        self.input = Budget(limit // 8)
        """Budget for incomplete events and WebSocket messages, for replies that the client has not read, and for HTTP
        requests until their response is complete."""

        self.text = Budget(3 * limit // 8)
        """Budget for the text of requests, for audio encoders, and for responses that are sent only when complete."""

        self.speech = Budget(limit // 2)
        """Budget for encoded sentences and audio."""

    @property
    def used(self) -> int:
        """Total number of bytes currently held by all clients."""
        return self.input.used + self.text.used + self.speech.used

    def new_input(self, client: ClientShare) -> "Holding":
        """Returns a `Holding` in the budget `input` for one connection of `client`."""
        return Holding(self.input, client, uncounted=_UNCOUNTED_INPUT)


class Holding:
    """Counts the bytes of one kind of data held by one request or connection."""

    def __init__(self, budget: Budget, client: ClientShare, *, uncounted: int = 0) -> None:
        """The first `uncounted` bytes do not count towards the budget."""
        self.size = 0
        """Number of counted bytes."""

        self._budget = budget
        self._client = client
        self._uncounted = uncounted

    def __repr__(self) -> str:
        return f"<Holding {self.size} bytes>"

    @property
    def allows_more(self) -> bool:
        """Whether the client may hold more bytes."""
        return self._budget.allows(self._client)

    def check(self, size: int = 1) -> None:
        """Raises BuffersFull if the client may not hold `size` more bytes."""
        if not self._budget.allows(self._client, size):
            error = BuffersFull("The server's memory for text, audio and input is full; please try again in a moment.")
            error.option = "--max-buffered"
            raise error

    def hold(self, size: int) -> None:
        """Sets the number of bytes that the request or connection holds.

        Does not check the limit, because the size of a sentence is known only after encoding.
        """
        counted = max(0, size - self._uncounted)
        change, self.size = counted - self.size, counted
        if change:
            self._budget.change(self._client, change)

    def claim(self, size: int) -> None:
        """Sets the number of bytes that the request or connection holds.

        Raises BuffersFull and changes nothing if the client may not hold this many bytes.
        """
        growth = max(0, size - self._uncounted) - self.size
        if growth > 0:
            self.check(growth)
        self.hold(size)
