"""Errors that clients are sent: one log line each, with the client, and a count."""

import logging
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from wyoming_piper_serial.exceptions import PiperSerialError, VoiceFileError
from wyoming_piper_serial.observe.metrics import Metrics

_LOGGER = logging.getLogger(__name__)


CountedAddress = IPv4Address | IPv6Network


def counted_address(address: IPv4Address | IPv6Address) -> CountedAddress:
    """What limits and shares per address count: an IPv6 address stands for its /64, of which one machine has all."""
    return address if isinstance(address, IPv4Address) else IPv6Network((int(address) >> 64 << 64, 64))


@dataclass(frozen=True, kw_only=True)
class Client:
    """The client of a request, for log lines."""

    protocol: str
    """`wyoming`, `http` or `websocket`."""

    address: IPv4Address | IPv6Address | None = None
    """`None` for a client without a network address: `unix://` and `stdio://`."""

    connection: int = 0
    """Number of the connection. It increases by one with each connection that the server accepts."""

    def __str__(self) -> str:
        return f"{self.protocol} {self.address or 'local'} #{self.connection}"


def request_label(number: int | None, client: Client | None) -> str:
    """The name of a request in log lines, such as `[7] wyoming 192.168.1.5 #12`.

    Without a number, it is the name of the client, such as `wyoming 192.168.1.5 #12`.
    """
    if number is None:
        return str(client or "unknown client")
    return f"[{number}]" if client is None else f"[{number}] {client}"


class Reporter:
    """Logs and counts the errors that are sent to clients."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def error_sent(self, error: PiperSerialError, client: Client | None = None) -> None:
        """Count and log that `error` was sent to `client`, which is `None` if it is not known."""
        if isinstance(error, VoiceFileError):
            _LOGGER.warning("Voice %s cannot be used: %s", error.voice, error.detail)
        label = request_label(error.request_number, client)
        option = f"; {error.option}" if error.option else ""
        _LOGGER.info("%s: error sent: %s (%s%s)", label, error.code, error, option)
        self._metrics.error_sent(error.code)
