"""Reads the PROXY protocol header of connections from trusted proxies before the connections reach the server."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any, cast

from wyoming_piper_serial.exceptions import BadProxyHeader
from wyoming_piper_serial.network.connection_limiter import IPAddress, address_of
from wyoming_piper_serial.network.proxy_header import InvalidProxyHeader, ProxyHeader, parse_proxy_header
from wyoming_piper_serial.network.timeouts import LINGER
from wyoming_piper_serial.observe.reporter import Client, Reporter
from wyoming_piper_serial.settings import Network

MAX_WAITING = 256
"""Maximum number of connections per server whose header is incomplete or has been refused. Further connections are
closed at once. A proxy sends the header in its first packet, so few connections wait at the same time."""

# Maximum number of bytes per read. Bytes after the header are passed on to the server's protocol, whose buffer is
# larger than this.
_READ_SIZE = 256

ProtocolFactory = Callable[[], asyncio.BaseProtocol]


class ProxyGate:
    """Removes the header of each connection from a `--proxy-from` network. If the header contains the address of the
    client, this address becomes the connection's peer name.

    Each connection from these networks must begin with a header. Accepting connections without a header would not be
    safe: a client behind a proxy that sends no headers could send a header with an arbitrary address. Connections from
    other networks are passed on at once.
    """

    def __init__(
        self,
        networks: Sequence[Network],
        *,
        timeout: float,
        protocol: str,
        error_bytes: Callable[[BadProxyHeader], bytes],
        reporter: Reporter,
    ) -> None:
        """`timeout` is the maximum time in seconds for a header to arrive. `protocol` is a value of `Client.protocol`.
        `error_bytes` encodes an error in this protocol."""
        self.networks = tuple(networks)
        self.timeout = timeout
        self.error_bytes = error_bytes
        self._protocol = protocol
        self._reporter = reporter
        self._waiting: set[_HeaderProtocol] = set()

    def __repr__(self) -> str:
        return f"<ProxyGate {len(self._waiting)} waiting>"

    def behind(self, factory: ProtocolFactory) -> ProtocolFactory:
        """Returns a protocol factory for the event loop. Its protocols read the header, if one is required, and then
        hand the connection over to a protocol created by `factory`."""
        return lambda: _HeaderProtocol(self, factory)

    def requires_header(self, address: IPAddress | None) -> bool:
        """Returns whether a connection from `address` must begin with a header."""
        return address is not None and any(address in network for network in self.networks)

    def admit(self, connection: "_HeaderProtocol") -> bool:
        """Starts counting a connection whose header is incomplete. If the connection must be closed instead, returns
        false and does not count it."""
        if len(self._waiting) >= MAX_WAITING:
            return False
        self._waiting.add(connection)
        return True

    def leave(self, connection: "_HeaderProtocol") -> None:
        """Stops counting a connection. Does nothing if the connection is not counted."""
        self._waiting.discard(connection)

    def refused(self, error: BadProxyHeader, proxy: IPAddress | None) -> None:
        """Logs and counts an error that is sent to the proxy with the address `proxy`."""
        self._reporter.error_sent(error, Client(protocol=self._protocol, address=proxy))

    def abort(self) -> None:
        """Closes all connections whose header is incomplete or has been refused."""
        for connection in tuple(self._waiting):
            connection.abort()


class _HeaderProtocol(asyncio.BufferedProtocol):
    """Handles a new connection until its PROXY header is complete. If no header is required, hands the connection over
    at once."""

    def __init__(self, gate: ProxyGate, factory: ProtocolFactory) -> None:
        self._gate = gate
        self._factory = factory
        self._proxy: IPAddress | None = None
        self._received = b""
        self._refused = False
        self._buffer = memoryview(b"")
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._proxy = address_of(transport.get_extra_info("peername"))
        if not self._gate.requires_header(self._proxy):
            self._hand_over(transport)
        elif self._gate.admit(self):
            self._buffer = memoryview(bytearray(_READ_SIZE))
            self._timer = asyncio.get_running_loop().call_later(self._gate.timeout, self._on_timeout)
        else:
            self._transport.abort()

    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._refused:
            return
        self._received += self._buffer[:nbytes]
        try:
            header = parse_proxy_header(self._received)
        except InvalidProxyHeader as error:
            self._refuse(str(error))
            return
        if header is not None:
            self._accept(header)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._leave()

    def abort(self) -> None:
        """Closes the connection at once."""
        self._transport.abort()

    def _accept(self, header: ProxyHeader) -> None:
        self._leave()
        transport: Any = self._transport
        if header.client is not None:
            transport = _ProxiedTransport(self._transport, header.client)
        protocol = self._hand_over(transport)
        rest = self._received[header.length :]
        if rest and not self._transport.is_closing():
            protocol.get_buffer(len(rest))[: len(rest)] = rest
            protocol.buffer_updated(len(rest))

    def _hand_over(self, transport: asyncio.BaseTransport) -> Any:
        """Replaces this protocol with a protocol of the server. Returns the new protocol, which is a
        BufferedProtocol."""
        protocol = self._factory()
        self._transport.set_protocol(protocol)
        protocol.connection_made(transport)
        return protocol

    def _on_timeout(self) -> None:
        self._refuse(f"The PROXY protocol header was not complete within {self._gate.timeout:g} seconds.")

    def _refuse(self, reason: str) -> None:
        """Sends an error, and then discards input for a moment, because closing a connection with unread input would
        send a reset."""
        self._stop_timer()
        self._refused = True
        error = BadProxyHeader(f"{reason} This server requires a PROXY header on connections from your address.")
        error.option = "--proxy-from"
        self._gate.refused(error, self._proxy)
        self._transport.write(self._gate.error_bytes(error))
        with contextlib.suppress(OSError):  # raised if the proxy has already reset the connection
            self._transport.write_eof()
        self._timer = asyncio.get_running_loop().call_later(LINGER, self.abort)

    def _leave(self) -> None:
        self._stop_timer()
        self._gate.leave(self)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _ProxiedTransport:
    """Wraps the transport of a connection from a proxy, and reports the address and port of the client as the peer
    name."""

    def __init__(self, transport: asyncio.Transport, client: tuple[IPAddress, int]) -> None:
        self._transport = transport
        self._peer = (str(client[0]), client[1])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._peer if name == "peername" else self._transport.get_extra_info(name, default)
