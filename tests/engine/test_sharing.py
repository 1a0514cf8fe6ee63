"""Many simultaneous requests share a fake voice: deadlines, priorities, timeouts, instances and batches."""

import asyncio
import contextlib
from collections.abc import Callable
from ipaddress import ip_address

import pytest

from tests.engine.bench import EngineBench, entered, feed, working
from tests.fakes import SAMPLE_RATE, FakeVoice, Gate, holding_on, ids_of, pcm_of
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.exceptions import QueueFull, QueueTimeout, RequestTimeout, SynthesisFailed
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.observe.outcome import Outcome
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.settings import Limits, Priority, Schedule, Sharing, SynthesisSettings


async def heard(utterance: Utterance) -> bytes:
    return b"".join([pcm async for pcm in utterance])


def noting(order: list[str], gate: Gate) -> Callable[[str], None]:
    """Return an `on_run` that appends each sentence to `order`, and blocks at the sentence "held."."""

    def run(text: str) -> None:
        order.append(text)
        if text == "held.":
            gate.hold()

    return run


async def order_of(bench: EngineBench, gate: Gate, *requests: tuple[str, Priority]) -> None:
    """Submit `requests` while a step is blocked. Then let the step continue, and read all audio of the requests."""
    async with working(bench):
        held = bench.submit()
        await feed(held, "held.")
        await entered(gate)
        utterances = []
        for text, priority in requests:
            utterance = bench.submit(priority=priority)
            await feed(utterance, text)
            utterances.append(utterance)
        gate.open()
        for utterance in utterances:
            await heard(utterance)


async def test_priority_decides_on_the_order_of_those_that_wait() -> None:
    """Waiting requests start by priority (high, normal, low), and within one priority in order of arrival."""
    gate, order = Gate(), list[str]()
    bench = EngineBench(on_run=noting(order, gate))
    await order_of(
        bench,
        gate,
        *[("low1.", Priority.LOW), ("norm1", Priority.NORMAL), ("high1", Priority.HIGH)],
        *[("norm2", Priority.NORMAL), ("high2", Priority.HIGH)],
    )
    assert order == ["held.", "high1", "high2", "norm1", "norm2", "low1."]


async def test_requests_of_one_client_start_in_order_of_arrival() -> None:
    """The recorded model time of a client decays even while the scheduler makes a decision. The decay does not change
    the order of the client's requests."""
    gate, order = Gate(), list[str]()
    bench = EngineBench(on_run=noting(order, gate))
    bench.clock.tick = 0.001
    await order_of(bench, gate, *[(f"text {number}.", Priority.NORMAL) for number in range(4)])
    assert order == ["held.", *(f"text {number}." for number in range(4))]


async def test_fifo_serves_in_order_of_arrival() -> None:
    """With `fifo`, requests are served in order of arrival. Priority and length have no effect."""
    gate, order = Gate(), list[str]()
    bench = EngineBench(on_run=noting(order, gate), sharing=Sharing(schedule="fifo"))
    await order_of(bench, gate, ("a long one.", Priority.LOW), ("short", Priority.HIGH))
    assert order == ["held.", "a long one.", "short"]


async def test_a_request_waits_no_longer_than_the_queue_timeout() -> None:
    """A request that has not started within `queue_timeout` fails with QueueTimeout and leaves the queue. Other
    requests continue."""
    gate = Gate()
    bench = EngineBench(Limits(queue_timeout=10, max_queue=2), on_run=holding_on("held", gate))
    async with working(bench):
        speaking, waiting = bench.submit(), bench.submit()
        await feed(speaking, "held one.", "two.")
        await entered(gate)
        await feed(waiting, "never.")
        with pytest.raises(QueueFull):
            bench.submit()
        bench.clock.advance(10)
        bench.engine.expire()
        with pytest.raises(QueueTimeout):
            await heard(waiting)
        gate.open()
        assert await heard(speaking) == pcm_of("held one.", "two.")
        assert await bench.say("next.") == pcm_of("next.")
    assert "never." not in bench.voice.runs


