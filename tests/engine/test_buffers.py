"""The memory that all requests hold together is counted exactly, and each client can use only a part of it."""

import asyncio
import random
from ipaddress import ip_address

import pytest

from tests.engine.bench import EngineBench, feed, working
from tests.fakes import ids_of, pcm_of
from wyoming_piper_serial.engine.buffers import Budget, Buffers, Holding
from wyoming_piper_serial.engine.shares import ClientShare
from wyoming_piper_serial.exceptions import BuffersFull
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.settings import Limits, Sharing

ONE, OTHER, LOCAL = ClientShare(1, True), ClientShare(2, True), ClientShare(3, False)


def test_one_client_leaves_a_part_to_the_others() -> None:
    """A client with an address can use three quarters of the budget. A client without an address can use all of it."""
    budget = Budget(100)
    Holding(budget, ONE).hold(74)
    assert (budget.allows(ONE), budget.allows(ONE, 2), budget.allows(OTHER, 26), budget.allows(OTHER, 27)) == (
        *(True, False),
        *(True, False),
    )
    with pytest.raises(BuffersFull) as caught:
        Holding(budget, ONE).check(2)
    assert caught.value.option == "--max-buffered"
    Holding(budget, OTHER).hold(26)
    assert budget.full
    assert Budget(100).allows(LOCAL, 100)


def test_on_room_is_called_when_a_client_has_room_again() -> None:
    """`on_room` is called only when a client that had used up its part of the budget can hold more bytes again."""
    budget, calls = Budget(100), []
    budget.on_room = lambda: calls.append(budget.used)
    holding = Holding(budget, ONE)
    for size in (50, 80, 76, 70, 60):
        holding.hold(size)
    assert calls == [70]


def test_room_is_told_when_a_client_without_room_leaves_some_to_others() -> None:
    """`on_room` is called when other clients have room again, even if the client that released memory has none."""
    budget, calls = Budget(100), []
    budget.on_room = lambda: calls.append(budget.used)
    one, other = Holding(budget, ONE), Holding(budget, OTHER)
    one.hold(80)
    other.hold(20)
    one.hold(79)
    assert calls == [99]
    assert (one.allows_more, other.allows_more) == (False, True)


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_exact_and_return_to_zero(seed: int) -> None:
    """After random changes, the sums are exact. When all bytes have been released, the sums are 0 and no client is
    listed."""
    chance = random.Random(seed)
    buffers = Buffers(1 << 20)
    clients = [ClientShare(number, True) for number in range(5)]
    holdings = [Holding(chance.choice([buffers.text, buffers.speech]), chance.choice(clients)) for _ in range(50)]
    for _ in range(2000):
        chance.choice(holdings).hold(chance.choice([0, chance.randrange(1000)]))
        assert buffers.used == sum(holding.size for holding in holdings)
    for holding in holdings:
        holding.hold(0)
    assert repr(buffers.text) == repr(buffers.speech) == "<Budget 0 of 524288 bytes, 0 clients>"


@pytest.mark.parametrize("seed", range(5))
async def test_an_engine_holds_nothing_when_all_requests_are_over(seed: int) -> None:
    """When random requests have been completed, cancelled or failed, all their bytes have been released."""
    chance = random.Random(seed)
    bench = EngineBench(Limits(max_ahead=1), on_run=lambda _: None)
    async with working(bench):
        for _ in range(60):
            utterance = bench.submit(client=Client(protocol="http", address=ip_address(chance.randrange(1, 4))))
            await feed(utterance, *["some words to say."] * chance.randrange(4))
            taken = chance.randrange(6)
            async for _ in utterance:
                taken -= 1
                assert bench.engine.buffers.speech.used >= 0
                if taken < 0:
                    break
            await utterance.aclose()
    assert repr(bench.engine.buffers.speech).startswith("<Budget 0 of ")
    assert repr(bench.engine.buffers.speech).endswith(" 0 clients>")


async def test_sentences_of_one_client_leave_memory_to_the_others() -> None:
    """When a client has used up its part of the memory, its encoded sentence is decoded only about two seconds ahead,
    so that other clients are not refused."""
    bench = EngineBench(Limits(max_ahead=30), sharing=Sharing(release="earliest"))
    budget = bench.engine.buffers.speech
    client = Client(protocol="wyoming", address=ip_address("192.0.2.1"))
    share = bench.engine._shares.of(client)
    async with working(bench):
        utterance = bench.submit(client=client)
        await utterance.feed(ids_of("a long sentence. " * 100))
        await utterance._audible.wait()
        Holding(budget, share).hold(round(0.75 * budget.limit))
        while utterance.ready or utterance.in_step:
            await asyncio.sleep(0)  # lets the engine work
        assert 1.0 < utterance.playback.buffered < 4.0 < utterance.candidate(bench.clock()).rest
        bench.submit(client=Client(protocol="wyoming", address=ip_address("192.0.2.2")))


async def test_a_sentence_waits_for_memory() -> None:
    """While the budget is used up, no sentence is encoded and new requests are refused. Encoding continues when
    bytes are released."""
    bench = EngineBench()
    budget = bench.engine.buffers.speech
    other = Holding(budget, OTHER)
    async with working(bench):
        waiting = bench.submit()
        other.hold(budget.limit)
        await feed(waiting, "one.", "two.")
        assert not waiting.ready
        with pytest.raises(BuffersFull):
            bench.submit()
        other.hold(0)
        assert b"".join([pcm async for pcm in waiting]) == pcm_of("one.", "two.")
    assert bench.metrics.snapshot().refused == 1
