"""The sentences of an utterance wait in a queue until they are encoded."""

import asyncio

import pytest

from tests.fakes import ids_of, voice_config
from wyoming_piper_serial.engine.pace import SpeakingPace, characters_of
from wyoming_piper_serial.engine.sentence_queue import SentenceQueue
from wyoming_piper_serial.engine.speech_job import BegunSentence
from wyoming_piper_serial.engine.timings import SpokenText, TimedPassage, TimedText
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.settings import SynthesisSettings


def queue(length_scale: float | None = None, pace: SpeakingPace | None = None) -> SentenceQueue:
    options = SynthesisOptions(synthesis=SynthesisSettings(length_scale=length_scale))
    return SentenceQueue(voice_config(), options, pace or SpeakingPace())


async def test_sentences_leave_in_their_order() -> None:
    """Sentences leave the queue in the order in which they arrived."""
    waiting = queue()
    waiting.append(ids_of("one"))
    waiting.append(ids_of("three."))
    assert (len(waiting), waiting.sizes) == (2, (1, 3))
    assert waiting.pop() == ids_of("one")
    assert waiting.pop() == ids_of("three.")
    assert not len(waiting)


async def test_fifth_sentence_waits_for_room() -> None:
    """The queue has room for four sentences. A fifth sentence waits until a sentence is removed or the queue is
    cleared."""
    waiting = queue()
    for _ in range(4):
        await waiting.room()
        waiting.append(ids_of("one"))
    for make_room in (waiting.pop, waiting.clear):
        fifth = asyncio.create_task(waiting.room())
        await asyncio.sleep(0)  # lets the task run until it waits
        assert not fifth.done()
        make_room()
        await fifth
        waiting.append(ids_of("one"))


def test_a_character_is_two_ids() -> None:
    """A character is estimated as two ids: a phoneme and a pad. A sentence is estimated to have at least one
    character."""
    assert [characters_of(count) for count in (0, 1, 2, 9, 10)] == [1, 1, 1, 4, 5]


async def test_slow_speech_is_longer() -> None:
    """The estimated duration of a character is multiplied by the length scale. The pace of the voice does not include
    the length scale."""
    pace = SpeakingPace()
    fast, slow = queue(1.0, pace), queue(2.0, pace)
    assert slow.seconds_per_character == 2 * fast.seconds_per_character
    for each in (slow, queue(0.0, pace)):
        each.append([1] * 200)
        each.pop()
        each.encoded(100, 0.1, None)
    assert fast.seconds_per_character == pytest.approx(0.05)


async def test_only_slow_speech_is_divided() -> None:
    """A long sentence is split only if a length scale above 1 makes it longer."""
    sentence = [1, 0, *[4, 0] * 700, 2]
    assert len(list(queue(1.0).parts(sentence))) == 1
    assert len(list(queue(4.0).parts(sentence))) > 2


def test_times_of_a_divided_sentence_are_those_of_its_beginning() -> None:
    """If a sentence is split, only its first part has a text, which is one passage."""
    sentence = [1, 0, *[4, 0] * 700, 2]
    text = SpokenText(1, "One two.", ((0, "One"), (8, "two.")))
    [whole] = queue(1.0).parts(sentence, text)
    assert whole == (sentence, text)
    first, *others = [its_text for _, its_text in queue(4.0).parts(sentence, text)]
    assert first == SpokenText(1, "One two.", ((0, "One two."),))
    assert set(others) == {None}


def test_times_are_known_once_a_sentence_is_encoded() -> None:
    """`take_timed` returns the times of a text once, after the text has been encoded. Later steps do not add times."""
    sentences = queue(1.0)
    sentences.append([1, 4, 2], SpokenText(1, "One.", ((1, "One."),)))
    sentences.append([1, 4, 2])
    sentences.pop()
    assert sentences.take_timed() == []
    sentences.encoded(9, 0.5, BegunSentence(2.0, [3, 4, 2]))
    sentences.encoded(5, 0.5, BegunSentence(2.0, [3, 4, 2]))
    assert sentences.take_timed() == [TimedText(number=1, sentence="One.", passages=(TimedPassage("One.", 3.5),))]
    sentences.pop()
    sentences.encoded(9, 0.5, BegunSentence(9.0, [3, 4, 2]))
    assert sentences.take_timed() == []
