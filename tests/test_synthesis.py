"""A request's text, and its way to the engine. The tests of the connections test speech over the wire."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.fakes import FakeVoice, pcm_of, voice_entry
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.exceptions import BadRequest, PiperSerialError, QueueTimeout, TextTooLong, UnknownVoice
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.settings import Limits, Settings
from wyoming_piper_serial.synthesis import SpeechRequest, Synthesizer, TextFeed
from wyoming_piper_serial.text.sentences import SentenceSplitter
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.pool import VoicePool
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.selection import VoiceSelector

ENTRIES = [voice_entry(), voice_entry("en_US-other-low")]


class Parts:
    """A synthesizer with a running engine."""

    def __init__(self, settings: Settings) -> None:
        self.metrics = Metrics()
        self.engine = Engine(settings.limits, self.metrics)
        self.pool = VoicePool(lambda entry: (FakeVoice(config=entry.config),), max_voices=1)
        registry = VoiceRegistry(Catalogue(ENTRIES))
        self.synthesizer = Synthesizer(settings, registry, self.pool, self.engine, self.metrics)

    async def say(self, text: str, **how: Any) -> bytes:
        request = SpeechRequest(text=feed_of(text), **how)
        async with self.synthesizer.speak(request) as utterance:
            return b"".join([pcm async for pcm in utterance])


@pytest.fixture
def working() -> Callable[..., contextlib.AbstractAsyncContextManager[Parts]]:
    @contextlib.asynccontextmanager
    async def work(**limits: Any) -> AsyncIterator[Parts]:
        parts = Parts(Settings(voice=ENTRIES[0].name, limits=Limits(**limits)))
        running = asyncio.create_task(parts.engine.run())
        try:
            async with asyncio.timeout(10):
                yield parts
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    return work


Working = Callable[..., contextlib.AbstractAsyncContextManager[Parts]]


def feed_of(text: str) -> TextFeed:
    feed = TextFeed()
    feed.add(text)
    feed.end()
    return feed


# The text.


async def test_text_is_taken_as_it_arrives() -> None:
    """`take` returns all text that has arrived, and an empty string at the end, also repeatedly."""
    feed = TextFeed()
    feed.add("a")
    feed.add("")
    feed.add("b")
    assert await feed.take() == "ab"
    taking = asyncio.create_task(feed.take())
    await asyncio.sleep(0)  # lets it wait
    assert not taking.done()
    feed.add("c")
    assert await taking == "c"
    feed.end()
    assert [await feed.take(), await feed.take()] == ["", ""]


async def test_text_before_an_error_is_taken_first() -> None:
    """Text that arrived before an error is returned first; then the error is raised."""
    feed = TextFeed()
    feed.add("a")
    feed.end(BadRequest("no"))
    assert await feed.take() == "a"
    with pytest.raises(BadRequest):
        await feed.take()


def test_text_has_a_limit() -> None:
    """The limit counts characters over all pieces, and a piece that does not fit changes nothing."""
    feed = TextFeed(3)
    feed.add("ab")
    with pytest.raises(TextTooLong):
        feed.add("cd")
    feed.add("c")
    assert feed.length == 3


async def test_many_pieces_are_one_text() -> None:
    """A text of a thousand single characters, which are joined meanwhile, is returned whole."""
    feed = TextFeed()
    for letter in itertools.islice(itertools.cycle("abc"), 1000):
        feed.add(letter)
    assert await feed.take() == ("abc" * 334)[:1000]


@pytest.mark.parametrize("error", [None, BadRequest("no")])
async def test_completed_waits_for_the_end(error: BadRequest | None) -> None:
    """`completed` waits until the text ends, and raises the error that it ended with."""
    feed = TextFeed()
    waiting = asyncio.create_task(feed.completed())
    await asyncio.sleep(0)  # lets it wait
    assert not waiting.done()
    feed.end(error)
    if error is None:
        await waiting
        return
    with pytest.raises(BadRequest, match="no"):
        await waiting


# The request.


async def test_a_request_is_spoken(working: Working) -> None:
    """A request with two sentences gets the audio of both."""
    async with working() as parts:
        assert await parts.say("One two. Three four.") == pcm_of("One two.", "Three four.")


async def test_an_error_carries_the_number_of_its_request(working: Working) -> None:
    """An error has its request's number, also if the request never reached the engine. Numbers increase."""
    async with working() as parts:
        await parts.say("One.")
        with pytest.raises(UnknownVoice) as caught:
            await parts.say("Two.", selector=VoiceSelector(name="nobody"))
        assert caught.value.request_number == 2
        assert [pcm_of("Three.")] == [await parts.say("Three.", client=Client(protocol="wyoming"))]


async def test_one_deadline_covers_the_voice_and_the_first_step(working: Working) -> None:
    """--queue-timeout limits the wait for a voice's place in memory; such a request is counted as refused."""
    async with working(queue_timeout=0.001) as parts, parts.pool.acquire(ENTRIES[1]):
        with pytest.raises(QueueTimeout) as caught:
            await parts.say("One.")
        assert caught.value.request_number == 1
        assert parts.metrics.snapshot().refused == 1


async def test_a_text_error_ends_the_request(working: Working) -> None:
    """An error in the text ends the request with that error; at most the complete sentences are spoken."""
    async with working() as parts:
        feed = TextFeed()
        feed.add("One two. Three ")
        feed.end(TextTooLong("too long"))
        heard: list[bytes] = []

        async def hear() -> None:
            async with parts.synthesizer.speak(SpeechRequest(text=feed)) as utterance:
                heard.extend([pcm async for pcm in utterance])

        with pytest.raises(PiperSerialError, match="too long"):
            await hear()
        assert b"".join(heard) in {b"", pcm_of("One two.")}


async def test_without_streaming_nothing_is_spoken_before_the_end(working: Working) -> None:
    """With --no-streaming a stream takes no place in the queue before its text is complete."""
    async with working() as parts:
        settings = Settings(voice=ENTRIES[0].name, streaming=False)
        synthesizer = Synthesizer(settings, VoiceRegistry(Catalogue(ENTRIES)), parts.pool, parts.engine, parts.metrics)
        feed = TextFeed()
        feed.add("One two. Three four. ")

        async def heard() -> bytes:
            async with synthesizer.speak(SpeechRequest(text=feed, streamed=True)) as utterance:
                return b"".join([pcm async for pcm in utterance])

        speaking = asyncio.create_task(heard())
        for _ in range(20):
            await asyncio.sleep(0)  # lets it run as far as it can
        assert parts.metrics.snapshot().accepted == 0
        feed.end()
        assert await speaking == pcm_of("One two.", "Three four.")


async def test_texts_of_many_requests_are_cut_one_slice_a_turn(
    working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many texts arrive at once, one slice of at most 100 characters is cut in a turn of the event loop."""
    slices = [0]
    lengths = []
    feed = SentenceSplitter.feed

    def count(splitter: SentenceSplitter, text: str) -> list[str]:
        slices[-1] += 1
        lengths.append(len(text))
        return feed(splitter, text)

    monkeypatch.setattr(SentenceSplitter, "feed", count)
    async with working() as parts:
        speaking = asyncio.gather(*(parts.say("word " * 60) for _ in range(20)))
        while not speaking.done():
            await asyncio.sleep(0)  # lets the requests have a turn
            slices.append(0)
    assert sum(slices) == 20 * 3
    assert max(slices) == 1
    assert max(lengths) == 100
