"""Determines the addresses at which clients can reach this machine, the command that runs this program, and whether it
runs in a container."""

import contextlib
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

# Name prefixes of network interfaces that only this machine, its containers and its virtual machines can use.
_LOCAL_INTERFACES = ("lo", "docker", "br-", "veth", "virbr", "hassio", "podman", "cni", "lxc")
_SIOCGIFADDR = 0x8915  # the `ioctl` request on Linux that gets the IPv4 address of an interface
_NAME_SIZE = 16  # size of the interface name in `struct ifreq`
_ADDRESS = slice(20, 24)  # byte range of the IPv4 address in `struct ifreq`
_OUTSIDE = ("192.0.2.1", 9)  # an example address from RFC 5737; nothing is sent to it
_CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The command that starts this program, and the environment in which the server runs."""

    program: str = "wyoming-piper-serial"
    """The command that runs this program."""

    addresses: tuple[str, ...] = ()
    """IPv4 addresses of this machine, without loopback addresses and those of `_LOCAL_INTERFACES`."""

    in_container: bool = False
    """Whether the server runs in a container, whose addresses other machines may be unable to reach."""


def look_around(*, with_addresses: bool = True) -> Surroundings:
    """Finds the command, the IPv4 addresses and whether the server runs in a container. Takes less than a millisecond.

    If `with_addresses` is false, opens no socket and returns no addresses.
    """
    return Surroundings(
        program=program(sys.argv[0]),
        addresses=tuple(dict.fromkeys(_addresses())) if with_addresses else (),
        in_container=any(mark.exists() for mark in _CONTAINER_MARKS),
    )


def program(called: str) -> str:
    """Returns the command that runs this program. `called` is `sys.argv[0]`."""
    return f"{sys.executable} -m {__package__.partition('.')[0]}" if called.endswith("__main__.py") else called


def _addresses() -> Iterator[str]:
    for address in (_address_to_outside(), *_addresses_of_interfaces()):
        if address is not None and not ip_address(address).is_loopback:
            yield address


def _address_to_outside() -> str | None:
    """Returns the source address of packets that this machine sends to the Internet, or `None` if it has no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(_OUTSIDE)  # `connect` sends no packet over UDP, but selects the network interface
        return str(probe.getsockname()[0])
    return None


def _addresses_of_interfaces() -> Iterator[str]:
    """Yields the first IPv4 address of each interface that other machines can use.

    On systems other than Linux, yields nothing.
    """
    try:
        import fcntl  # noqa: PLC0415 -- not available everywhere
    except ImportError:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            if not name.startswith(_LOCAL_INTERFACES):
                request = struct.pack("256s", name.encode()[: _NAME_SIZE - 1])
                with contextlib.suppress(OSError):  # raised if the interface has no IPv4 address
                    answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, request)
                    yield socket.inet_ntoa(answer[_ADDRESS])
