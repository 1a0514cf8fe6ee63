"""Shares the time of the event loop between the HTTP connections and everything else."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable

_TURN = 0.004
"""Seconds of a turn of the event loop that may be spent on the bytes of HTTP clients. `describe` must be answered
within 20 ms, and one piece of bytes and the applications come on top."""

REQUEST_COST = 0.002
"""Seconds that the application of a request takes in the next turn, at most. Two requests begin in a turn."""

MESSAGE_COST = 0.0005
"""Seconds that the application of a WebSocket takes for a piece of bytes, which may complete a message."""


class Pacer:
    """Runs pieces of work in order. In each turn of the event loop, it runs only as many as fit into a time budget.

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
        """Count `seconds` that the work will cause in the next turn."""
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
