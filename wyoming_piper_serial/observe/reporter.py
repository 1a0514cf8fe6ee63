"""Logs and counts each error sent to a client."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from wyoming_piper_serial.exceptions import PiperSerialError, VoiceFileError
from wyoming_piper_serial.observe.logs import LogSubject
from wyoming_piper_serial.observe.metrics import Metrics

_LOGGER = logging.getLogger(__name__)


CountedAddress = IPv4Address | IPv6Network


def counted_address(address: IPv4Address | IPv6Address) -> CountedAddress:
    """Returns the address that identifies a client for limits and fair sharing: an IPv4 address or an IPv6 /64 network.

    A machine can usually use all addresses in its /64 network.
    """
    return address if isinstance(address, IPv4Address) else IPv6Network((int(address) >> 64 << 64, 64))


@dataclass(frozen=True, kw_only=True)
class Client(LogSubject):
    """The client of a request, as shown in log lines."""

    protocol: str
    """`wyoming`, `http` or `websocket`."""

    address: IPv4Address | IPv6Address | None = None
    """The client's address, or `None` for a client on `unix://` or `stdio://`."""

    connection: int = 0
    """Number of the connection. The connections of all protocols are numbered together, in the order of admission."""

    @property
    def counted(self) -> CountedAddress | None:
        """The address that identifies the client for limits and fair sharing, or `None` for a client without one."""
        return None if self.address is None else counted_address(self.address)

    def __str__(self) -> str:
        return f"{self.protocol} {self.address or 'local'} #{self.connection}"

    def log_fields(self) -> Mapping[str, str]:
        return {"client": str(self)}


@dataclass(frozen=True)
class RequestLabel(LogSubject):
    """Identifies a request in log lines, for example as `[7] wyoming 192.168.1.5 #12`.

    A label without a number identifies only the client. If several requests share a step, one label identifies all of
    them, for example `[7, 8]`.
    """

    numbers: tuple[int, ...] = ()
    client: Client | None = None

    def __str__(self) -> str:
        if not self.numbers:
            return str(self.client or "unknown client")
        numbers = str(list(self.numbers))
        return numbers if self.client is None else f"{numbers} {self.client}"

    def log_fields(self) -> Mapping[str, str | int | Sequence[int]]:
        """Returns the client under the key `client`, and the number of a single request under `request` or the numbers
        of several requests under `requests`."""
        fields: dict[str, str | int | Sequence[int]] = {}
        if self.client is not None:
            fields |= self.client.log_fields()
        if len(self.numbers) == 1:
            fields["request"] = self.numbers[0]
        elif self.numbers:
            fields["requests"] = self.numbers
        return fields


class Reporter:
    """Logs and counts the errors sent to clients."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def error_sent(self, error: PiperSerialError, client: Client | None = None) -> None:
        """Logs and counts an error sent to `client`, which is `None` if it is not known."""
        if isinstance(error, VoiceFileError):
            _LOGGER.warning("Voice %s cannot be used: %s", error.voice, error.detail)
        label = RequestLabel(() if error.request_number is None else (error.request_number,), client)
        option = f"; {error.option}" if error.option else ""
        _LOGGER.info("%s: error sent: %s (%s%s)", label, error.code, error, option)
        self._metrics.error_sent(error.code)
