"""Announcing the server by zeroconf. The tests do not send packets."""

import contextlib
import ipaddress
import logging

import pytest

from wyoming_piper_serial.network.zeroconf import announced, announced_address, check_zeroconf, service_info


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "192.0.2.7", "2001:db8::1"])
def test_address_of_the_server_is_announced(host: str) -> None:
    """If the server listens at an IP address, this address is announced."""
    assert announced_address(host) == host


def test_host_name_is_announced_as_an_address() -> None:
    """A host name is announced as an IP address, because an announcement can contain only addresses."""
    assert ipaddress.ip_address(announced_address("localhost")).is_loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_unspecified_address_is_never_announced(host: str) -> None:
    """An unspecified address such as 0.0.0.0 is never announced. An address of the machine is announced instead.
    If the machine has no network, OSError is raised."""
    with contextlib.suppress(OSError):
        assert not ipaddress.ip_address(announced_address(host)).is_unspecified


def test_announcement_contains_what_home_assistant_needs() -> None:
    """The announcement contains the service type for which Home Assistant searches, the name, the address and the
    port."""
    info = service_info("my piper", "192.0.2.7", 10200)
    assert info.type == "_wyoming._tcp.local."
    assert info.name == "my piper._wyoming._tcp.local."
    assert info.parsed_addresses() == ["192.0.2.7"]
    assert info.port == 10200


def test_installed_extra_is_accepted() -> None:
    """`check_zeroconf` raises no error if the extra `zeroconf` is installed, as it is for the tests."""
    check_zeroconf()


@pytest.mark.parametrize(("name", "host"), [("piper", ""), ("x" * 64, "127.0.0.1"), ("a\nb", "127.0.0.1")])
async def test_failed_announcement_is_a_warning(caplog: pytest.LogCaptureFixture, name: str, host: str) -> None:
    """If the announcement fails, one warning is logged, and the server runs without an announcement."""
    inside = False
    async with announced(name, host, 10200):
        inside = True
    assert inside
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1
    assert warnings[0].startswith("Not announced by zeroconf: ")
