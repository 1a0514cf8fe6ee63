"""Simultaneous clients that run in one event loop. They use little CPU time, because the servers under test run on the
same machine."""

import asyncio
import socket
import struct
import time
from collections.abc import Iterable, Sequence

from peers import Answer, Heard, request
from servers import Server

PATIENCE = 180  # Maximum time in seconds to wait for a complete response.
_ACCEPTED = 0.1  # Time in seconds within which an idle server accepts all connections.


class Peer(asyncio.Protocol):
    """A client that sends one request at a time on its own connection."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.started = asyncio.Event()
        """Set when the first audio has arrived, or when the answer has ended without audio."""
        self._answer = Answer("")
        self._begin = 0.0
        self._transport: asyncio.Transport | None = None
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("the connection is not a stream")
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._answer.feed(data, time.perf_counter() - self._begin)
        except RuntimeError as error:
            self._end(error)
        if self.heard.arrivals:
            self.started.set()
        if self._answer.ended:
            self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or ConnectionResetError("the server closed the connection"))
        self._closed.set()

    def _end(self, error: Exception | None) -> None:
        self.started.set()
        if self._ended.done():
            return
        if error is None:
            self._ended.set_result(None)
        else:
            self._ended.set_exception(error)

    @property
    def _stream(self) -> asyncio.Transport:
        if self._transport is None:
            raise RuntimeError("not connected")
        return self._transport

    def ask(self, kind: str, *, last: str, **data: object) -> None:
        """Send an event of type `kind`. The response to it ends with an event of type `last`."""
        self._answer = Answer(last)
        self.heard = self._answer.heard
        self._stream.write(request(kind, **data))
        self._begin = time.perf_counter()

    def ask_to_speak(self, text: str, *, voice: str | None = None) -> None:
        selector = {} if voice is None else {"voice": {"name": voice}}
        self.ask("synthesize", last="audio-stop", text=text, **selector)

    async def stream(self, text: str, pause: float) -> None:
        """Send the text word by word, as a language model produces it, with `pause` seconds between two words."""
        self.ask("synthesize-start", last="synthesize-stopped")
        for word in text.split(" "):
            self._stream.write(request("synthesize-chunk", text=f"{word} "))
            await asyncio.sleep(pause)
        self._stream.write(request("synthesize-stop"))

    async def answered(self) -> Heard:
        """Wait until the response is complete, close the connection, and return the audio.

        Raises RuntimeError if the server sends an error event, OSError if the connection fails, or TimeoutError if the
        response takes longer than PATIENCE.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ended
        finally:
            self._stream.close()
        return self.heard

    async def reset(self) -> None:
        """Reset the connection (RST), as the operating system does when a client is killed."""
        self._ended.cancel()
        link: socket.socket = self._stream.get_extra_info("socket")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._stream.abort()
        await self._closed.wait()


async def connect(server: Server) -> Peer:
    _transport, peer = await asyncio.get_running_loop().create_connection(Peer, server.host, server.port)
    return peer


async def speak(server: Server, text: str) -> Heard:
    """Send one `synthesize` event on a new connection, and read the complete response."""
    peer = await connect(server)
    peer.ask_to_speak(text)
    return await peer.answered()


async def ask_together(server: Server, texts: Sequence[str]) -> list[Peer]:
    """Connect a client for each text. Then send all requests at once, in the order of `texts`."""
    peers = [await connect(server) for _ in texts]
    await asyncio.sleep(_ACCEPTED)
    for peer, text in zip(peers, texts, strict=True):
        peer.ask_to_speak(text)
    return peers


async def burst(server: Server, texts: Sequence[str]) -> list[Heard]:
    """Send a request for each text, all at once, and read all responses."""
    return await hear_all(await ask_together(server, texts))


async def burst_of_streams(server: Server, texts: Sequence[str], pause: float) -> list[Heard]:
    """Send all texts at the same time, word by word, and read all responses."""
    peers = [await connect(server) for _ in texts]
    await asyncio.sleep(_ACCEPTED)
    async with asyncio.TaskGroup() as tasks:
        for peer, text in zip(peers, texts, strict=True):
            tasks.create_task(peer.stream(text, pause))
    return await hear_all(peers)


async def hear_all(peers: Iterable[Peer]) -> list[Heard]:
    return await asyncio.gather(*(peer.answered() for peer in peers))


async def describe(server: Server) -> float:
    """Send `describe` on a new connection. Return the time in seconds from connecting to the last byte of the reply."""
    begin = time.perf_counter()
    peer = await connect(server)
    peer.ask("describe", last="info")
    await peer.answered()
    return time.perf_counter() - begin


async def describe_until(done: "asyncio.Future[list[Heard]]", server: Server, *, pause: float) -> list[float]:
    """Send `describe` repeatedly until `done` is complete, with a pause of `pause` seconds after each reply. Return the
    duration of each `describe` in seconds."""
    waits = []
    while not done.done():
        waits.append(await describe(server))
        await asyncio.sleep(pause)
    return waits
