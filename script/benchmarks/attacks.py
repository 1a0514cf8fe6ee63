"""Sockets and types for the attacks that `stalls` runs. An attack uses blocking sockets and runs in its own process."""

import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_PATIENCE = 5.0  # timeout of the attacks' sockets, in seconds


@dataclass(frozen=True)
class Target:
    """Ports of the attacked server, which listens on the loopback address."""

    wyoming: int
    http: int


Attack = Callable[[Target], None]
"""A function that runs one round of an attack. `stalls` calls it repeatedly and ignores OSError."""


@contextlib.contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    """Yield a connection to the server, which is closed at the end of the context."""
    with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as connection:
        yield connection


@contextlib.contextmanager
def many(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Yield `count` connections to the server, which are closed at the end of the context."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(connected(port)) for _ in range(count)]


def ask(port: int, data: bytes) -> bytes:
    """Send `data` on a new connection. Return what the server sends until it closes the connection or a read times
    out."""
    with connected(port) as connection:
        return ask_on(connection, data)


def ask_on(connection: socket.socket, data: bytes) -> bytes:
    """Send `data` on `connection`. Return what the server sends until it closes the connection or a read times out."""
    answer = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        connection.sendall(data)
        while piece := connection.recv(1 << 16):
            answer += piece
    return answer


def ask_together(port: int, requests: Sequence[bytes]) -> None:
    """Send each request on its own connection, all at the same time, and read the beginning of each answer."""
    with many(port, len(requests)) as connections, contextlib.suppress(ConnectionError, TimeoutError):
        for connection, request in zip(connections, requests, strict=True):
            connection.sendall(request)
        for connection in connections:
            connection.recv(1 << 16)
