"""The synthesizer splits the text of a request and passes it to the engine. No network is used."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import SAMPLE_RATE, UNHELD, FakeVoice, finished, ids_of, pcm_of, voice_entry
from wyoming_piper_serial.audio.pcm import silence
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.exceptions import (
    BuffersFull,
    PiperSerialError,
    QueueFull,
    QueueTimeout,
    ShuttingDown,
    SynthesisFailed,
    TextTooLong,
    UnknownVoice,
    VoiceFileError,
)
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.phonemes.types import PhonemeIds, Prepare, as_written
from wyoming_piper_serial.settings import Limits, Settings, SynthesisSettings
from wyoming_piper_serial.shutdown import Stage, cancel
from wyoming_piper_serial.synthesis import SpeechRequest, Synthesizer, TextFeed
from wyoming_piper_serial.text.sentences import SentenceSplitter
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.lexicons import NAME as LEXICON
from wyoming_piper_serial.voices.lexicons import Lexicons
from wyoming_piper_serial.voices.pool import VoicePool
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.selection import VoiceSelector

ENTRIES = [voice_entry(), voice_entry("en_US-other-low")]


class HalfDeafVoice(FakeVoice):
    """A voice whose phonemizer fails on texts that contain "bad", and finds no phonemes in "mute"."""

    def phonemize(self, text: str, prepare: Prepare = as_written) -> "Future[list[PhonemeIds]]":
        if "bad" in text:
            failed: Future[list[PhonemeIds]] = Future()
            failed.set_exception(SynthesisFailed("This text could not be converted to phonemes."))
            return failed
        return finished([]) if "mute" in text else super().phonemize(text, prepare)


class SlowVoice(FakeVoice):
    """A voice whose phonemizer returns only when the test calls `answer`."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.asked: dict[str, Future[list[PhonemeIds]]] = {}

    def phonemize(self, text: str, prepare: Prepare = as_written) -> "Future[list[PhonemeIds]]":
        self.asked[text] = Future()
        return self.asked[text]

    def answer(self, text: str) -> None:
        self.asked.pop(text).set_result([ids_of(text)])


class Parts:
    """A synthesizer with a running engine."""

    def __init__(self, settings: Settings, voice: FakeVoice | None = None, folder: Path = Path("none")) -> None:
        """`voice` is used for all names. If it is `None`, a separate voice is created for each name. `folder` may
        contain a lexicon."""
        self.metrics = Metrics()
        self.over = Stage()
        self.engine = Engine(settings.limits, self.metrics, sharing=UNHELD, shutdown=self.over)
        self.pool = VoicePool(
            lambda entry: (voice or HalfDeafVoice(config=entry.config),), max_voices=1, shutdown=self.over
        )
        self.lexicons = Lexicons(folders=[folder])
        registry = VoiceRegistry(Catalogue(ENTRIES), lexicons=self.lexicons)
        self.synthesizer = Synthesizer(settings, registry, self.pool, self.engine, self.metrics, shutdown=self.over)

    async def say(self, text: str, **how: Any) -> bytes:
        request = SpeechRequest(text=feed_of(text), **how)
        async with self.synthesizer.speak(request) as utterance:
            return b"".join([pcm async for pcm in utterance])


@pytest.fixture
def working(tmp_path: Path) -> Callable[..., contextlib.AbstractAsyncContextManager[Parts]]:
    @contextlib.asynccontextmanager
    async def work(**limits: Any) -> AsyncIterator[Parts]:
        parts = Parts(Settings(voice=ENTRIES[0].name, limits=Limits(**limits)), folder=tmp_path)
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


async def test_a_request_is_spoken(working: Working) -> None:
    """A request with two sentences gets the audio of both sentences."""
    async with working() as parts:
        assert await parts.say("One two. Three four.") == pcm_of("One two.", "Three four.")


async def test_a_request_is_prepared_in_the_language_of_its_voice(working: Working) -> None:
    """Numbers and units are spoken as words. The first request for a language does not block the event loop."""
    async with working() as parts:
        assert await parts.say("It is -5 km.") == pcm_of("It is minus 5 kilometers.")
        assert await parts.say("It is -5 km.", text_rules="off") == pcm_of("It is -5 km.")


async def test_words_of_the_lexicon_are_spoken(working: Working, tmp_path: Path) -> None:
    """The lexicon entries for the voice's language are applied to the spoken text."""
    (tmp_path / LEXICON).write_text("km = miles\n[en]\nkilometers = verst\n[de]\nGeis = no")
    async with working() as parts:
        parts.lexicons.look()
        assert await parts.say("Geis has 5 km.") == pcm_of("Geis has 5 verst.")


