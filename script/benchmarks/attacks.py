"""What an attack of `stalls` is, and its sockets. All attacks use blocking sockets, in a process of their own."""

import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_PATIENCE = 5.0  # seconds; a server that does not answer within this time has to be asked anew


@dataclass(frozen=True)
class Target:
    """The ports of the server, on the loopback address."""

    wyoming: int
    http: int


Attack = Callable[[Target], None]
"""One round of an attack. It is repeated until its time is over, and may raise OSError."""


@contextlib.contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    """A connection to the server."""
    with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as connection:
        yield connection


@contextlib.contextmanager
def many(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Connections to the server."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(connected(port)) for _ in range(count)]


def ask(port: int, data: bytes) -> bytes:
    """Send `data` on a new connection, and read until the server closes it or is silent for too long."""
    with connected(port) as connection:
        return ask_on(connection, data)


def ask_on(connection: socket.socket, data: bytes) -> bytes:
    """Send `data`, and read until the server closes the connection."""
    answer = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        connection.sendall(data)
        while piece := connection.recv(1 << 16):
            answer += piece
    return answer


def ask_together(port: int, requests: Sequence[bytes]) -> None:
    """Send each request on a connection of its own, at the same time. Read a part of each answer."""
    with many(port, len(requests)) as connections, contextlib.suppress(ConnectionError, TimeoutError):
        for connection, request in zip(connections, requests, strict=True):
            connection.sendall(request)
        for connection in connections:
            connection.recv(1 << 16)
