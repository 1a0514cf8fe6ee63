"""Limits the time that HTTP connections use in each iteration of the event loop, so that other tasks can run."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable

_TURN = 0.004
"""Maximum time in seconds for handling bytes from HTTP clients in one iteration of the event loop. The limit is low
because the last piece of work and the ASGI applications take additional time, and Wyoming's `describe` must be answered
within 20 ms."""

_REQUEST_COST = 0.002  # seconds; two small requests can therefore start per iteration
_MESSAGE_COST = 0.0005  # seconds; eight small messages can therefore be handled per iteration

# Additional seconds per byte. Most bytes take a tenth of this time, but small JSON values and lexicon entries take
# about this time. A request or a message of several kilobytes is therefore the last one in its iteration.
_BYTE_COST = 1e-6


def request_cost(size: int) -> float:
    """Returns the seconds that the application may need to start a request of `size` bytes."""
    return _REQUEST_COST + size * _BYTE_COST


def message_cost(size: int) -> float:
    """Returns the seconds that the application may need to handle a WebSocket message of `size` bytes."""
    return _MESSAGE_COST + size * _BYTE_COST


class Pacer:
    """Runs pieces of work one after another. Limits the time that they take in each iteration of the event loop.

    Waiting clients take turns, regardless of how much work each of them has. The work of one client runs in order. A
    piece of work cannot be interrupted, so it must be short (see `bounds`).
    """

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._left = _TURN
        self._waiting: dict[Hashable, deque[Callable[[], None]]] = {}  # pieces by client; the first client is next
        self._next_turn: asyncio.Handle | None = None

    def __repr__(self) -> str:
        return f"<Pacer {sum(map(len, self._waiting.values()))} waiting>"

    def run(self, work: Callable[[], None], client: Hashable = None) -> bool:
        """Runs `work` for `client` now, or in a later iteration if the time in this iteration is used up.

        Returns whether `work` was run now.
        """
        if self._next_turn is None:
            self._next_turn = asyncio.get_running_loop().call_soon(self._begin_turn)
        if self._waiting or self._left <= 0:
            self._waiting.setdefault(client, deque()).append(work)
            return False
        self._do(work)
        return True

    async def turn(self, seconds: float, client: Hashable = None) -> None:
        """Waits until `client` may do work that takes about `seconds`. Deducts this
        time from the iteration in which the wait ends."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def begin() -> None:
            if not turn.cancelled():
                self.charge(seconds)
                turn.set_result(None)

        self.run(begin, client)
        await turn

    def charge(self, seconds: float) -> None:
        """Reduces the time left in this iteration by `seconds`, the time that the application will need in the next
        iteration to handle the received data."""
        self._left -= seconds

    def _begin_turn(self) -> None:
        used = self._left < _TURN
        self._left = _TURN
        self._next_turn = asyncio.get_running_loop().call_soon(self._begin_turn) if used else None
        while self._waiting and self._left > 0:
            self._do(self._take())

    def _take(self) -> Callable[[], None]:
        """Removes and returns the next piece of work. Moves its client to the end of the queue."""
        client = next(iter(self._waiting))
        pieces = self._waiting.pop(client)
        work = pieces.popleft()
        if pieces:
            self._waiting[client] = pieces
        return work

    def _do(self, work: Callable[[], None]) -> None:
        begin = self._clock()
        try:
            work()
        finally:
            self._left -= self._clock() - begin
