"""The service manager passes sockets to the server, and receives the server's state."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.network.address import Address, listen
from wyoming_piper_serial.network.service_manager import ServiceManager

_PID = 4711
_FIRST = 700  # number of the first passed descriptor, larger than the number of files that a test opens


@pytest.fixture(params=["path", "abstract"])
def notify(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """Return a datagram socket and its address in the format of NOTIFY_SOCKET."""
    address = str(tmp_path / "notify") if request.param == "path" else f"@wyoming-piper-serial-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(address.replace("@", "\0") if address.startswith("@") else address)
        receiver.setblocking(False)
        yield address, receiver


def received(receiver: socket.socket) -> list[str]:
    """Return the messages that have arrived on the datagram socket."""
    messages = []
    with contextlib.suppress(BlockingIOError):
        while True:
            messages.append(receiver.recv(4096).decode())
    return messages


async def test_messages_reach_the_socket(notify: tuple[str, socket.socket]) -> None:
    """The assignments arrive in one datagram, one per line. The variables are removed from the environment."""
    address, receiver = notify
    environ = {"NOTIFY_SOCKET": address, "HOME": "/"}
    manager = ServiceManager.from_environment(environ, pid=_PID)
    await manager.notify("READY=1", "STATUS=Ready.")
    assert received(receiver) == ["READY=1\nSTATUS=Ready."]
    assert environ == {"HOME": "/"}


async def test_nothing_is_sent_without_a_service_manager() -> None:
    """Without NOTIFY_SOCKET, messages to the service manager are discarded, and `watch` returns at once."""
    manager = ServiceManager.from_environment({}, pid=_PID)
    await manager.notify("READY=1")
    await manager.watch(lambda: "broken")
    assert manager.address("wyoming") is None


@pytest.mark.parametrize("address", ["/nowhere/at/all", "vsock:2:1234", "@not-bound", "/a\0b"])
async def test_failed_message_is_a_warning(address: str, caplog: pytest.LogCaptureFixture) -> None:
    """If the service manager's socket does not exist, a warning is logged, and the server continues."""
    await ServiceManager(notify_address=address).notify("READY=1")
    (message,) = caplog.messages
    assert message.startswith("Cannot send READY=1 to the service manager: ")


