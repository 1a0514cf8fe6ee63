"""The transport that uvicorn's protocols are given: what they do with it, their connection decides."""

import asyncio
from collections.abc import Iterable
from typing import Any, Protocol


class TransportOwner(Protocol):
    """Carries out what a protocol asks of an `OwnedTransport`."""

    @property
    def closing(self) -> bool:
        """Whether nothing more can be sent."""

    def write(self, data: bytes) -> None:
        """Send."""

    def close(self) -> None:
        """Close after all is sent."""

    def abort(self) -> None:
        """Close at once."""

    def pause_reading(self) -> None:
        """Receive no data until `resume_reading`."""

    def resume_reading(self) -> None:
        """Receive data again."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let another protocol take over (HTTP/1.1 Upgrade)."""

    def get_protocol(self) -> asyncio.BaseProtocol:
        """The protocol in charge."""


class OwnedTransport(asyncio.Transport):
    """Hands what changes the connection to its owner, and the rest to the real transport."""

    def __init__(self, transport: asyncio.Transport, owner: TransportOwner) -> None:
        super().__init__()
        self._transport = transport
        self._owner = owner

    # The owner decides.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._owner.write(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self._owner.write(b"".join(list_of_data))

    def close(self) -> None:
        self._owner.close()

    def abort(self) -> None:
        self._owner.abort()

    def is_closing(self) -> bool:
        return self._owner.closing

    def pause_reading(self) -> None:
        self._owner.pause_reading()

    def resume_reading(self) -> None:
        self._owner.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._owner.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._owner.get_protocol()

    # The real transport answers.

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def is_reading(self) -> bool:
        return self._transport.is_reading()

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._transport.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._transport.set_write_buffer_limits(high, low)

    def can_write_eof(self) -> bool:
        return False
