"""The total memory used by all requests is counted exactly, and each client can use only a part of it."""

import asyncio
import contextlib
import random
from ipaddress import ip_address
from itertools import cycle, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.bench import EngineBench, feed, working
from tests.fakes import ids_of, pcm_of
from wyoming_piper_serial.engine.buffers import Budget, Buffers, Holding
from wyoming_piper_serial.engine.shares import ClientShare
from wyoming_piper_serial.exceptions import BuffersFull
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.settings import Limits, Sharing

ONE, OTHER, LOCAL = ClientShare(1, True), ClientShare(2, True), ClientShare(3, False)


@pytest.mark.parametrize("client", [ONE, LOCAL])
def test_one_client_leaves_a_part_to_the_others(client: ClientShare) -> None:
    """An eighth of the budget is reserved for clients that use at most 8192 bytes each. Of the other seven eighths, the
    first client can use three quarters, and the next client can use three quarters of the memory that is then free.
    Clients without an address have the same limits."""
    budget = Budget(3_200_000)  # 2,800,000 bytes without the reserved eighth
    Holding(budget, client).hold(2_100_000)
    assert not budget.allows(client)
    assert (budget.allows(OTHER, 525_000), budget.allows(OTHER, 525_001)) == (True, False)
    with pytest.raises(BuffersFull) as caught:
        Holding(budget, client).check()
    assert caught.value.option == "--max-buffered"
    Holding(budget, OTHER).hold(1_100_000 - 8192)
    third = ClientShare(4, True)
    assert (budget.allows(third, 8192), budget.allows(third, 8193)) == (True, False)
    Holding(budget, OTHER).hold(1)
    assert (budget.allows(third, 8191), budget.allows(third, 8192)) == (True, False)


@pytest.mark.unmeasured  # coverage is not measured here, because faster tests cover the same code
@given(greedy=st.integers(1, 511), sizes=st.lists(st.integers(1, 1 << 20), min_size=1, max_size=20))
@settings(deadline=None, max_examples=50)
def test_clients_that_take_all_they_can_leave_room_for_a_new_one(greedy: int, sizes: list[int]) -> None:
    """Up to 511 clients claim as much memory as they are allowed, in pieces of any size. The clients together stay
    below the limit, and a new client can still claim memory for a short text."""
    budget = Buffers(256 << 20).input  # the default of --max-buffered
    pieces = cycle([*sizes, 1])
    for number in range(greedy):
        holding = Holding(budget, ClientShare(number, True))
        for size in islice(pieces, 40):
            with contextlib.suppress(BuffersFull):
                holding.claim(holding.size + size)
    assert 0 < budget.used < budget.limit
    Holding(budget, OTHER).claim(8192)


def test_on_room_is_called_when_bytes_are_released_after_a_refusal() -> None:
    """If `allows` has returned false, the next release of bytes by any client calls `on_room` once."""
    budget, calls = Budget(100), []
    budget.on_room = lambda: calls.append(budget.used)
    one, other = Holding(budget, ONE), Holding(budget, OTHER)
    one.hold(100)
    one.hold(99)
    assert budget.allows(ONE)
    other.hold(1)
    assert not budget.allows(ONE)
    one.hold(98)
    one.hold(97)
    other.hold(10)
    assert not budget.allows(ONE)
    other.hold(2)
    assert calls == [99, 99]


def test_small_input_of_a_connection_is_not_counted() -> None:
    """The first 4096 bytes of the input of each connection do not count, so they are accepted even if the budget is
    full."""
    buffers = Buffers(1 << 20)
    Holding(buffers.input, ONE).hold(buffers.input.limit)
    holding = buffers.new_input(ONE)
    holding.claim(4096)
    with pytest.raises(BuffersFull):
        holding.claim(4097)
    assert (holding.size, buffers.input.used) == (0, buffers.input.limit)


def test_each_kind_of_data_has_memory_of_its_own() -> None:
    """Half of the memory is for speech, three eighths for text, and an eighth for input."""
    buffers = Buffers(800)
    assert [one.limit for one in (buffers.speech, buffers.text, buffers.input)] == [400, 300, 100]
    buffers.new_input(ONE).hold(4096 + 50)
    Holding(buffers.text, ONE).hold(7)
    assert (buffers.used, buffers.input.used) == (57, 50)


def test_less_can_always_be_claimed() -> None:
    """A claim of fewer bytes than before succeeds even if the budget is full."""
    budget = Budget(100)
    holding = Holding(budget, ONE)
    holding.hold(500)
    holding.claim(400)
    assert budget.used == 400


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_exact_and_return_to_zero(seed: int) -> None:
    """After random changes, the byte counts are exact. When all bytes have been released, the counts are 0, and no
    client is listed."""
    chance = random.Random(seed)
    buffers = Buffers(1 << 20)
    clients = [ClientShare(number, True) for number in range(5)]
    budgets = [buffers.input, buffers.text, buffers.speech]
    holdings = [Holding(chance.choice(budgets), chance.choice(clients)) for _ in range(50)]
    for _ in range(2000):
        chance.choice(holdings).hold(chance.choice([0, chance.randrange(1000)]))
        assert buffers.used == sum(holding.size for holding in holdings)
    for holding in holdings:
        holding.hold(0)
    assert [repr(one) for one in budgets] == [f"<Budget 0 of {one.limit} bytes, 0 clients>" for one in budgets]


@pytest.mark.unmeasured  # coverage is not measured here, because faster tests cover the same code
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
    """When a client has used up its part of the memory, its encoded sentence is decoded only about two seconds in
    advance. Other clients are therefore not refused."""
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
            await asyncio.sleep(0)  # lets the engine run
        assert 1.0 < utterance.playback.buffered < 4.0 < utterance.candidate(bench.clock()).rest
        bench.submit(client=Client(protocol="wyoming", address=ip_address("192.0.2.2")))


async def test_a_sentence_waits_for_memory() -> None:
    """While the memory budget is used up, no sentence is encoded and new requests are refused. Encoding continues when
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