async def test_full_socket_does_not_block_the_server(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the service manager does not read its messages, sending a message times out quickly."""
    monkeypatch.setattr("wyoming_piper_serial.network.service_manager._PATIENCE", 0.0)
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(address)
        manager = ServiceManager(notify_address=address)
        while not caplog.messages:
            await manager.notify("STATUS=" + "x" * 1000)
    assert "TimeoutError" in caplog.messages[0]


async def next_messages(receiver: socket.socket, count: int) -> list[str]:
    """Wait for `count` messages to the service manager."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(10):
        return [(await loop.sock_recv(receiver, 4096)).decode() for _ in range(count)]


async def test_signs_of_life_are_sent_only_while_the_engine_is_healthy(notify: tuple[str, socket.socket]) -> None:
    """While the engine works, `watch` sends WATCHDOG=1 repeatedly. If the engine stops working, `watch` sends the
    reason once as the status. When the engine works again, `watch` sends the former status."""
    address, receiver = notify
    environ = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1", "WATCHDOG_PID": str(_PID)}
    manager = ServiceManager.from_environment(environ, pid=_PID)
    await manager.notify("READY=1", "STATUS=Ready")
    assert await next_messages(receiver, 1) == ["READY=1\nSTATUS=Ready"]
    reasons: list[str | None] = [None]
    asked = 0

    def unhealthy_reason() -> str | None:
        nonlocal asked
        asked += 1
        return reasons[0]

    watching = asyncio.create_task(manager.watch(unhealthy_reason))
    assert await next_messages(receiver, 3) == ["WATCHDOG=1"] * 3
    reasons[0] = "A step hangs."
    async with asyncio.timeout(10):
        while (message := (await next_messages(receiver, 1))[0]) == "WATCHDOG=1":
            pass
        assert message == "STATUS=Not healthy: A step hangs."
        before = asked
        while asked < before + 3:
            await asyncio.sleep(0)  # gives `watch` time to check again
    assert received(receiver) == []
    reasons[0] = None
    assert await next_messages(receiver, 2) == ["WATCHDOG=1\nSTATUS=Ready", "WATCHDOG=1"]
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


@pytest.mark.parametrize("values", [("1000000", "1"), ("0", str(_PID)), ("x", str(_PID)), ("", "")])
async def test_signs_of_life_are_not_sent_unless_they_are_expected(values: tuple[str, str]) -> None:
    """Without a watchdog timeout, or if the watchdog is for another process, `watch` returns at once."""
    environ = dict(zip(("WATCHDOG_USEC", "WATCHDOG_PID"), values, strict=True))
    async with asyncio.timeout(10):
        await ServiceManager.from_environment(environ, pid=_PID).watch(lambda: None)


@contextlib.contextmanager
def passing(sockets: Sequence[socket.socket], names: str, pid: int = _PID) -> Iterator[dict[str, str]]:
    """Pass sockets as systemd does, and return the environment variables that describe them."""
    for number, passed in enumerate(sockets, _FIRST):
        os.dup2(passed.fileno(), number)
    try:
        yield {"LISTEN_FDS": str(len(sockets)), "LISTEN_FDNAMES": names, "LISTEN_PID": str(pid)}
    finally:
        for number, passed in enumerate(sockets, _FIRST):
            passed.close()
            with contextlib.suppress(OSError):  # raised if the server has already closed the descriptor
                os.close(number)


async def test_passed_sockets_are_listened_on() -> None:
    """Several sockets with the same name, such as one for IPv4 and one for IPv6, are used by the same server."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    ports = [passed.getsockname()[1] for passed in sockets]
    with passing(sockets, "wyoming:http:wyoming") as environ:
        manager = ServiceManager.from_environment(environ, pid=_PID, first=_FIRST)
        wyoming, http = manager.address("wyoming"), manager.address("http")
        assert wyoming == Address("tcp", "127.0.0.1", ports[0])
        assert http == Address("tcp", "127.0.0.1", ports[1])
        assert not os.get_inheritable(_FIRST)
        accepted: list[object] = []

        class Accepted(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                accepted.append(transport.get_extra_info("sockname")[1])
                transport.close()

        listening, address = await listen(wyoming, Accepted)
        assert address == wyoming
        for port in (ports[0], ports[2]):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
        async with asyncio.timeout(10):
            while len(accepted) < 2:
                await asyncio.sleep(0)  # gives the server time to accept the connection
        assert sorted(accepted, key=str) == sorted((ports[0], ports[2]), key=str)
        listening.close()
        # The service manager still holds the socket, so a client can connect while no server is running.
        with socket.create_connection(("127.0.0.1", ports[0]), timeout=10):
            pass
        for opened in http.sockets:
            opened.close()


def test_passed_unix_socket_has_its_path(tmp_path: Path) -> None:
    """A Unix socket can be passed to the Wyoming server."""
    with socket.socket(socket.AF_UNIX) as passed:
        passed.bind(str(tmp_path / "socket"))
        passed.listen()
        with passing([passed], "wyoming") as environ:
            address = ServiceManager.from_environment(environ, pid=_PID, first=_FIRST).address("wyoming")
            assert address == Address("unix", path=str(tmp_path / "socket"))
            for opened in address.sockets:
                opened.close()


def test_sockets_of_another_process_are_ignored() -> None:
    """If LISTEN_PID is another process, the sockets are ignored, because they were passed to that process."""
    with passing([socket.create_server(("127.0.0.1", 0))], "wyoming", pid=_PID + 1) as environ:
        assert ServiceManager.from_environment(environ, pid=_PID, first=_FIRST).address("wyoming") is None


def unusable(kind: str, tmp_path: Path) -> socket.socket:
    if kind == "datagram":
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if kind == "not listening":
        return socket.socket()
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(tmp_path / "socket"))
    made.listen()
    return made


@pytest.mark.parametrize(("kind", "name"), [("datagram", "wyoming"), ("not listening", "wyoming"), ("unix", "http")])
def test_other_sockets_are_refused(kind: str, name: str, tmp_path: Path) -> None:
    """A socket on which the server cannot listen is refused, and the message states the necessary settings."""
    with passing([unusable(kind, tmp_path)], name) as environ, pytest.raises(SettingsError, match="ListenStream="):
        ServiceManager.from_environment(environ, pid=_PID, first=_FIRST)


def test_file_in_place_of_a_socket_is_refused() -> None:
    """A passed descriptor that is not a socket is refused."""
    environ = {"LISTEN_FDS": "1", "LISTEN_FDNAMES": "http", "LISTEN_PID": str(_PID)}
    with pytest.raises(SettingsError, match="named http that is not a listening TCP socket"):
        ServiceManager.from_environment(environ, pid=_PID, first=_FIRST + 90)


@pytest.mark.parametrize("names", ["", "wyoming-piper-serial.socket", "HTTP"])
def test_socket_needs_a_known_name(names: str) -> None:
    """A socket without a known name is refused, and the message explains how to set the name."""
    with (
        passing([socket.create_server(("127.0.0.1", 0))], names) as environ,
        pytest.raises(SettingsError, match="FileDescriptorName=wyoming"),
    ):
        ServiceManager.from_environment(environ, pid=_PID, first=_FIRST)
