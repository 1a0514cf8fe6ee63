"""The reply to the `health` event."""

import asyncio
import json
from typing import Any

from tests.fakes import FakeClock
from wyoming_piper_serial.observe.tasks import TaskCount
from wyoming_piper_serial.wyoming.health import HealthReply


def data_of(reply: HealthReply) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(reply.event.partition(b"\n")[2])
    return data


async def test_reply_says_whether_the_voice_works() -> None:
    """Each reply contains the current state of the voice, even if the number of tasks has not changed."""
    reasons = [None, "a step hangs", None]
    reply = HealthReply(iter(reasons).__next__, tasks=TaskCount(FakeClock()))
    answers = [data_of(reply) for _ in reasons]
    assert [(answer["healthy"], answer["text"]) for answer in answers] == [
        (True, None),
        (False, "a step hangs"),
        (True, None),
    ]


async def test_tasks_are_counted_once_a_second() -> None:
    """The tasks are counted at most once per second, so that a flood of `health` events takes little time."""
    clock = FakeClock()
    reply = HealthReply(lambda: None, tasks=TaskCount(clock))
    before = data_of(reply)["tasks"]
    more = [asyncio.create_task(asyncio.sleep(0)) for _ in range(5)]
    clock.advance(0.9)
    assert data_of(reply)["tasks"] == before
    clock.advance(0.2)
    assert data_of(reply)["tasks"] == before + 5
    await asyncio.gather(*more)
