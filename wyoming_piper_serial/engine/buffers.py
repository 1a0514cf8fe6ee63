"""Counts the memory of all requests: text, encoded sentences and unsent audio."""

from collections import Counter
from collections.abc import Callable

from wyoming_piper_serial.engine.shares import ClientShare
from wyoming_piper_serial.exceptions import BuffersFull

# Maximum share of a budget that one client can use. The rest remains available to other clients.
_MOST_OF_ONE = 0.75


class Budget:
    """Counts the bytes of one kind of data in all requests. Each request has its own `Holding`."""

    def __init__(self, limit: int) -> None:
        """`limit` is in bytes."""
        self.limit = limit
        self.used = 0
        """Number of bytes that all requests take."""

        self.on_room: Callable[[], object] = lambda: None
        """Called when memory becomes available again for a client at its limit, or in a full budget."""

        self._of_client: Counter[ClientShare] = Counter()

    def __repr__(self) -> str:
        return f"<Budget {self.used} of {self.limit} bytes, {len(self._of_client)} clients>"

    @property
    def full(self) -> bool:
        """Whether the limit for all clients together is reached."""
        return self.used >= self.limit

    def allows(self, client: ClientShare, size: int = 1) -> bool:
        """Returns whether `client` may hold `size` more bytes."""
        most = _MOST_OF_ONE * self.limit if client.has_address else self.limit
        return self.used + size <= self.limit and self._of_client[client] + size <= most

    def change(self, client: ClientShare, by: int) -> None:
        """Adds `by`, which may be negative, to the byte count of `client`. Only `Holding` calls this method."""
        was_full, had_room = self.full, self.allows(client)
        self.used += by
        self._of_client[client] += by
        if not self._of_client[client]:
            del self._of_client[client]
        if (was_full and not self.full) or (not had_room and self.allows(client)):
            self.on_room()


class Buffers:
    """The memory budgets of all requests: one half for text and one for speech, so that waiting text cannot use all
    memory."""

    def __init__(self, limit: int) -> None:
        """`limit` is in bytes."""
        self.text = Budget(limit // 2)
        self.speech = Budget(limit // 2)
        """Budget for encoded sentences and audio."""

    @property
    def used(self) -> int:
        """Number of bytes that the text and speech of all requests take."""
        return self.text.used + self.speech.used


class Holding:
    """The number of bytes of one kind of data that one request holds."""

    def __init__(self, budget: Budget, client: ClientShare) -> None:
        self.size = 0
        """Bytes."""

        self._budget = budget
        self._client = client

    def __repr__(self) -> str:
        return f"<Holding {self.size} bytes>"

    @property
    def allows_more(self) -> bool:
        """Whether the request's client may hold more bytes."""
        return self._budget.allows(self._client)

    def check(self, size: int = 1) -> None:
        """Raises BuffersFull if the client may not hold `size` more bytes."""
        if not self._budget.allows(self._client, size):
            error = BuffersFull("The server's memory for text and audio is full; please try again in a moment.")
            error.option = "--max-buffered"
            raise error

    def hold(self, size: int) -> None:
        """Sets the number of bytes that the request holds.

        Does not check the limit, because the size of a sentence is known only after it has been encoded.
        """
        change, self.size = size - self.size, size
        if change:
            self._budget.change(self._client, change)
