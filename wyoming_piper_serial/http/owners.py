"""Typing protocols for the objects that own a connection or its transport."""

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from wyoming_piper_serial.http.pacer import Pacer
from wyoming_piper_serial.network.connection_limiter import Admission
from wyoming_piper_serial.observe.reporter import Client, Reporter
from wyoming_piper_serial.settings import Timeouts
from wyoming_piper_serial.shutdown import Shutdown

C_contra = TypeVar("C_contra", contravariant=True)
"""The connection class."""


class InputHolding(Protocol):
    """Counts the buffered input of one connection. All clients share a limit for this memory."""

    def hold(self, size: int) -> None:
        """Sets the number of buffered bytes."""

    def claim(self, size: int) -> None:
        """Sets the number of buffered bytes. If the client may not use this much memory, raises BuffersFull and changes
        nothing."""


class TransportOwner(Protocol):
    """Handles uvicorn's calls to the transport, except those that write."""

    def close_requested(self) -> None:
        """Called when uvicorn asks to close the connection. Must call the transport's `finish`, `linger` or `abort`."""

    def may_pause_reading(self) -> bool:
        """Returns whether reading may be paused. A disconnect is not detected while reading is paused."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Called when uvicorn switches the connection to another protocol, such as WebSocket (HTTP/1.1 Upgrade)."""


class ConnectionOwner(Protocol[C_contra]):
    """The part of `HttpConnections` that a connection uses."""

    timeouts: Timeouts
    reporter: Reporter
    shutdown: Shutdown
    pacer: Pacer
    clock: Callable[[], float]

    @property
    def keep_alive(self) -> float:
        """Maximum number of seconds that a connection stays open without a request."""

    def new_input(self, client: Client) -> InputHolding:
        """Returns an object that counts the buffered input of a new connection. The connection must set the count to 0
        when the connection ends."""

    def new_protocol(self, connection: C_contra) -> H11Protocol:
        """Creates uvicorn's protocol for a connection, with the connection's `asgi_state`."""

    def add(self, connection: C_contra, peer: object) -> Admission | None:
        """Registers a new connection. `peer` is the socket's peer name.

        Returns `None` if the connection must be closed without an answer.
        """

    def remove(self, connection: C_contra, admission: Admission) -> None:
        """Removes a closed connection. Must be called once for each connection that `add` has accepted."""