async def test_an_error_carries_the_number_of_its_request(working: Working) -> None:
    """An error contains the number of its request, even if the request never reached the engine."""
    async with working() as parts:
        await parts.say("One.")
        with pytest.raises(UnknownVoice) as caught:
            await parts.say("Two.", selector=VoiceSelector(name="nobody"))
        assert caught.value.request_number == 2
        assert [pcm_of("Three.")] == [await parts.say("Three.", client=Client(protocol="wyoming"))]


async def test_one_deadline_covers_the_voice_and_the_first_step(working: Working) -> None:
    """`--queue-timeout` also limits the wait until a voice can be loaded. A request that exceeds the timeout counts as
    refused."""
    async with working(queue_timeout=0.001) as parts, parts.pool.acquire(ENTRIES[1]):
        with pytest.raises(QueueTimeout) as caught:
            await parts.say("One.")
        assert caught.value.request_number == 1
        assert parts.metrics.snapshot().refused == 1


async def test_a_text_error_ends_the_request(working: Working) -> None:
    """If the text ends with an error, the request fails with this error. Only complete sentences that precede the error
    may be spoken."""
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


async def test_sentences_of_one_client_wait_for_their_phonemes_in_a_queue_of_their_own() -> None:
    """The phonemizer gets one sentence of each client at a time, regardless of how many requests the client has. A
    request that is cancelled while it waits leaves the queue."""
    voice = SlowVoice()
    parts = Parts(Settings(voice=ENTRIES[0].name), voice)
    running = asyncio.create_task(parts.engine.run())
    one, other = (Client(protocol="wyoming", address=ip_address(f"192.0.2.{number}")) for number in (1, 2))
    try:
        async with asyncio.timeout(10):
            asked = {f"Text {n}.": asyncio.create_task(parts.say(f"Text {n}.", client=one)) for n in range(4)}
            asked["Other."] = asyncio.create_task(parts.say("Other.", client=other))
            while len(voice.asked) < 2:
                await asyncio.sleep(0)
            for _ in range(50):
                await asyncio.sleep(0)  # lets the other requests use the phonemizer, if they are allowed to
            assert "Other." in voice.asked
            assert len(voice.asked) == 2
            waiting = next(text for text in asked if text not in voice.asked)
            await cancel(asked.pop(waiting))
            spoken: list[str] = []
            while len(spoken) < len(asked):
                while not voice.asked:
                    await asyncio.sleep(0)
                assert len(voice.asked) <= 2
                spoken.append(next(iter(voice.asked)))
                voice.answer(spoken[-1])
            assert await asyncio.gather(*asked.values()) == list(map(pcm_of, asked))
            assert waiting not in spoken
    finally:
        await cancel(running)


async def test_without_streaming_nothing_is_spoken_before_the_end(working: Working) -> None:
    """With `--no-streaming`, a text stream does not count as queued until its text is complete."""
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
            await asyncio.sleep(0)  # lets the task run as far as it can
        assert parts.metrics.snapshot().accepted == 0
        feed.end()
        assert await speaking == pcm_of("One two.", "Three four.")


async def test_sentence_that_cannot_be_read_is_left_out(working: Working, caplog: pytest.LogCaptureFixture) -> None:
    """A sentence that the phonemizer cannot read is omitted and logged, and the other sentences are spoken."""
    caplog.set_level(logging.INFO)
    async with working() as parts:
        assert await parts.say("This is one. This is bad. This is three.") == pcm_of("This is one.", "This is three.")
    (message,) = [message for message in caplog.messages if "was skipped" in message]
    assert "a sentence of 12 characters was skipped" in message
    assert "bad" not in message


async def test_text_that_cannot_be_read_is_an_error(working: Working) -> None:
    """A request fails if some of its sentences cannot be converted to phonemes and its other sentences have no
    phonemes."""
    async with working() as parts:
        with pytest.raises(SynthesisFailed):
            await parts.say("This is bad. So bad.")
        assert await parts.say("This is mute.") == silence(0.1, SAMPLE_RATE)
        with pytest.raises(SynthesisFailed):
            await parts.say("This is mute. This is bad.")


@pytest.mark.parametrize("arrived", ["", "One two. Three", "One two. Three four. "])
async def test_the_end_of_the_drain_ends_a_request_that_waits_for_text(working: Working, arrived: str) -> None:
    """At the end of the drain, an incomplete text stream ends with ShuttingDown, regardless of what it waits for."""
    async with working() as parts:
        feed = TextFeed()
        feed.add(arrived)

        async def heard() -> None:
            async with parts.synthesizer.speak(SpeechRequest(text=feed, streamed=True)) as utterance:
                async for _ in utterance:
                    pass

        speaking = asyncio.create_task(heard())
        for _ in range(20):
            await asyncio.sleep(0)  # lets the task run as far as it can
        parts.over.begin()
        with pytest.raises(ShuttingDown):
            await speaking
        with pytest.raises(ShuttingDown):
            await parts.say("Late.")
        assert parts.metrics.snapshot().failed <= 1


