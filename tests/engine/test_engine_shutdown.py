"""The engine completes or ends its requests while the server shuts down."""

import pytest

from tests.engine.bench import EngineBench, entered, feed, working
from tests.fakes import Gate, holding_on, pcm_of
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.exceptions import ShuttingDown
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.settings import Limits, SynthesisSettings


async def test_a_drain_lets_accepted_requests_have_their_turn() -> None:
    """During a drain, playing and waiting requests are completed, and the engine still accepts new requests."""
    gate = Gate()
    bench = EngineBench(on_run=holding_on("held", gate))
    async with working(bench):
        speaking, waiting = bench.submit(), bench.submit()
        await feed(speaking, "held one.", "two.")
        await entered(gate)
        bench.shutdown.begin()
        await feed(waiting, "three.")
        gate.open()
        assert b"".join([pcm async for pcm in speaking]) == pcm_of("held one.", "two.")
        assert b"".join([pcm async for pcm in waiting]) == pcm_of("three.")
        assert await bench.say("four.") == pcm_of("four.")  # the connection of this request may be older than the drain


async def test_an_engine_made_after_the_shutdown_refuses() -> None:
    """An engine that is created after the drain refuses every request."""
    bench = EngineBench()
    bench.shutdown.over.begin()
    engine = Engine(Limits(), bench.metrics, shutdown=bench.shutdown.over)
    with pytest.raises(ShuttingDown):
        engine.submit([bench.voice], SynthesisOptions(synthesis=SynthesisSettings()))


async def test_the_end_of_a_drain_ends_all() -> None:
    """After the drain, started, waiting and new requests end with ShuttingDown."""
    gate = Gate()
    bench = EngineBench(on_run=holding_on("held", gate))
    async with working(bench):
        started, waiting = bench.submit(), bench.submit()
        await feed(started, "one.", "held.")
        await entered(gate)
        await feed(waiting, "never.")
        bench.shutdown.begin()
        bench.shutdown.over.begin()
        assert await anext(started) == pcm_of("one.")
        for utterance in (started, waiting):
            with pytest.raises(ShuttingDown):
                await anext(utterance)
        with pytest.raises(ShuttingDown):
            bench.submit()
        gate.open()
    assert bench.voice.runs == ["one.", "held."]
    assert repr(bench.engine) == "<Engine stopped []>"
