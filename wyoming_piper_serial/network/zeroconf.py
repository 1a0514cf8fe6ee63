"""Announces the Wyoming server to Home Assistant with zeroconf (mDNS)."""

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.installation import extra_command

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo

_LOGGER = logging.getLogger(__name__)

_SERVICE_TYPE = "_wyoming._tcp.local."
_MDNS_GROUP = ("224.0.0.251", 5353)


def check_zeroconf() -> None:
    """Raises SettingsError if the extra `zeroconf` is not installed."""
    try:
        import zeroconf.asyncio  # noqa: F401, PLC0415
    except ImportError as error:
        raise SettingsError(f"--zeroconf needs an extra: {extra_command('zeroconf')}") from error


@contextlib.asynccontextmanager
async def announced(name: str, host: str, port: int) -> AsyncIterator[None]:
    """Announces `host:port` until the context is exited. If this fails, logs a warning and continues without an
    announcement."""
    from zeroconf import Error  # noqa: PLC0415
    from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415

    try:
        address = await asyncio.to_thread(announced_address, host)
        info = service_info(name, address, port)
        announcer = AsyncZeroconf()
    except (Error, OSError) as error:
        _LOGGER.warning("Not announced by zeroconf: %s", error)
        yield
        return
    try:
        await announcer.async_register_service(info, allow_name_change=True)
        _LOGGER.info("Announced by zeroconf as %s", info.name)
        if ipaddress.ip_address(address).is_loopback:
            _LOGGER.warning("Only this machine can reach the announced address %s; see --uri.", address)
    except (Error, OSError) as error:
        _LOGGER.warning("Not announced by zeroconf: %r", error)
    try:
        yield
    finally:
        # An error must not interrupt the shutdown, because the server may still be sending speech.
        with contextlib.suppress(Error, OSError, TimeoutError):
            await announcer.async_unregister_all_services()
        await announcer.async_close()


def service_info(name: str, address: str, port: int) -> "AsyncServiceInfo":
    """Returns the zeroconf service record of the server."""
    from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415

    return AsyncServiceInfo(_SERVICE_TYPE, f"{name}.{_SERVICE_TYPE}", parsed_addresses=[address], port=port)


def announced_address(host: str) -> str:
    """Returns the IP address to announce for `host`. If `host` is an unspecified address such as 0.0.0.0, returns the
    address of the network interface that mDNS uses.

    Blocks while the name is resolved. Raises OSError if there is no address.
    """
    address = ipaddress.ip_address(socket.getaddrinfo(host, None)[0][4][0])
    if not address.is_unspecified:
        return str(address)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(_MDNS_GROUP)  # `connect` sends no packet over UDP, but selects the interface that mDNS uses
        return str(probe.getsockname()[0])
