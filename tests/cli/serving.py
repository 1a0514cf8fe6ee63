"""A fake Wyoming server for the tests of clients. It sends the answers that a test has prepared."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

from wyoming.event import Event, async_read_event, async_write_event

HANG_UP = None
"""As an item of an answer: close the connection."""

Answer = Sequence[Event | bytes | None]
"""Events, and bytes that are sent unchanged."""


class FakeServer:
    """Sends the prepared answer for the type of each received event."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.uri = ""
        self.received: list[Event] = []
        self._answers = answers
        self._unread: asyncio.Queue[Event] = asyncio.Queue()
        self._connections: set[asyncio.Task[object]] = set()

    async def next(self, event_type: str) -> Event:
        """The next unread event of this type. Waits for it; earlier events of other types are dropped."""
        async with asyncio.timeout(10):
            while (event := await self._unread.get()).type != event_type:
                pass
            return event

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the events of a connection until it ends."""
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        with contextlib.suppress(ConnectionError):
            await self._answer_all(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def ended(self) -> None:
        """Wait until the clients have closed their connections."""
        async with asyncio.timeout(10):
            await asyncio.gather(*self._connections)

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (event := await async_read_event(reader)) is not None:
            self.received.append(event)
            self._unread.put_nowait(event)
            for answer in self._answers.get(event.type, ()):
                if answer is HANG_UP:
                    return
                if isinstance(answer, bytes):
                    writer.write(answer)
                else:
                    await async_write_event(answer, writer)
            await writer.drain()


@contextlib.asynccontextmanager
async def serving(answers: Mapping[str, Answer]) -> AsyncIterator[FakeServer]:
    """Run a fake server on a free port of the loopback interface."""
    fake = FakeServer(answers)
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    async with server:
        fake.uri = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield fake
    await fake.ended()
