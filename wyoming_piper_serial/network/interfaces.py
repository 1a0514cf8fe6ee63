"""Finds out how people can reach this machine."""

import contextlib
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

# Interfaces that only containers and virtual machines on this machine can use.
_LOCAL_INTERFACES = ("lo", "docker", "br-", "veth", "virbr", "hassio", "podman", "cni", "lxc")
_SIOCGIFADDR = 0x8915  # Linux: get the IPv4 address of an interface
_NAME_SIZE = 16  # size of an interface's name in `struct ifreq`
_ADDRESS = slice(20, 24)  # the IPv4 address in `struct ifreq`
_OUTSIDE = ("192.0.2.1", 9)  # an address of RFC 5737, for examples; nothing is sent to it
_CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a server knows about itself and the machine on which it runs."""

    program: str = "wyoming-piper-serial"
    """The command that runs this program."""

    addresses: tuple[str, ...] = ()
    """IPv4 addresses of this machine in its networks."""

    in_container: bool = False
    """Whether the addresses may be those of a container, which other machines cannot reach."""


def look_around(*, with_addresses: bool = True) -> Surroundings:
    """Returns the surroundings of this machine. Takes less than a millisecond.

    Without `with_addresses`, no socket is opened, and there are no addresses.
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
    """Returns the address from which this machine sends packets to the internet, or `None` if it has no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(_OUTSIDE)  # this call sends no packet; it selects the interface
        return str(probe.getsockname()[0])
    return None


def _addresses_of_interfaces() -> Iterator[str]:
    """Yields the first IPv4 address of each interface. On systems other than Linux, yields nothing."""
    try:
        import fcntl  # noqa: PLC0415 -- not available everywhere
    except ImportError:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            if not name.startswith(_LOCAL_INTERFACES):
                request = struct.pack("256s", name.encode()[: _NAME_SIZE - 1])
                with contextlib.suppress(OSError):  # the interface has no address
                    answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, request)
                    yield socket.inet_ntoa(answer[_ADDRESS])
