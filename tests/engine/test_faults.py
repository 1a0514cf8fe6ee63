"""What goes wrong in a step is told to whom it concerns, and the lock moves on."""

import threading

import pytest

from tests.engine.house import House, entered, feed, working
from tests.fakes import Gate, failing_on, pcm_of
from wyoming_piper_serial.exceptions import QueueFull, ShuttingDown, SynthesisFailed
from wyoming_piper_serial.settings import Limits


@pytest.mark.parametrize("error", [MemoryError(), SystemExit(3), KeyboardInterrupt(), threading.BrokenBarrierError()])
async def test_whatever_a_run_raises_the_lock_moves_on(error: BaseException) -> None:
    """Also what would end a thread or the process."""

    def run(text: str) -> None:
        if "bad" in text:
            raise error

    async with working(House(on_run=run)) as house:
        with pytest.raises(SynthesisFailed):
            await house.say("a bad one.")
        assert await house.say("fine.") == pcm_of("fine.")
    assert house.engine.trouble is None


async def test_a_run_that_hangs_is_told_and_reported(caplog: pytest.LogCaptureFixture) -> None:
    """Its client, and others it speaks to, do not wait for ever; the server calls itself unwell until it is back."""
    gate = Gate()
    house = House(Limits(step_timeout=30), on_run=lambda text: gate.hold() if "hang" in text else None)
    async with working(house):
        listening, hanging, waiting = house.utter(), house.utter(), house.utter()
        await listening.feed("begun.")
        await anext(listening)
        await feed(hanging, "hang.")
        await entered(gate)
        await feed(waiting, "next.")
        house.clock.advance(29)
        house.engine.expire()
        troubles = [house.engine.trouble]
        house.clock.advance(1)
        house.engine.expire()
        house.engine.expire()
        troubles.append(house.engine.trouble)
        with pytest.raises(SynthesisFailed, match="did not finish in time"):
            await anext(hanging)
        with pytest.raises(SynthesisFailed, match="did not finish in time"):
            await anext(listening)
        gate.open()
        assert b"".join([pcm async for pcm in waiting]) == pcm_of("next.")
        troubles.append(house.engine.trouble)
    assert troubles == [None, "a step of the voice has taken 30 seconds and has not come back", None]
    log = [record.getMessage() for record in caplog.records]
    assert log.count("[2]: a step has not come back within 30s") == 1
    assert log.count("[2]: the step has come back after 30.0s") == 1


async def test_a_step_timeout_of_zero_waits_for_ever() -> None:
    """Zero turns a timeout off, as everywhere."""
    gate = Gate()
    house = House(Limits(step_timeout=0, request_timeout=0), on_run=lambda text: gate.hold())
    async with working(house):
        utterance = house.utter()
        await feed(utterance, "slow.")
        await entered(gate)
        house.clock.advance(1e6)
        house.engine.expire()
        assert house.engine.trouble is None
        gate.open()
        assert b"".join([pcm async for pcm in utterance]) == pcm_of("slow.")


async def test_a_clock_that_leaps_harms_nobody() -> None:
    """A machine that slept for a day in the first step: a newcomer still starts beside a listener, soon after."""
    leaps = iter([86_400.0])
    house = House(Limits(request_timeout=0, max_ahead=0.05), on_run=lambda text: house.clock.advance(next(leaps, 0.01)))
    async with working(house):
        assert await house.say("one.", "two.") == pcm_of("one.", "two.")
        listening, newcomer = house.utter(), house.utter()
        await feed(listening, *["some more words."] * 3)
        await anext(listening)
        await feed(newcomer, "fine.")
        assert b"".join([pcm async for pcm in newcomer]) == pcm_of("fine.")
        await listening.aclose()


async def test_refusals_and_failures_are_counted_by_code() -> None:
    """A monitor can tell a full queue from a voice that fails, and both from a server that ends."""
    house = House(Limits(max_queue=1), on_run=failing_on("bad"))
    async with working(house):
        with pytest.raises(SynthesisFailed):
            await house.say("a bad one.")
        await house.say("a good one.")
        house.utter()
        with pytest.raises(QueueFull):
            house.utter()
        house.engine.drain()
        with pytest.raises(ShuttingDown):
            house.utter()
    assert house.engine.snapshot().requests == {
        ("completed", ""): 1,
        ("failed", "synthesis-failed"): 1,
        ("failed", "shutting-down"): 1,
        ("refused", "queue-full"): 1,
        ("refused", "shutting-down"): 1,
    }
