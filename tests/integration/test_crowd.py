"""Many simultaneous clients over real sockets."""

import asyncio
import random
from collections.abc import Iterator

import numpy as np
import pytest
from wyoming.event import Event

from tests.integration.conftest import ServerProcess, Start, running_server
from tests.integration.peers import Answer, connected, hear

_TEXTS = [
    "The door is open.",
    "Turned on the lights in the kitchen.",
    "It is twenty past nine, and the sun is shining.",
    "The washing machine is done. The dryer needs about twenty more minutes.",
    "Two new messages.",
    "Somebody rang the bell while you were out; a picture has been saved for you.",
    "Good morning!",
    "The train to the airport leaves at six fifteen from platform two.",
]


@pytest.fixture(scope="module")
def server(small_voice: tuple[str, ...]) -> Iterator[ServerProcess]:
    """Run a server without a queue timeout, because the machine may be slow. Requests that do not specify a priority
    have low priority."""
    with running_server(*small_voice, "--queue-timeout", "0", "--priority", "127.0.0.1=low") as running:
        yield running


async def say(server: ServerProcess, text: str, **data: object) -> Answer:
    async with connected(server.uri) as client:
        await client.write_event(Event("synthesize", {"text": text, **data}))
        return await hear(client, "audio-stop")


async def test_concurrent_speech_equals_the_speech_of_a_single_client(server: ServerProcess) -> None:
    """If 32 requests with seeds are sent at random times and with random priorities, each gets the same bytes as when
    it is the only request."""
    chance = random.Random(4)
    alone = [(await say(server, text, seed=number)).pcm for number, text in enumerate(_TEXTS)]
    assert len(set(alone)) == len(_TEXTS)

    async def later(number: int, offset: float) -> bytes:
        await asyncio.sleep(offset)
        priority = chance.choice(["high", "normal", "low"])
        return (await say(server, _TEXTS[number], seed=number, priority=priority)).pcm

    numbers = [number % len(_TEXTS) for number in range(32)]
    crowd = await asyncio.gather(*(later(number, chance.uniform(0, 3)) for number in numbers))
    assert [number for number, pcm in zip(numbers, crowd, strict=True) if pcm != alone[number]] == []


async def test_speech_under_load_differs_only_by_rounding(start: Start) -> None:
    """The load affects chunk sizes but not the speech. With the bundled voice and without noise, speech under load
    differs from speech without load by at most two 16-bit steps."""
    server = start("--uri", "tcp://127.0.0.1:0", "--noise-scale", "0", "--noise-w-scale", "0")
    alone = [(await say(server, text, seed=1)).pcm for text in _TEXTS]
    crowd = await asyncio.gather(*(say(server, text) for text in _TEXTS))
    for expected, answer in zip(alone, crowd, strict=True):
        heard, wanted = (np.frombuffer(pcm, dtype="<i2").astype(np.int32) for pcm in (answer.pcm, expected))
        assert heard.shape == wanted.shape
        assert np.abs(heard - wanted).max() <= 2


async def test_all_clients_get_audio_before_the_first_one_has_finished(server: ServerProcess) -> None:
    """If four clients request more than a minute of speech each, all of them receive audio before the first one has
    received all of its speech."""
    text = " ".join(_TEXTS * 3)
    began = 0
    begun_at_the_end: list[int] = []

    async def listen() -> None:
        nonlocal began
        async with connected(server.uri) as client:
            await client.write_event(Event("synthesize", {"text": text, "seed": 1}))
            await hear(client, "audio-start")
            began += 1
            await hear(client, "audio-stop")
            begun_at_the_end.append(began)

    await asyncio.gather(*(listen() for _ in range(4)))
    assert begun_at_the_end == [4] * 4
