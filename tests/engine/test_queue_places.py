"""The estimated number of requests that are served before each waiting request."""

from collections import Counter

import pytest

from tests.engine.bench import EngineBench
from wyoming_piper_serial.engine.queue_places import Waiting, places
from wyoming_piper_serial.settings import Priority


def waiting(number: int, client: int = 0, priority: Priority = Priority.NORMAL, served: float = 0.0) -> Waiting:
    """Return a request that has arrived `number` seconds after the start."""
    return Waiting(number, client, priority, float(number), served)


@pytest.mark.parametrize(
    ("requests", "in_progress", "order"),
    [
        ([], {}, []),
        ([waiting(2), waiting(1), waiting(3)], {}, [1, 2, 3]),
        ([waiting(1), waiting(2, priority=Priority.HIGH), waiting(3, priority=Priority.LOW)], {}, [2, 1, 3]),
        ([waiting(1, priority=Priority.LOW), waiting(40, priority=Priority.HIGH)], {}, [1, 40]),
        ([waiting(1, 7), waiting(2, 7), waiting(3, 7), waiting(4, 8)], {}, [1, 4, 2, 3]),
        ([waiting(1, 7), waiting(2, 8)], {7: 1}, [2, 1]),
        ([waiting(1, 7, served=5.0), waiting(2, 8)], {}, [2, 1]),
    ],
)
def test_clients_and_priorities_take_turns(
    requests: list[Waiting], in_progress: dict[int, int], order: list[int]
) -> None:
    """The oldest request comes first, but clients take turns, and a high priority counts as an earlier arrival."""
    found = places(requests, Counter(in_progress))
    assert sorted(found, key=lambda number: found[number]) == order
    assert sorted(found.values()) == list(range(len(requests)))


def test_fifo_ignores_the_priority() -> None:
    """With the schedule `fifo`, a high-priority request does not overtake other requests."""
    assert places([waiting(1), waiting(2, priority=Priority.HIGH)], Counter(), fifo=True) == {1: 0, 2: 1}


async def test_place_of_an_utterance_changes_when_another_one_leaves() -> None:
    """The engine counts the utterances before another one. If one of them leaves, the count is updated after a
    moment.
    """
    bench = EngineBench()
    first, second, third = bench.submit(), bench.submit(), bench.submit()
    for utterance in (first, second, third):
        await utterance.feed([1, 2, 3])
    assert [bench.engine.before(one) for one in (first, second, third)] == [0, 1, 2]
    await first.aclose()
    assert bench.engine.before(third) == 2
    bench.clock.now += 1
    assert [bench.engine.before(one) for one in (second, third)] == [0, 1]
    await second.aclose()
    await third.aclose()


async def test_utterance_that_takes_the_place_of_another_one_is_counted_there_at_once() -> None:
    """An utterance that has taken over an earlier place is not counted as the last one, even if the places were
    computed a moment ago."""
    bench = EngineBench()
    first, second = bench.submit(), bench.submit()
    for utterance in (first, second):
        await utterance.feed([1, 2, 3])
        bench.clock.now += 1
    assert [bench.engine.before(one) for one in (first, second)] == [0, 1]
    await first.aclose()
    third = bench.submit()
    third.asked = first.since
    assert bench.engine.before(third) == 0
    await second.aclose()
    await third.aclose()