async def test_the_queue_timeout_is_for_requests_with_text() -> None:
    """`queue_timeout` ends a request that has text and has not started, but not a request without text."""
    bench = EngineBench(Limits(queue_timeout=10))
    stream = bench.submit()
    bench.clock.advance(10)
    bench.engine.expire()
    assert stream.outcome is None
    await stream.feed(ids_of("late."))
    bench.engine.expire()
    assert stream.outcome == Outcome.failed("queue-timeout")


async def test_the_queue_timeout_includes_the_wait_for_phonemes() -> None:
    """The waiting time of a request begins when its first sentence arrives, even if the phonemes of this sentence are
    not known yet."""
    bench = EngineBench(Limits(queue_timeout=10))
    request = bench.submit()
    request.phonemize("never made.")
    bench.clock.advance(10)
    bench.engine.expire()
    assert request.outcome == Outcome.failed("queue-timeout")


async def test_streams_without_sound_do_not_fill_the_queue() -> None:
    """A stream whose sentences were silent does not count as queued while it waits for more text, and the queue
    timeout does not end it."""
    bench = EngineBench(Limits(max_queue=2, queue_timeout=10))
    streams = [bench.submit(), bench.submit()]
    with pytest.raises(QueueFull):
        bench.submit()
    for stream in streams:
        stream.phonemize("")
        stream.wait_for_text(waiting=True)
    bench.submit()
    bench.clock.advance(10)
    bench.engine.expire()
    assert [stream.outcome for stream in streams] == [None, None]
    streams[0].wait_for_text(waiting=False)
    assert streams[0].needs_voice


async def test_a_request_takes_no_longer_than_the_request_timeout() -> None:
    """A request that lasts longer than `request_timeout` fails with RequestTimeout, even while it waits for text."""
    bench = EngineBench(Limits(request_timeout=100))
    async with working(bench):
        stream = bench.submit()
        await stream.feed(ids_of("begun."))
        assert await anext(stream) == pcm_of("begun.")
        bench.clock.advance(100)
        bench.engine.expire()
        with pytest.raises(RequestTimeout):
            await heard(stream)


