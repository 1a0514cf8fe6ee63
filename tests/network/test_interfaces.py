"""The addresses of this machine, and the command that starts the program."""

import fcntl
import socket
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from wyoming_piper_serial.network import interfaces
from wyoming_piper_serial.network.interfaces import look_around


def test_addresses_are_those_of_this_machine() -> None:
    """Each address belongs to an interface of this machine, and none is a loopback address."""
    for address in look_around().addresses:
        assert not ip_address(address).is_loopback
        with socket.socket() as probe:
            probe.bind((address, 0))


def test_interfaces_of_containers_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The addresses of all interfaces are found, except those that only this machine can use and those without an
    address. Without a network, no address is found."""
    names = ["lo", "eth0", "wlan0", "docker0", "veth12", "tun0"]
    asked: list[str] = []

    def address_of(_: int, __: int, request: bytes) -> bytes:
        asked.append(request.rstrip(b"\0").decode())
        if asked[-1] == "tun0":
            raise OSError
        return bytes(20) + bytes([10, 0, 0, len(asked)]) + bytes(232)

    monkeypatch.setattr(socket, "if_nameindex", lambda: list(enumerate(names)))
    monkeypatch.setattr(fcntl, "ioctl", address_of)
    # Not a valid IP address, so `connect` fails as on a machine without a network.
    monkeypatch.setattr(interfaces, "_OUTSIDE", ("300.0.0.1", 9))
    assert look_around().addresses == ("10.0.0.1", "10.0.0.2")
    assert asked == ["eth0", "wlan0", "tun0"]
    monkeypatch.setitem(sys.modules, "fcntl", None)
    assert look_around().addresses == ()
    assert look_around(with_addresses=False).addresses == ()


def test_container_is_recognized(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The server detects that it runs in a container by a file that Docker or Podman creates."""
    mark = tmp_path / ".dockerenv"
    monkeypatch.setattr(interfaces, "_CONTAINER_MARKS", (mark,))
    assert not look_around().in_container
    mark.touch()
    assert look_around().in_container


@pytest.mark.parametrize(
    ("called", "program"),
    [
        ("/opt/bin/wyoming-piper-serial", "/opt/bin/wyoming-piper-serial"),
        ("/opt/lib/wyoming_piper_serial/__main__.py", f"{sys.executable} -m wyoming_piper_serial"),
    ],
)
def test_program_is_shown_as_it_was_called(monkeypatch: pytest.MonkeyPatch, called: str, program: str) -> None:
    """The command that runs the program is the path of its script, or Python with the module name."""
    monkeypatch.setattr(sys, "argv", [called])
    assert look_around().program == program
