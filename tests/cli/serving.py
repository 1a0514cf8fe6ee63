"""A fake Wyoming server for the tests of the clients `say` and `health`. Each test defines the server's answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

from wyoming.event import Event, async_read_event, async_write_event

HANG_UP = None
"""An item of an answer. The server closes the connection when it reaches this item."""

Answer = Sequence[Event | bytes | None]
"""The answer to one event: a sequence in which each item is an event, bytes that are sent unchanged, or HANG_UP."""


class FakeServer:
    """Answers each received event with `answers[event.type]`. Ignores events of other types."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.uri = ""
        self.received: list[Event] = []
        self.answers = dict(answers)
        self._unread: asyncio.Queue[Event] = asyncio.Queue()
        self._connections: set[asyncio.Task[object]] = set()

    async def next(self, event_type: str) -> Event:
        """Wait for the next event of this type, and return it. Earlier events of other types are dropped."""
        async with asyncio.timeout(10):
            while (event := await self._unread.get()).type != event_type:
                pass
            return event

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the events of one connection until the client closes it."""
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        with contextlib.suppress(ConnectionError):
            await self._answer_all(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def ended(self) -> None:
        """Wait until all connections are closed."""
        async with asyncio.timeout(10):
            await asyncio.gather(*self._connections)

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (event := await async_read_event(reader)) is not None:
            self.received.append(event)
            self._unread.put_nowait(event)
            for answer in self.answers.get(event.type, ()):
                if answer is HANG_UP:
                    return
                if isinstance(answer, bytes):
                    writer.write(answer)
                else:
                    await async_write_event(answer, writer)
            await writer.drain()


@contextlib.asynccontextmanager
async def serving(answers: Mapping[str, Answer]) -> AsyncIterator[FakeServer]:
    """Run a fake server on a free loopback port."""
    fake = FakeServer(answers)
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    async with server:
        fake.uri = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield fake
    await fake.ended()
