"""The announcement by zeroconf. No test sends a packet."""

import contextlib
import ipaddress
import logging

import pytest

from wyoming_piper_serial.network.zeroconf import announced, announced_address, check_zeroconf, service_info


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "192.0.2.7", "2001:db8::1"])
def test_address_of_the_server_is_announced(host: str) -> None:
    """An IP address is announced as it is."""
    assert announced_address(host) == host


def test_host_name_is_announced_as_an_address() -> None:
    """A host name is announced as an IP address, because an announcement has addresses only."""
    assert ipaddress.ip_address(announced_address("localhost")).is_loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_unspecified_address_is_never_announced(host: str) -> None:
    """An unspecified address such as 0.0.0.0 is never announced; without a network there is no address."""
    with contextlib.suppress(OSError):
        assert not ipaddress.ip_address(announced_address(host)).is_unspecified


def test_announcement_holds_what_home_assistant_needs() -> None:
    """The announcement has the service type that Home Assistant looks for, the name, the address and the port."""
    info = service_info("my piper", "192.0.2.7", 10200)
    assert info.type == "_wyoming._tcp.local."
    assert info.name == "my piper._wyoming._tcp.local."
    assert info.parsed_addresses() == ["192.0.2.7"]
    assert info.port == 10200


def test_installed_extra_is_accepted() -> None:
    """`check_zeroconf` returns if the extra is installed. The tests require it."""
    check_zeroconf()


@pytest.mark.parametrize(("name", "host"), [("piper", ""), ("x" * 64, "127.0.0.1"), ("a\nb", "127.0.0.1")])
async def test_failed_announcement_is_a_warning(caplog: pytest.LogCaptureFixture, name: str, host: str) -> None:
    """An announcement that fails logs one warning, and the server runs without it."""
    inside = False
    async with announced(name, host, 10200):
        inside = True
    assert inside
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1
    assert warnings[0].startswith("Not announced by zeroconf: ")
