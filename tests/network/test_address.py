"""Parsing the URIs of `--uri` and `--http-uri`, and listening on their addresses."""

import asyncio
import contextlib
import errno
import itertools
import os
import re
import socket

import pytest

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.network.address import Address, is_loopback, listen, parse_uri, unusable


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("tcp://127.0.0.1:10200", Address("tcp", host="127.0.0.1", port=10200)),
        ("tcp://localhost:0", Address("tcp", host="localhost", port=0)),
        ("tcp://[::1]:10200", Address("tcp", host="::1", port=10200)),
        ("tcp://127.0.0.1:10200/", Address("tcp", host="127.0.0.1", port=10200)),
        ("unix:///run/piper.socket", Address("unix", path="/run/piper.socket")),
        ("unix://piper.socket", Address("unix", path="piper.socket")),
        ("stdio://", Address("stdio")),
    ],
)
def test_uri_is_parsed(uri: str, address: Address) -> None:
    """A URI is parsed to an Address. The path of a Unix socket may be relative, and an IPv6 address is enclosed in
    brackets."""
    assert parse_uri(uri) == address


@pytest.mark.parametrize("uri", ["tcp://127.0.0.1:10200", "tcp://[::1]:1", "unix:///run/piper.socket", "stdio://"])
def test_address_is_printed_as_its_uri(uri: str) -> None:
    """Converting an address to a string returns the URI from which it was parsed."""
    assert str(parse_uri(uri)) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "tcp://",
        "tcp://:10200",
        "tcp://127.0.0.1:port",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:10200/path",
        "tcp://[::1:10200",
        "unix://",
        "/",
        "http://127.0.0.1/page",
        "99999",
        "http://127.0.0.1:99999/",
        "9" * 5000,
        "tcp://a..b:10200",
        "tcp://" + "x" * 64 + ".local:10200",
    ],
)
def test_other_uri_is_refused(uri: str) -> None:
    """For text that is not a valid URI, `parse_uri` raises SettingsError. The message contains the option, the value
    and the valid forms."""
    with pytest.raises(SettingsError) as caught:
        parse_uri(uri)
    assert str(caught.value) == f"--uri {uri!r}: must be tcp://HOST:PORT, unix://PATH or stdio://."


@pytest.mark.parametrize(
    ("uri", "meant"),
    [
        ("10200", "tcp://127.0.0.1:10200"),
        (":10200", "tcp://127.0.0.1:10200"),
        ("pi.local:10200", "tcp://pi.local:10200"),
        ("http://127.0.0.1:80/", "tcp://127.0.0.1:80"),
        ("localhost", "tcp://localhost:10200"),
        ("tcp://0.0.0.0", "tcp://0.0.0.0:10200"),
        ("http://pi.local/", "tcp://pi.local:10200"),
        ("/run/piper.sock", "unix:///run/piper.sock"),
    ],
)
def test_uri_without_its_scheme_is_recognized(uri: str, meant: str) -> None:
    """If the text is a port, a host, both or a path, the message suggests the corresponding URI."""
    with pytest.raises(SettingsError, match=rf"stdio://\. Did you mean {meant}\?$"):
        parse_uri(uri)


def test_host_for_http_is_completed_with_the_port_for_http() -> None:
    """If the port is missing in `--http-uri`, the message suggests the port that the documentation uses for HTTP."""
    with pytest.raises(SettingsError, match=r"Did you mean tcp://localhost:10280\?$"):
        parse_uri("localhost", option="--http-uri", schemes=("tcp",))


def test_scheme_can_be_limited() -> None:
    """The parameter `schemes` restricts the valid schemes. HTTP needs this, because it is served only over TCP."""
    assert parse_uri("tcp://127.0.0.1:80", schemes=("tcp",)).port == 80
    with pytest.raises(SettingsError, match=r"^--http-uri 'stdio://': must be tcp://HOST:PORT\.$"):
        parse_uri("stdio://", option="--http-uri", schemes=("tcp",))


def test_authority_is_that_of_a_url() -> None:
    """The authority of a TCP address is HOST:PORT, as in a URL. For other addresses, it is empty."""
    assert parse_uri("tcp://[::1]:10200").authority == "[::1]:10200"
    assert parse_uri("tcp://piper.lan:10200").authority == "piper.lan:10200"
    assert parse_uri("unix:///run/socket").authority == ""


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),  # noqa: S104 -- nothing listens at this address
        ("::", False),
        ("192.168.1.7", False),
        ("piper.lan", False),
    ],
)
def test_loopback_addresses_are_recognized(host: str, loopback: bool) -> None:
    """`is_loopback` is true for loopback addresses and `localhost`. It is false for other host names, because these may
    resolve to any address."""
    assert is_loopback(host) == loopback


