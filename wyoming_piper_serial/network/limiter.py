"""Who may come in. Nothing but counting: no I/O but a line of the log."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from wyoming_piper_serial.exceptions import TooManyConnections
from wyoming_piper_serial.settings import Network

_LOGGER = logging.getLogger(__name__)

TOLD_AT_ONCE = 64
"""Connections over a limit that are told so; more at the same time are just dropped."""

_NAMED_AT_MOST = 100  # addresses that are not allowed; a scanner with many must not fill the log

IPAddress = IPv4Address | IPv6Address


@dataclass(frozen=True, eq=False)
class Admission:
    """A connection that was let in, be it only to be told why it must go."""

    address: IPAddress | None
    refusal: TooManyConnections | None = None
    number: int = 0


class ConnectionLimiter:
    """Counts who is inside. Clients without a network address (`unix://`, `stdio://`) only count in all."""

    def __init__(
        self, *, allow: Sequence[Network] = (), max_connections: int, max_connections_per_address: int | None = None
    ) -> None:
        """All are allowed if `allow` is empty. Without a number for each address, one that is not this
        machine's own may take half of the places, so that no other machine can take them all."""
        self._allow = tuple(allow)
        self._places = max_connections
        self._spare_own = max_connections_per_address is None
        self._places_each = max_connections_per_address or max(1, max_connections // 2)
        self._inside: Counter[IPAddress | None] = Counter()
        self._told = 0
        self._named: set[IPAddress] = set()
        self.not_allowed = 0
        """Connections turned away by `allow`."""

    def __repr__(self) -> str:
        return (
            f"<ConnectionLimiter {self._inside.total()} inside from {len(self._inside)} addresses, "
            f"{self._told} being told to go>"
        )

    @property
    def inside(self) -> int:
        """Connections that were let in."""
        return self._inside.total()

    def admit(self, peer: object) -> Admission | None:
        """Let in a socket's peer; `None` is to be closed without a word. `leave` must follow for a guest."""
        address = address_of(peer)
        if address is not None and not self._is_allowed(address):
            self._note(address)
            return None
        refusal = self._refusal(address)
        if refusal is None:
            self._inside[address] += 1
        elif self._told >= TOLD_AT_ONCE:
            return None
        else:
            self._told += 1
        return Admission(address, refusal)

    def leave(self, admission: Admission) -> None:
        """The connection is over. Once for each guest."""
        if admission.refusal is not None:
            self._told -= 1
            return
        self._inside[admission.address] -= 1
        if not self._inside[admission.address]:
            del self._inside[admission.address]  # or every address that ever came would be kept

    def _is_allowed(self, address: IPAddress) -> bool:
        return not self._allow or any(address in network for network in self._allow)

    def _refusal(self, address: IPAddress | None) -> TooManyConnections | None:
        if self.inside >= self._places:
            return TooManyConnections(f"{self._places} connections are open already; please try again later.")
        if address is None or (self._spare_own and address.is_loopback):
            return None
        if self._inside[address] >= self._places_each:
            return TooManyConnections(f"No more than {self._places_each} connections may come from your address.")
        return None

    def _note(self, address: IPAddress) -> None:
        self.not_allowed += 1
        if address in self._named or len(self._named) >= _NAMED_AT_MOST:
            return
        self._named.add(address)
        last = "; more such addresses are not named" if len(self._named) == _NAMED_AT_MOST else ""
        _LOGGER.warning("%s is turned away: it is in no --allow network%s", address, last)


def address_of(peer: object) -> IPAddress | None:
    """The address in a socket's peer name; an IPv4 one that came in by an IPv6 socket is itself again."""
    if not isinstance(peer, tuple):
        return None
    address = ip_address(peer[0])
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
