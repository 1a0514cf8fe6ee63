"""Decides which clients may connect, based on their network and the number of open connections. Does no I/O except
logging."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address

from wyoming_piper_serial.exceptions import TooManyConnections
from wyoming_piper_serial.observe.reporter import Client, CountedAddress, counted_address
from wyoming_piper_serial.settings import Network

_LOGGER = logging.getLogger(__name__)

MAX_REFUSED = 64
"""Maximum number of refused connections that are kept open at the same time to send the error.

Further refused connections are closed at once.
"""

# Maximum number of refused addresses that are logged, so that a scan from many addresses does not fill the log.
_MAX_NAMED = 100

IPAddress = IPv4Address | IPv6Address


@dataclass(frozen=True, eq=False, kw_only=True)
class Admission:
    """A connection that the limiter counts from `admit` until `leave`."""

    number: int
    """Number of the connection. The connections of all protocols are numbered together, in the order of admission."""

    address: IPAddress | None
    """The client's address, or `None` for a client on `unix://` or `stdio://`."""

    port: int | None
    """The client's port, or `None` for a client without a network address."""

    refusal: TooManyConnections | None = None
    """The error to send as the only response, or `None` if the connection is accepted."""

    @cached_property
    def counted(self) -> CountedAddress | None:
        """The address that identifies the client for limits and fair sharing, or `None` for a client without a network
        address."""
        return None if self.address is None else counted_address(self.address)

    def client(self, protocol: str) -> Client:
        """Returns the client as shown in log lines. `protocol` is a value of `Client.protocol`."""
        return Client(protocol=protocol, address=self.address, connection=self.number)


@dataclass(frozen=True)
class _AllowList:
    """The networks allowed by an option. An empty list allows all networks."""

    option: str
    networks: tuple[Network, ...]

    def contains(self, address: IPAddress) -> bool:
        return not self.networks or any(address in network for network in self.networks)


class ConnectionLimiter:
    """Counts the open connections and refuses connections above the limits.

    A connection without a network address counts only towards the total limit. All addresses in an IPv6 /64 network
    count as one address.
    """

    def __init__(
        self,
        *,
        allow: Sequence[Network] = (),
        http_allow: Sequence[Network] = (),
        max_connections: int,
        max_connections_per_address: int | None = None,
    ) -> None:
        """If `allow` is empty, all networks are allowed. If `http_allow` is empty, `allow` also applies to HTTP.

        If `max_connections_per_address` is `None`, the limit per address is half of `max_connections`, so that a single
        machine cannot use all connections, and connections from loopback addresses are exempt from this limit.
        """
        self.allow(allow, http=http_allow)
        self._max_connections = max_connections
        self._exempts_loopback = max_connections_per_address is None
        self._max_per_address = max_connections_per_address or max(1, max_connections // 2)
        self._open: Counter[CountedAddress | None] = Counter()
        self._refused = 0  # number of refused connections that are still open
        self._admitted = 0
        self._named: set[tuple[str, IPAddress]] = set()
        self.not_allowed = 0
        """Number of connection attempts from networks that are not allowed."""

    def __repr__(self) -> str:
        return (
            f"<ConnectionLimiter {self._open.total()} open from {len(self._open)} addresses, {self._refused} refused>"
        )

    @property
    def open_connections(self) -> int:
        """Number of open connections, excluding refused ones."""
        return self._open.total()

    def admit(self, peer: object, *, http: bool = False) -> Admission | None:
        """Counts a new connection from `peer`, the peer name of its socket. The caller must call `leave` once for each
        returned admission. `http` is true for connections to the HTTP server.

        Returns `None` if the connection must be closed without a response.
        """
        address = address_of(peer)
        allow = self._http_allow if http else self._allow
        if address is not None and not allow.contains(address):
            self._log_not_allowed(address, allow.option)
            return None
        refusal = self._refusal(address)
        if refusal is None:
            self._open[_counted(address)] += 1
        elif self._refused >= MAX_REFUSED:
            return None
        else:
            self._refused += 1
        self._admitted += 1
        port = peer[1] if isinstance(peer, tuple) else None
        return Admission(number=self._admitted, address=address, port=port, refusal=refusal)

    def leave(self, admission: Admission) -> None:
        """Stops counting a connection that has been closed. Must be called once for each admission."""
        if admission.refusal is not None:
            self._refused -= 1
            return
        self._open[admission.counted] -= 1
        if not self._open[admission.counted]:
            # Without this, the counter would keep every address that has ever connected.
            del self._open[admission.counted]

    def allow(self, networks: Sequence[Network], *, http: Sequence[Network] = ()) -> None:
        """Sets the networks from which new connections are allowed. The arguments have the same meaning as `allow` and
        `http_allow` of the constructor."""
        self._allow = _AllowList("--allow", tuple(networks))
        self._http_allow = _AllowList("--http-allow", tuple(http)) if http else self._allow

    def _refusal(self, address: IPAddress | None) -> TooManyConnections | None:
        if self.open_connections >= self._max_connections:
            error = TooManyConnections(f"{self._max_connections} connections are already open; please try again later.")
            error.option = f"--max-connections {self._max_connections}"
            return error
        if address is None or (self._exempts_loopback and address.is_loopback):
            return None
        if self._open[_counted(address)] >= self._max_per_address:
            error = TooManyConnections(f"Your address already has the maximum of {self._max_per_address} connections.")
            error.option = f"--max-connections-per-address {self._max_per_address}"
            return error
        return None

    def _log_not_allowed(self, address: IPAddress, option: str) -> None:
        self.not_allowed += 1
        if (option, address) in self._named or len(self._named) >= _MAX_NAMED:
            return
        self._named.add((option, address))
        last = "; further addresses are not logged" if len(self._named) == _MAX_NAMED else ""
        _LOGGER.warning("Refused %s: not in any network given with %s%s", address, option, last)


def _counted(address: IPAddress | None) -> CountedAddress | None:
    return None if address is None else counted_address(address)


def address_of(peer: object) -> IPAddress | None:
    """Returns the IP address in a socket's peer name, or `None` if there is none.

    An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) is converted to an IPv4 address.
    """
    if not isinstance(peer, tuple):
        return None
    address = ip_address(peer[0])
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
