"""How much of the voice each client has had lately. A client is an address; an IPv6 address stands for its /64."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from wyoming_piper_serial.observe.reporter import Client, CountedAddress, counted_address

_HALF_LIFE = 60.0  # seconds after which a second of the voice counts half: what was an hour ago is no reason to wait
_MAX_CLIENTS = 1024  # clients that are remembered: twice the usual number of connections


@dataclass(eq=False)
class ClientShare:
    """One client's share of the voice."""

    number: int = 0
    """Anonymous: traces contain it, and no address."""

    has_address: bool = False
    """False for `stdio://`, `unix://` and unknown clients, which are one client together."""

    phonemizing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a sentence of the client is turned into phonemes. So a sentence of another client waits for one of
    this client at most, whatever the number of its requests."""

    _served: float = 0.0
    _at: float = 0.0

    def add(self, seconds: float, now: float) -> None:
        """Records that the client was served for `seconds`, which ended at `now`."""
        self._served = self.served(now) + seconds
        self._at = now

    def served(self, now: float) -> float:
        """Returns the seconds of model runs for this client. Each counts half after a minute."""
        return float(self._served * 0.5 ** ((now - self._at) / _HALF_LIFE)) if self._served else 0.0


class ClientShares:
    """The shares of the clients that came last."""

    def __init__(self) -> None:
        self._shares: OrderedDict[CountedAddress | None, ClientShare] = OrderedDict()
        self._last_number = 0

    def __len__(self) -> int:
        return len(self._shares)

    def of(self, client: Client | None) -> ClientShare:
        """Returns the share of `client`. If there are too many, the oldest one is forgotten."""
        address = None if client is None or client.address is None else counted_address(client.address)
        share = self._shares.get(address)
        if share is None:
            self._last_number += 1
            share = self._shares[address] = ClientShare(self._last_number, address is not None)
        self._shares.move_to_end(address)
        if len(self._shares) > _MAX_CLIENTS:
            self._shares.popitem(last=False)
        return share