async def test_real_port_is_returned() -> None:
    """If the port is 0, the returned address contains the port chosen by the operating system."""
    server, address = await listen(Address("tcp", "127.0.0.1", 0), asyncio.Protocol)
    with contextlib.closing(server), socket.create_connection((address.host, address.port)) as client:
        assert address == Address("tcp", *client.getpeername())


async def test_all_addresses_by_ipv6_include_those_by_ipv4() -> None:
    """A server that listens on `::` can be reached by IPv6 and by IPv4. The log names both kinds of addresses."""
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    server, address = await listen(Address("tcp", "::", 0), asyncio.Protocol)
    with contextlib.closing(server):
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, address.port)).close()


async def test_accepted_connections_inherit_the_socket_options() -> None:
    """Accepted connections send keepalive probes. Their send buffer is 128 KiB, which is enough for a few seconds of
    speech."""
    accepted: asyncio.Future[socket.socket] = asyncio.get_running_loop().create_future()

    class Accepting(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted.set_result(transport.get_extra_info("socket"))

    server, address = await listen(Address("tcp", "127.0.0.1", 0), Accepting)
    with contextlib.closing(server):
        _, writer = await asyncio.open_connection(address.host, address.port)
        async with asyncio.timeout(10):
            connection = await accepted
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert 128 * 1024 <= connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * 128 * 1024
        writer.close()


async def test_few_connections_are_accepted_in_a_turn() -> None:
    """If many connections arrive at the same time, only a few are accepted per iteration of the event loop. All of them
    are accepted eventually."""
    accepted: list[asyncio.Protocol] = []

    class Accepted(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted.append(self)
            transport.close()

    server, address = await listen(Address("tcp", "127.0.0.1", 0), Accepted)
    with contextlib.closing(server), contextlib.ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(socket.create_connection((address.host, address.port)))
        in_turns = [0]
        async with asyncio.timeout(10):
            while len(accepted) < 60:
                await asyncio.sleep(0)  # runs the event loop for one iteration
                in_turns.append(len(accepted))
    assert max(after - before for before, after in itertools.pairwise(in_turns)) < 10


async def test_address_in_use_is_refused() -> None:
    """If another program is listening on the address, SettingsError is raised. Its message contains the option, the
    address, the program and a solution."""
    server, address = await listen(Address("tcp", "127.0.0.1", 0), asyncio.Protocol)
    with contextlib.closing(server):
        with pytest.raises(SettingsError) as caught:
            await listen(address, asyncio.Protocol)
        assert re.fullmatch(
            rf"--uri {address}: already in use by \S+ \(process {os.getpid()}\)\. Stop it, or choose another port: "
            rf"--uri tcp://127\.0\.0\.1:{address.port + 1}",
            str(caught.value),
        )


_IN_USE = OSError(errno.EADDRINUSE, "the text of the system")


def test_http_address_that_cannot_be_used_has_a_hint() -> None:
    """If the HTTP address cannot be used, the error message explains how to disable HTTP."""
    address = Address("tcp", "127.0.0.1", 80)
    assert "an empty WYOMING_PIPER_SERIAL_HTTP_URI turns HTTP off" in str(
        unusable(address, _IN_USE, option="--http-uri")
    )
    assert "turns HTTP off" not in str(unusable(address, _IN_USE))


@pytest.mark.parametrize(
    ("address", "error", "message"),
    [
        (
            Address("tcp", "127.0.0.1", 65535),
            _IN_USE,
            "already in use. Stop the program that uses it, or choose another port: --uri tcp://127.0.0.1:65534",
        ),
        (Address("unix", path="/run/piper"), _IN_USE, "already in use."),
        (
            Address("tcp", "127.0.0.1", 80),
            OSError(errno.EACCES, "Permission denied"),
            "Permission denied. Ports below 1024 are reserved; choose another one: --uri tcp://127.0.0.1:10200",
        ),
        (Address("unix", path="/run/piper"), OSError(errno.EACCES, "Permission denied"), "Permission denied."),
        (
            Address("tcp", "192.0.2.1", 80),
            OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"),
            "this address does not belong to this machine. To listen on all addresses: --uri tcp://0.0.0.0:80",
        ),
        (
            Address("tcp", "192.0.2.1", 80),
            OSError("could not bind on any address out of [('192.0.2.1', 80)]"),
            "this address does not belong to this machine. To listen on all addresses: --uri tcp://0.0.0.0:80",
        ),
        (Address("tcp", "127.0.0.1", 80), OSError("no route"), "no route."),
    ],
)
def test_reason_comes_with_what_to_do(address: Address, error: OSError, message: str) -> None:
    """The error message for an unusable address states the reason, in plain words or as the operating system words it,
    and suggests a solution."""
    assert str(unusable(address, error)) == f"--uri {address}: {message}"