async def test_a_language_avoids_a_voice_that_could_not_be_loaded(working: Working) -> None:
    """A request that names only a language gets another voice of this language if the best one is known to be unusable.
    A request that names the unusable voice does not get another one."""
    first, second = ENTRIES
    language, name = VoiceSelector(language="en"), VoiceSelector(name=first.name)

    async def voice_of(selector: VoiceSelector) -> str:
        request = SpeechRequest(text=feed_of("One."), selector=selector)
        assert parts.synthesizer.rate_of(request) == SAMPLE_RATE
        async with parts.synthesizer.speak(request) as utterance:
            return utterance.voice

    async with working() as parts:
        parts.pool.failures.add(first.key, VoiceFileError(first.name, "damaged"))
        assert await voice_of(language) == second.name
        assert await voice_of(name) == first.name  # the files have been repaired, so loading succeeds
        assert await voice_of(language) == first.name


async def test_a_full_queue_refuses_only_after_a_moment(working: Working) -> None:
    """If the queue is full, a request waits briefly, and is refused if no place becomes free in this time.

    A place becomes free when the server notices that a client has disconnected.
    """
    async with working(max_queue=1) as parts:
        gone = parts.engine.submit([FakeVoice()], SynthesisOptions(synthesis=SynthesisSettings()))
        with pytest.raises(QueueFull):
            await parts.say("One.")
        late = asyncio.create_task(parts.say("Two."))
        for _ in range(20):
            await asyncio.sleep(0)  # lets the task begin to wait
        assert not late.done()
        await gone.aclose()
        assert await late == pcm_of("Two.")
        assert parts.metrics.snapshot().refused == 1


async def test_a_stream_that_waits_for_text_gives_its_voice_back(working: Working) -> None:
    """When all text received so far has been spoken, an open text stream does not keep its voice in memory.

    The voice can be unloaded, and is loaded again for the next sentence.
    """
    async with working() as parts:  # the pool has room for one voice
        feed = TextFeed()
        feed.add("One two. Three four. Five")
        async with parts.synthesizer.speak(SpeechRequest(text=feed, streamed=True)) as stream:
            assert await anext(stream) == pcm_of("One two.")
            assert await anext(stream) == pcm_of("Three four.")
            assert await parts.say("Other.", selector=VoiceSelector(name=ENTRIES[1].name)) == pcm_of("Other.")
            assert parts.pool.loaded == (ENTRIES[1].voice,)
            feed.add(" six. Seven")
            assert await anext(stream) == pcm_of("Five six.")
            assert parts.pool.loaded == (ENTRIES[0].voice,)
            feed.end()
            assert b"".join([pcm async for pcm in stream]) == pcm_of("Seven.")
        assert ": 1" not in repr(parts.pool)


async def test_a_stream_whose_voice_cannot_be_loaded_again_gets_an_error(working: Working) -> None:
    """If the voice of a text stream cannot be loaded again in time, the stream ends with QueueTimeout."""
    async with working(queue_timeout=0.05) as parts:
        feed = TextFeed()
        feed.add("One two. Three")
        async with parts.synthesizer.speak(SpeechRequest(text=feed, streamed=True)) as stream:
            assert await anext(stream) == pcm_of("One two.")
            async with parts.pool.acquire(ENTRIES[1]):
                feed.add(" four. Five")
                with pytest.raises(QueueTimeout):
                    await anext(stream)


async def test_waiting_text_is_bounded_for_all_and_released(working: Working) -> None:
    """The text of all requests together is limited. A request's text counts until the request has ended."""
    async with working(max_buffered=1) as parts:  # the limit for texts is 3/8 MiB, and one client can use 2/3 of it
        text = parts.engine.buffers.text
        first, second = parts.synthesizer.new_text(None), parts.synthesizer.new_text(None)
        first.add("a" * 50_000)
        second.add("ä" * 50_000)
        assert text.used == 250_000
        third = parts.synthesizer.new_text(None)
        with pytest.raises(BuffersFull):
            third.add("ä" * 50_000)
        assert text.used == 250_000
        for feed in (first, second, third):
            feed.close()
            feed.close()
        assert text.used == 0
        spoken = parts.synthesizer.new_text(None)
        spoken.add("One two.")
        spoken.end()
        async with parts.synthesizer.speak(SpeechRequest(text=spoken)) as utterance:
            assert text.used == 8
            assert b"".join([pcm async for pcm in utterance]) == pcm_of("One two.")
        assert (text.used, parts.engine.buffers.speech.used) == (0, 0)


async def test_texts_of_many_requests_are_cut_one_slice_a_turn(
    working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If many texts arrive at the same time, at most 100 characters in total are split in each iteration of the event
    loop."""
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
            await asyncio.sleep(0)  # lets the requests continue
            slices.append(0)
    assert sum(slices) == 20 * 3
    assert max(slices) == 1
    assert max(lengths) == 100
