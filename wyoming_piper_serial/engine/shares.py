"""Records how much model time each client has recently used.

A client is identified by its address. All addresses of an IPv6 /64 network count as one client.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from wyoming_piper_serial.observe.reporter import Client, CountedAddress

# Half-life of the recorded model time in seconds. The recorded time decays so that old requests do not delay a client's
# new requests.
_HALF_LIFE = 60.0
_MAX_CLIENTS = 1024  # maximum number of remembered clients: twice the default limit of connections


@dataclass(eq=False)
class ClientShare:
    """The model time that one client has recently used."""

    number: int = 0
    """Number that represents the client in traces, which contain no addresses."""

    has_address: bool = False
    """Whether the client has an address. All clients without one (`stdio://`, `unix://` and unknown clients) count as
    one client."""

    phonemizing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Locked while a sentence of this client is converted to phonemes. Other clients then wait for at most one of its
    sentences, regardless of how many requests it has."""

    _served: float = 0.0
    _at: float = 0.0

    def add(self, seconds: float, now: float) -> None:
        """Records that the client used `seconds` of model time until `now`."""
        self._served = self.served(now) + seconds
        self._at = now

    def served(self, now: float) -> float:
        """Returns how many seconds of model time the client has used. The recorded time halves every minute."""
        return float(self._served * 0.5 ** ((now - self._at) / _HALF_LIFE)) if self._served else 0.0


class ClientShares:
    """The shares of the clients that made the most recent requests."""

    def __init__(self) -> None:
        self._shares: OrderedDict[CountedAddress | None, ClientShare] = OrderedDict()
        self._last_number = 0

    def __len__(self) -> int:
        return len(self._shares)

    def of(self, client: Client | None) -> ClientShare:
        """Returns the share of `client`. If there are too many shares, removes the least recently used one."""
        address = None if client is None else client.counted
        share = self._shares.get(address)
        if share is None:
            self._last_number += 1
            share = self._shares[address] = ClientShare(self._last_number, address is not None)
        self._shares.move_to_end(address)
        if len(self._shares) > _MAX_CLIENTS:
            self._shares.popitem(last=False)
        return share
