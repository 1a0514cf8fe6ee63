"""Limits the time that HTTP connections use in each turn of the event loop, so that other tasks get their turn."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable

_TURN = 0.004
"""Seconds in each turn of the event loop that may be spent on bytes from HTTP clients. Wyoming's `describe` must be
answered within 20 ms, and the last piece of work and the ASGI applications take additional time."""

REQUEST_COST = 0.002
"""Most seconds that the application of one request takes in the next turn. So two requests begin in a turn."""

MESSAGE_COST = 0.0005
"""Seconds that the application of a WebSocket takes for one read of bytes, which may complete a message."""


class Pacer:
    """Runs pieces of work in order. In each turn of the event loop, runs only as many as fit into a time budget.

    The clients that wait take turns, whatever the number of their pieces; the pieces of a client keep their order. A
    piece of work cannot be interrupted, so it must be short: see `bounds`.
    """

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._left = _TURN
        self._waiting: dict[Hashable, deque[Callable[[], None]]] = {}  # by client; the first is next
        self._next_turn: asyncio.Handle | None = None

    def __repr__(self) -> str:
        return f"<Pacer {sum(map(len, self._waiting.values()))} waiting>"

    def run(self, work: Callable[[], None], client: Hashable = None) -> bool:
        """Run `work` of `client` now, or in a later turn if the time of this one is used up. Returns whether it was
        run now."""
        if self._next_turn is None:
            self._next_turn = asyncio.get_running_loop().call_soon(self._begin_turn)
        if self._waiting or self._left <= 0:
            self._waiting.setdefault(client, deque()).append(work)
            return False
        self._do(work)
        return True

    def charge(self, seconds: float) -> None:
        """Reduces the time left in this turn by `seconds`, which the work will cause in the next turn."""
        self._left -= seconds

    def _begin_turn(self) -> None:
        used = self._left < _TURN
        self._left = _TURN
        self._next_turn = asyncio.get_running_loop().call_soon(self._begin_turn) if used else None
        while self._waiting and self._left > 0:
            self._do(self._take())

    def _take(self) -> Callable[[], None]:
        """Remove and return the next piece of work. Its client is then behind the others."""
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
