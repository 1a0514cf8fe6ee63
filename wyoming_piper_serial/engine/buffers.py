"""How much memory all requests hold together: text, encoded sentences, and audio that their clients have not taken."""

from collections import Counter
from collections.abc import Callable

from wyoming_piper_serial.engine.shares import ClientShare
from wyoming_piper_serial.exceptions import BuffersFull

# The part of a budget that one client can have; the rest is for the others.
_MOST_OF_ONE = 0.75


class Budget:
    """Counts the bytes of one kind, which requests hold in a `Holding` each."""

    def __init__(self, limit: int) -> None:
        """`limit` is in bytes."""
        self.limit = limit
        self.used = 0
        """Bytes that are held now."""

        self.on_room: Callable[[], object] = lambda: None
        """Called when a client without room, or all of them, have room again."""

        self._of_client: Counter[ClientShare] = Counter()

    def __repr__(self) -> str:
        return f"<Budget {self.used} of {self.limit} bytes, {len(self._of_client)} clients>"

    @property
    def full(self) -> bool:
        """Whether nothing more should be held."""
        return self.used >= self.limit

    def allows(self, client: ClientShare, size: int = 1) -> bool:
        """Returns whether `client` may hold `size` more bytes."""
        most = _MOST_OF_ONE * self.limit if client.has_address else self.limit
        return self.used + size <= self.limit and self._of_client[client] + size <= most

    def change(self, client: ClientShare, by: int) -> None:
        """Counts `by` more bytes of `client`. Only a `Holding` calls it."""
        was_full, had_room = self.full, self.allows(client)
        self.used += by
        self._of_client[client] += by
        if not self._of_client[client]:
            del self._of_client[client]
        if (was_full and not self.full) or (not had_room and self.allows(client)):
            self.on_room()


class Buffers:
    """The memory that requests hold. Half is for text, so that text that waits cannot keep speech from being made."""

    def __init__(self, limit: int) -> None:
        """`limit` is in bytes."""
        self.text = Budget(limit // 2)
        self.speech = Budget(limit // 2)
        """Encoded sentences and audio."""

    @property
    def used(self) -> int:
        """Bytes that are held now."""
        return self.text.used + self.speech.used


class Holding:
    """What one request holds of one kind."""

    def __init__(self, budget: Budget, client: ClientShare) -> None:
        self.size = 0
        """Bytes."""

        self._budget = budget
        self._client = client

    def __repr__(self) -> str:
        return f"<Holding {self.size} bytes>"

    @property
    def allows_more(self) -> bool:
        """Whether the client may hold more."""
        return self._budget.allows(self._client)

    def check(self, size: int = 1) -> None:
        """Raises BuffersFull if the client may not hold `size` more bytes."""
        if not self._budget.allows(self._client, size):
            error = BuffersFull("The server holds as much text and audio as it can; please try again in a moment.")
            error.option = "--max-buffered"
            raise error

    def hold(self, size: int) -> None:
        """It holds `size` bytes from now on. The limit is not checked: the size of a sentence is known too late."""
        change, self.size = size - self.size, size
        if change:
            self._budget.change(self._client, change)
