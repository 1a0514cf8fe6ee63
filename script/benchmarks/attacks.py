"""Sockets and types for the attacks run by `stalls` and `soak`. Attacks use blocking sockets. `stalls` runs them in a
separate process, and `soak` in threads."""

import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_PATIENCE = 5.0  # socket timeout in seconds


@dataclass(frozen=True)
class Target:
    """The ports of the attacked server, which listens on the loopback interface."""

    wyoming: int
    http: int


Attack = Callable[[Target], None]
"""A function that runs one round of an attack. The callers ignore OSError. `stalls` calls it repeatedly."""


@contextlib.contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    """Open a connection to the server, and close it when the context is exited."""
    with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as connection:
        yield connection


@contextlib.contextmanager
def many(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Open `count` connections to the server, and close them when the context is exited."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(connected(port)) for _ in range(count)]


def ask(port: int, data: bytes) -> bytes:
    """Send `data` on a new connection. Return all data received until the server closes the connection or a read times
    out."""
    with connected(port) as connection:
        return ask_on(connection, data)


def ask_on(connection: socket.socket, data: bytes) -> bytes:
    """Send `data` on `connection`. Return all data received until the server closes the connection or a read times
    out."""
    answer = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        connection.sendall(data)
        while piece := connection.recv(1 << 16):
            answer += piece
    return answer


def ask_together(port: int, requests: Sequence[bytes]) -> None:
    """Send all requests one immediately after another, each on its own connection. Then read the beginning of each
    response. Stop if a connection is closed by the server or a read times out."""
    with many(port, len(requests)) as connections, contextlib.suppress(ConnectionError, TimeoutError):
        for connection, request in zip(connections, requests, strict=True):
            connection.sendall(request)
        for connection in connections:
            connection.recv(1 << 16)
