"""Announcing the server with zeroconf. The tests do not send packets."""

import contextlib
import ipaddress
import logging
import sys
from dataclasses import dataclass, field

import pytest
import zeroconf
from zeroconf.asyncio import AsyncServiceInfo

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.network.zeroconf import announced, announced_address, check_zeroconf, service_info


@dataclass
class FakeAnnouncer:
    """A fake AsyncZeroconf that records calls to it. If `failing` contains an error for a call, the call raises this
    error."""

    calls: list[str] = field(default_factory=list)
    infos: list[AsyncServiceInfo] = field(default_factory=list)
    failing: dict[str, Exception] = field(default_factory=dict)

    async def async_register_service(self, info: AsyncServiceInfo, *, allow_name_change: bool) -> None:
        assert allow_name_change
        self.infos.append(info)
        self._call("register")

    async def async_unregister_all_services(self) -> None:
        self._call("unregister")

    async def async_close(self) -> None:
        self._call("close")

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name in self.failing:
            raise self.failing[name]


@pytest.fixture
def announcer(monkeypatch: pytest.MonkeyPatch) -> FakeAnnouncer:
    fake = FakeAnnouncer()
    monkeypatch.setattr("zeroconf.asyncio.AsyncZeroconf", lambda: fake)
    return fake


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "192.0.2.7", "2001:db8::1"])
def test_address_of_the_server_is_announced(host: str) -> None:
    """If the server listens on an IP address, this address is announced."""
    assert announced_address(host) == host


def test_host_name_is_announced_as_an_address() -> None:
    """A host name is announced as an IP address, because an announcement can contain only addresses."""
    assert ipaddress.ip_address(announced_address("localhost")).is_loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_unspecified_address_is_never_announced(host: str) -> None:
    """Instead of an unspecified address such as 0.0.0.0, an address of the machine is announced. If the machine has no
    network, OSError is raised."""
    with contextlib.suppress(OSError):
        assert not ipaddress.ip_address(announced_address(host)).is_unspecified


def test_announcement_contains_what_home_assistant_needs() -> None:
    """The announcement contains the service type that Home Assistant searches for, the name, the address and the
    port."""
    info = service_info("my piper", "192.0.2.7", 10200)
    assert info.type == "_wyoming._tcp.local."
    assert info.name == "my piper._wyoming._tcp.local."
    assert info.parsed_addresses() == ["192.0.2.7"]
    assert info.port == 10200


def test_installed_extra_is_accepted() -> None:
    """`check_zeroconf` raises no error if the extra `zeroconf` is installed, as it is when the tests run."""
    check_zeroconf()


def test_missing_extra_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the extra `zeroconf` is not installed, `check_zeroconf` raises SettingsError. The message explains how to
    install it."""
    monkeypatch.setitem(sys.modules, "zeroconf.asyncio", None)
    with pytest.raises(SettingsError, match=r"--zeroconf needs an extra: .*zeroconf"):
        check_zeroconf()


async def test_server_is_announced_within_the_context(
    announcer: FakeAnnouncer, caplog: pytest.LogCaptureFixture
) -> None:
    """The server is announced when the context is entered, and the announcement is withdrawn when it is exited. The log
    contains the announced name."""
    with caplog.at_level(logging.INFO):
        async with announced("piper", "192.0.2.7", 10200):
            assert announcer.calls == ["register"]
    assert announcer.calls == ["register", "unregister", "close"]
    assert [(info.parsed_addresses(), info.port) for info in announcer.infos] == [(["192.0.2.7"], 10200)]
    assert caplog.messages == ["Announced by zeroconf as piper._wyoming._tcp.local."]


async def test_announced_loopback_address_is_a_warning(
    announcer: FakeAnnouncer, caplog: pytest.LogCaptureFixture
) -> None:
    """If other machines cannot reach the announced address, a warning names the option."""
    async with announced("piper", "127.0.0.1", 10200):
        pass
    assert caplog.messages == ["Only this machine can reach the announced address 127.0.0.1; see --uri."]
    assert announcer.calls == ["register", "unregister", "close"]


@pytest.mark.parametrize("error", [zeroconf.NonUniqueNameException(), OSError("no network")])
async def test_refused_announcement_is_a_warning(
    announcer: FakeAnnouncer, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """If registering the service fails, one warning is logged, and the server runs without an announcement."""
    announcer.failing["register"] = error
    inside = False
    async with announced("piper", "192.0.2.7", 10200):
        inside = True
    assert inside
    assert caplog.messages == [f"Not announced by zeroconf: {error!r}"]
    assert announcer.calls[-1] == "close"


@pytest.mark.parametrize("error", [zeroconf.NotRunningException(), OSError("no network"), TimeoutError()])
async def test_failed_withdrawal_does_not_interrupt_the_end(announcer: FakeAnnouncer, error: Exception) -> None:
    """If withdrawing the announcement fails, no error is raised, and the sockets are closed."""
    announcer.failing["unregister"] = error
    async with announced("piper", "192.0.2.7", 10200):
        pass
    assert announcer.calls == ["register", "unregister", "close"]


@pytest.mark.parametrize(("name", "host"), [("piper", ""), ("x" * 64, "127.0.0.1"), ("a\nb", "127.0.0.1")])
async def test_failed_announcement_is_a_warning(caplog: pytest.LogCaptureFixture, name: str, host: str) -> None:
    """If the name or the address cannot be announced, one warning is logged, and the server runs without an
    announcement."""
    inside = False
    async with announced(name, host, 10200):
        inside = True
    assert inside
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1
    assert warnings[0].startswith("Not announced by zeroconf: ")