async def test_the_engine_checks_deadlines_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine checks timeouts periodically, even if nothing else happens."""
    monkeypatch.setattr("wyoming_piper_serial.engine.engine._EXPIRY_PERIOD", 0.0)
    bench = EngineBench(Limits(request_timeout=100))
    async with working(bench):
        stream = bench.submit()
        bench.clock.advance(100)
        with pytest.raises(RequestTimeout):
            await heard(stream)


async def test_underruns_are_counted() -> None:
    """A chunk that is late counts as an underrun if its text was available in time."""
    bench = EngineBench(sharing=Sharing(release="earliest"), on_run=lambda text: bench.clock.advance(5.0))
    async with working(bench):
        await bench.say("one.", "two.", "three.")
    snapshot = bench.metrics.snapshot()
    assert snapshot.underruns == 2
    assert snapshot.underrun_seconds == pytest.approx(10.0, abs=0.1)


async def test_text_that_comes_late_is_not_an_underrun() -> None:
    """If a sentence of a text stream arrives late, the gap before it is not an underrun."""
    async with working(EngineBench()) as bench:
        stream = bench.submit()
        await stream.feed(ids_of("begun."))
        await anext(stream)
        bench.clock.advance(60)
        await feed(stream, "ended.")
        await heard(stream)
    assert bench.metrics.snapshot().underruns == 0


async def test_a_reader_that_paused_has_a_later_deadline() -> None:
    """If the reader pauses before it reads audio, the deadline is recomputed: the time at which the audio is read plus
    the duration of the audio."""
    async with working(EngineBench(Limits(max_ahead=0.06))) as bench:
        paused = bench.submit()
        await feed(paused, "twelve letters", "more")
        await paused._audible.wait()  # the first audio has been generated but not read
        bench.clock.advance(3600)
        seconds = len(await anext(paused)) / 2 / SAMPLE_RATE
        assert paused.candidate(bench.clock()).deadline == pytest.approx(bench.clock.now + seconds)
        await heard(paused)
    assert bench.metrics.snapshot().underruns == 0


async def test_the_snapshot_has_the_current_queue() -> None:
    """The metrics snapshot contains the number of waiting requests by priority, the longest wait, and the number of
    listeners."""
    gate = Gate()
    bench = EngineBench(on_run=holding_on("held", gate))
    async with working(bench):
        speaking = bench.submit()
        await feed(speaking, "begun.", "held.")
        await anext(speaking)
        await entered(gate)
        high, low = bench.submit(priority=Priority.HIGH), bench.submit(priority=Priority.LOW)
        await feed(high, "high.")
        bench.clock.advance(2)
        await feed(low, "low.")
        queue = bench.engine.snapshot().queue
        assert queue.waiting == {Priority.HIGH: 1, Priority.LOW: 1}
        assert (queue.oldest_wait, queue.playing) == (2.0, 1)
        gate.open()
        await heard(high)
        await heard(low)
        await heard(speaking)
    snapshot = bench.engine.snapshot()
    assert (snapshot.waits.count, snapshot.first_audio.count) == (3, 3)
    assert not snapshot.queue.waiting
    assert snapshot.queue.playing == 0


def holding(gate: Gate) -> Callable[[str], None]:
    """Return an `on_run` that blocks at every sentence until the gate is opened."""
    return lambda _: gate.hold()


async def playing(bench: EngineBench, *texts: str) -> list[Utterance]:
    """Submit `texts`. Return their utterances, whose first chunks have been decoded but not read."""
    utterances = []
    for text in texts:
        utterance = bench.submit()
        await feed(utterance, text)
        await utterance._audible.wait()
        utterances.append(utterance)
    return utterances


_ONE_CHUNK = Limits(max_ahead=0.001)


async def test_chunks_of_one_shape_are_decoded_together() -> None:
    """Up to `batch_max` chunks of equal shape are decoded in one model run, and each request gets its own audio."""
    bench = EngineBench(_ONE_CHUNK, sharing=Sharing(batch_max=3))
    texts = [f"{number} " + "a long text of many letters, " * 12 for number in range(5)]
    async with working(bench):
        utterances = await playing(bench, *texts)
        assert await asyncio.gather(*map(heard, utterances)) == [pcm_of(text) for text in texts]
    assert max(bench.voice.batches) == 3
    assert bench.voice.overlaps == 0


@pytest.mark.parametrize("how", [Sharing(batch_max=8, schedule="fifo"), Sharing(batch_max=1), Sharing()])
async def test_nothing_is_decoded_together_by_default(how: Sharing) -> None:
    """With `batch_max` 1, with the default settings or with `fifo`, no chunks are decoded together."""
    bench = EngineBench(_ONE_CHUNK, sharing=how)
    async with working(bench):
        await asyncio.gather(*map(heard, await playing(bench, "x" * 300, "y" * 300)))
    assert bench.voice.batches == []


async def test_exact_speech_is_decoded_alone() -> None:
    """Speech with a seed is never part of a batch, because larger model runs can round differently."""
    bench = EngineBench(_ONE_CHUNK, sharing=Sharing(batch_max=8))
    async with working(bench):
        exact = bench.submit(SynthesisSettings(seed=1))
        await feed(exact, "z" * 300)
        await exact._audible.wait()
        others = await playing(bench, "x" * 300, "y" * 300)
        await asyncio.gather(*map(heard, [exact, *others]))
    assert set(bench.voice.batches) == {2}


@pytest.mark.parametrize("error", [SynthesisFailed("no"), MemoryError(), SystemExit(1)])
async def test_a_failure_in_a_batch_affects_only_one_utterance(error: BaseException) -> None:
    """If one utterance of a batch fails, the other utterances get their audio, and the engine continues."""

    def fail(text: str) -> None:
        if "bad" in text:
            raise error

    bench = EngineBench(_ONE_CHUNK, sharing=Sharing(batch_max=8))
    bench.voice.on_later_chunk = fail
    texts = [f"{word} " + "and much more of it, " * 15 for word in ("good", "bad ", "fine")]
    async with working(bench):
        utterances = await playing(bench, *texts)
        results = await asyncio.gather(*map(heard, utterances), return_exceptions=True)
        assert await bench.say("next.") == pcm_of("next.")
    assert max(bench.voice.batches) == 3
    assert [results[0], results[2]] == [pcm_of(texts[0]), pcm_of(texts[2])]
    assert isinstance(results[1], SynthesisFailed)


async def test_instances_speak_side_by_side_each_behind_its_own_lock() -> None:
    """With two instances of a voice, two model runs can overlap, but never in the same instance."""
    gates = [Gate(), Gate()]
    voices = [FakeVoice(on_run=holding(gate)) for gate in gates]
    bench = EngineBench(sharing=Sharing(instances=2))
    async with working(bench):
        utterances = [bench.engine.submit(voices, SynthesisOptions(synthesis=SynthesisSettings())) for _ in range(4)]
        for number, utterance in enumerate(utterances):
            await feed(utterance, f"text {number}.")
        for gate in gates:
            await entered(gate)
        for gate in gates:
            gate.open()
        assert await asyncio.gather(*map(heard, utterances)) == [pcm_of(f"text {number}.") for number in range(4)]
    assert [voice.overlaps for voice in voices] == [0, 0]
    assert min(len(voice.runs) for voice in voices) >= 1


def from_address(address: str) -> Client:
    return Client(protocol="wyoming", address=ip_address(address))


@pytest.mark.parametrize(("limits", "most"), [(Limits(), 48), (Limits(max_queue_per_address=5), 5)])
async def test_one_client_cannot_have_the_others_refused(limits: Limits, most: int) -> None:
    """A client with 66 simultaneous requests can fill only a part of the queue, so the request of another client is
    accepted."""
    bench = EngineBench(limits)
    greedy = from_address("2001:db8::1")
    accepted = 0
    for number in range(66):
        with contextlib.suppress(QueueFull):
            bench.submit(client=from_address(f"2001:db8::{number + 1:x}"))
            accepted += 1
    assert accepted == most
    with pytest.raises(QueueFull) as refused:
        bench.submit(client=greedy)
    assert refused.value.option == f"--max-queue-per-address {most}"
    assert str(refused.value).startswith("Your address already has")
    bench.submit(client=from_address("192.168.1.5"))


async def test_clients_without_an_address_have_the_whole_queue() -> None:
    """For clients on stdio:// and unix://, only --max-queue limits the number of requests."""
    bench = EngineBench(Limits(max_queue=4, max_queue_per_address=1))
    for _ in range(4):
        bench.submit(client=Client(protocol="wyoming"))
    with pytest.raises(QueueFull):
        bench.submit(client=Client(protocol="wyoming"))


@pytest.mark.parametrize("schedule", ["deadline", "fifo"])
async def test_a_client_with_many_requests_is_not_served_before_one_with_few(schedule: Schedule) -> None:
    """If one client has many waiting requests, the next request to start is from another client."""
    bench = EngineBench(sharing=Sharing(schedule=schedule), on_run=lambda _: bench.clock.advance(0.1))
    requests = [bench.submit(client=from_address("10.0.0.1")) for _ in range(20)]
    for number, request in enumerate(requests):
        await feed(request, f"greedy {number:02}.")
    other = bench.submit(client=from_address("10.0.0.2"))
    await feed(other, "the other.")
    async with working(bench):
        await asyncio.gather(*map(heard, [*requests, other]))
    assert bench.voice.runs[:2] == ["greedy 00.", "the other."]
    assert bench.voice.runs[2:] == [f"greedy {number:02}." for number in range(1, 20)]
