"""A `TextFeed` contains the text of a request, which arrives in pieces."""

import asyncio
import itertools

import pytest

from wyoming_piper_serial.engine.text_feed import TextFeed
from wyoming_piper_serial.exceptions import (
    BadRequest,
    TextTooLong,
)


async def test_text_is_taken_as_it_arrives() -> None:
    """`take` waits for text and returns all text that has arrived. After the end of the text, each call returns an
    empty string."""
    feed = TextFeed()
    feed.add("a")
    feed.add("")
    feed.add("b")
    assert await feed.take() == "ab"
    taking = asyncio.create_task(feed.take())
    await asyncio.sleep(0)  # lets the task begin to wait
    assert not taking.done()
    feed.add("c")
    assert await taking == "c"
    feed.end()
    assert [await feed.take(), await feed.take()] == ["", ""]


async def test_text_before_an_error_is_taken_first() -> None:
    """`take` first returns the text that arrived before an error, and then raises the error."""
    feed = TextFeed()
    feed.add("a")
    feed.end(BadRequest("no"))
    assert await feed.take() == "a"
    with pytest.raises(BadRequest):
        await feed.take()


def test_text_has_a_limit() -> None:
    """The text limit applies to the characters of all pieces together. A piece that exceeds the limit is not added."""
    feed = TextFeed(3)
    feed.add("ab")
    with pytest.raises(TextTooLong):
        feed.add("cd")
    feed.add("c")
    assert feed.length == 3


async def test_many_pieces_are_one_text() -> None:
    """If a text is added as a thousand single characters, `take` returns the text as a whole."""
    feed = TextFeed()
    for letter in itertools.islice(itertools.cycle("abc"), 1000):
        feed.add(letter)
    assert await feed.take() == ("abc" * 334)[:1000]


@pytest.mark.parametrize("error", [None, BadRequest("no")])
async def test_completed_waits_for_the_end(error: BadRequest | None) -> None:
    """`completed` waits until the text ends. If it ends with an error, the error is raised."""
    feed = TextFeed()
    waiting = asyncio.create_task(feed.completed())
    await asyncio.sleep(0)  # lets the task begin to wait
    assert not waiting.done()
    feed.end(error)
    if error is None:
        await waiting
        return
    with pytest.raises(BadRequest, match="no"):
        await waiting
