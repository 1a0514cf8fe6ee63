"""Creates the log lines that tell users how to reach the server. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_address

from wyoming_piper_serial.network.address import Address, is_loopback
from wyoming_piper_serial.network.interfaces import Surroundings

_HOME_ASSISTANT = "Home Assistant: Settings, Devices & services, Add integration, Wyoming Protocol"
_LOOPBACK = {4: "127.0.0.1", 6: "::1"}


def directions(wyoming: Address, pages: Sequence[Address], around: Surroundings) -> Iterator[str]:
    """Yields the log lines that tell users how to reach the server.

    `wyoming` is the address of the Wyoming server, and `pages` contains the addresses of the HTTP server.
    """
    if wyoming.scheme != "stdio":
        yield f'Try it: {around.program} say "Hello there." --uri {_here(wyoming)}'
    if wyoming.scheme == "tcp":
        yield from _for_clients(wyoming, around)
    for page in pages:
        for address in (_here(page), *_elsewhere(page, around)):
            yield f"Page: http://{address.authority}/"


def _for_clients(address: Address, around: Surroundings) -> Iterator[str]:
    if is_loopback(address.host):
        yield f"Only this machine can connect. To allow other machines, such as Home Assistant: --uri tcp://0.0.0.0:{address.port}"
        return
    if not is_unspecified(address):
        yield f"{_HOME_ASSISTANT}; host {address.host}, port {address.port}"
        return
    if around.in_container:
        own = f" (in the container's network: {' or '.join(around.addresses)})" if around.addresses else ""
        host = f"the address of the machine that runs this container{own}"
        port = f"{address.port} or the published port"
    else:
        host, port = " or ".join(around.addresses) or "the address of this machine", str(address.port)
        if around.addresses:
            yield f"Other machines can connect to {', '.join(str(one) for one in _elsewhere(address, around))}"
    yield f"{_HOME_ASSISTANT}; host {host}, port {port}"


def _here(address: Address) -> Address:
    """Returns the address at which clients on this machine can reach the server."""
    return replace(address, host=_LOOPBACK[ip_address(address.host).version]) if is_unspecified(address) else address


def _elsewhere(address: Address, around: Surroundings) -> list[Address]:
    """Returns the addresses at which other machines can reach a server that listens on all interfaces.

    Returns an empty list for other servers and in a container.
    """
    if not is_unspecified(address) or around.in_container:
        return []
    return [replace(address, host=host) for host in around.addresses]


def is_unspecified(address: Address) -> bool:
    """Returns whether a server with this address listens on all interfaces."""
    try:
        return ip_address(address.host).is_unspecified
    except ValueError:
        return False
