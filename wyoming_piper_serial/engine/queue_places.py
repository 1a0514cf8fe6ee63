"""Estimates how many other requests start before each waiting request. The caller passes the time."""

import math
from collections import Counter, deque
from collections.abc import Iterable
from typing import NamedTuple

from wyoming_piper_serial.engine.scheduler import HEAD_START
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.settings import Priority

# Seconds for which the estimates are cached. When many clients are waiting, an estimate for each of them is needed
# several times per second.
_PERIOD = 0.1


class Waiting(NamedTuple):
    """A request whose first step has not started."""

    number: int
    client: int
    """Number that represents the client (see `ClientShare.number`)."""

    priority: Priority
    since: float
    """Time in seconds at which the request began to wait."""

    served: float
    """Seconds of model time that the client has recently used."""


def places(waiting: Iterable[Waiting], in_progress: Counter[int], *, fifo: bool = False) -> dict[int, int]:
    """Returns, by request number, how many waiting requests start before each one if no further requests arrive.

    `in_progress` contains the number of started requests of each client. The scheduler's rules are simplified: the
    lengths of the texts are ignored, and no request ends before the last one has started. With `fifo`, priorities have
    no effect.
    """
    in_order = sorted(waiting, key=lambda one: (_arrival(one, fifo=fifo), one.number))
    turns: dict[Priority | None, deque[Waiting]] = {}
    for _, one in sorted(_with_turns(in_order, in_progress), key=lambda pair: pair[0]):
        turns.setdefault(None if fifo else one.priority, deque()).append(one)
    found: dict[int, int] = {}
    for first in in_order:
        # The first request in queue order determines the priority, and the clients of this priority take turns.
        while first.number not in found:
            one = turns[None if fifo else first.priority].popleft()
            found[one.number] = len(found)
    return found


def _arrival(one: Waiting, *, fifo: bool) -> float:
    return one.since - (0.0 if fifo else HEAD_START[one.priority])


def _with_turns(
    in_order: Iterable[Waiting], in_progress: Counter[int]
) -> Iterable[tuple[tuple[int, float, int], Waiting]]:
    """Yields each request with its sort key. The sort key counts the client's earlier waiting requests as if they were
    in progress.
    """
    begun = Counter(in_progress)
    for position, one in enumerate(in_order):
        yield (begun[one.client], one.served, position), one
        begun[one.client] += 1


class QueuePlaces:
    """The queue positions of an engine's waiting utterances."""

    def __init__(self, *, fifo: bool) -> None:
        self._fifo = fifo
        self._places: dict[int, int] = {}
        self._computed = -math.inf  # time at which `_places` was computed

    def before(self, utterance: Utterance, everyone: Iterable[Utterance], now: float) -> int:
        """Returns how many of the waiting utterances in `everyone` will probably start before `utterance`."""
        # An utterance that has taken the place of an earlier one began to wait before it was created.
        took_a_place = utterance.asked is not None and utterance.asked < self._computed
        if (took_a_place and utterance.number not in self._places) or now - self._computed >= _PERIOD:
            self._places, self._computed = self._compute(list(everyone), now), now
        # An utterance that arrived after the last computation counts as the last in the queue.
        return self._places.get(utterance.number, len(self._places))

    def _compute(self, everyone: Iterable[Utterance], now: float) -> dict[int, int]:
        waiting = [
            Waiting(one.number, one.entry.share.number, one.entry.priority, one.since, one.entry.share.served(now))
            for one in everyone
            if one.waited(now) is not None
        ]
        in_progress = Counter(one.entry.share.number for one in everyone if one.started)
        return places(waiting, in_progress, fifo=self._fifo)
