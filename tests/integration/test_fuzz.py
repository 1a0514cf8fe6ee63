"""Sends randomly changed conversations to a running server."""

import asyncio
import contextlib
import io
import random

from wyoming.event import Event, read_event

from tests.integration.abuse import back_at, level
from tests.integration.conftest import SMALL_VOICE, ServerProcess
from tests.integration.mutations import conversations, mutated
from tests.integration.peers import PATIENCE, describe, one_shot

_SEED = 20261124
_BATCHES = 8
_AT_ONCE = 50
_TEXT = "Still here."


async def converse(port: int, sent: bytes, chance: random.Random) -> bytes | None:
    """Send `sent` in pieces, close the sending side, and return the response.

    At random, disconnects without reading. Returns `None` in this case, or if the server resets the connection.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for start in range(0, len(sent), size := chance.choice([1 + len(sent) // 5, 1 << 20])):
            writer.write(sent[start : start + size])
            await asyncio.sleep(0)  # gives other clients time to send between the pieces
        ending = chance.random()
        if ending < 0.15:
            writer.transport.abort()
            return None
        if ending < 0.3:
            return None
        async with asyncio.timeout(PATIENCE):
            writer.write_eof()
            return await reader.read()
    except ConnectionError:
        return None
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def events_of(answer: bytes) -> list[Event]:
    """Return the events in a response. Raises an error if the response does not consist of complete events."""
    stream = io.BytesIO(answer)
    events = []
    while (event := read_event(stream)) is not None:
        events.append(event)
    return events


def check(answer: bytes, sent: bytes) -> None:
    """Assert that a response consists of complete events and contains at most one error.

    The error must be the last event, and must not contain internal details such as paths.
    """
    if answer.startswith(b"HTTP/1.1 400 "):
        return
    events = events_of(answer)
    errors = [event for event in events if event.type == "error"]
    assert errors == events[len(events) - len(errors) :], sent
    assert len(errors) <= 1, sent
    for error in errors:
        assert error.data["code"] in {
            "bad-event",
            "bad-request",
            "unknown-voice",
            "unknown-speaker",
            "too-many-requests",
        }
        text = error.data["text"]
        assert len(text) < 300
        assert not any(secret in text for secret in ("Traceback", ".py", "/home", "/tmp", "object at 0x")), text  # noqa: S108
    kinds = [event.type for event in events]
    assert kinds.count("audio-start") - kinds.count("audio-stop") in ((0, 1) if errors else (0,)), sent


async def test_new_client_is_served_after_any_input_of_others(small_server: ServerProcess) -> None:
    """After each batch of changed conversations, a new client is served normally. At the end, all resources have been
    released."""
    chance = random.Random(_SEED)
    known = conversations(SMALL_VOICE)
    alone = await one_shot(small_server.uri, _TEXT)
    before = level(small_server.process.pid)
    answered = 0
    for _ in range(_BATCHES):
        batch = [mutated(chance, chance.choice(known)) for _ in range(_AT_ONCE)]
        talks = [converse(small_server.port, sent, random.Random(chance.random())) for sent in batch]
        for sent, answer in zip(batch, await asyncio.gather(*talks), strict=True):
            if answer is not None:
                check(answer, sent)
                answered += 1
        assert (await one_shot(small_server.uri, _TEXT)).pcm == alone.pcm
        assert (await describe(small_server.uri)).tts
    assert answered > _BATCHES * _AT_ONCE / 2
    after = await back_at(before, small_server.process.pid)
    assert after.memory - before.memory < 32 * 1024 * 1024
    assert "could not be handled" not in small_server.log
    assert "a request failed" not in small_server.log


def test_conversations_are_valid_before_they_are_changed() -> None:
    """The unchanged conversations are valid. Otherwise, the changed conversations would test only the handling of
    invalid framing."""
    for conversation in conversations(SMALL_VOICE):
        assert events_of(b"".join(conversation))
