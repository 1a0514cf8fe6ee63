"""Parses the URI of a server and opens its listening sockets."""

import asyncio
import errno
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.network.port_owner import owner_of

BACKLOG = 1024
"""Maximum number of connections waiting to be accepted.

The limit is high, because all satellites reconnect at the same time after a power outage.
"""

# Maximum number of connections accepted from one socket per iteration of the event loop. Each takes up to 0.2 ms.
# Without this limit, asyncio would accept up to BACKLOG connections at once. Since Python 3.14, it accepts one more.
_ACCEPTS = 7

# Size of the send buffer in bytes. This is enough for 3 seconds of speech, which is more than a local network needs.
_SEND_BUFFER = 128 * 1024
_LAST_PORT = 65_535
_FREE_PORT = 10_200  # port suggested to users who are not permitted to use a port below 1024
_ALL_ADDRESSES = "0.0.0.0"  # noqa: S104 -- suggested to users, not bound
_ALL_BY_IPV6 = "::"
_NO_ADDRESS = "could not bind on any address"  # Asyncio's error if the host resolves to no address of this machine.
# Common mistakes for tcp://HOST:PORT: first HOST:PORT, http://HOST:PORT/ and PORT, then the same without a port.
_NEARLY_TCP = re.compile(r"(?:https?://)?(?:([\w.-]+):|:)?(\d+)/?")
_ONLY_HOST = re.compile(r"(?:https?://|tcp://)?([A-Za-z0-9][\w.-]*)/?")
_USUAL_PORTS = {"--uri": 10_200, "--http-uri": 10_280}
"""The port suggested for a host without a port, by option."""

_FORMS = {"tcp": "tcp://HOST:PORT", "unix": "unix://PATH", "stdio": "stdio://"}


@dataclass(frozen=True)
class Address:
    """The address of a server, parsed from a URI."""

    scheme: str
    host: str = ""
    port: int = 0
    path: str = ""
    sockets: tuple[socket.socket, ...] = field(default=(), compare=False)
    """Sockets that already listen on the address because the service manager opened them."""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """`HOST:PORT` as in a URL, or an empty string if the scheme is not `tcp`."""
        if self.scheme != "tcp":
            return ""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_uri(uri: str, *, option: str = "--uri", schemes: tuple[str, ...] = ("tcp", "unix", "stdio")) -> Address:
    """Parses `tcp://HOST:PORT`, `unix://PATH` or `stdio://`.

    Raises SettingsError if `uri` is invalid or its scheme is not in `schemes`. The message names `option`.
    """
    *most, last = [_FORMS[scheme] for scheme in schemes]
    meant = _meant(uri, option, schemes)
    hint = f" Did you mean {meant}?" if meant else ""
    refused = SettingsError(f"{option} {uri!r}: must be {', '.join(most)}{' or ' if most else ''}{last}.{hint}")
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError as error:
        raise refused from error
    if parts.scheme not in schemes:
        raise refused
    path = parts.netloc + parts.path
    if parts.scheme == "stdio":
        return Address("stdio")
    if parts.scheme == "unix" and path:
        return Address("unix", path=path)
    if parts.scheme == "tcp" and _is_host(parts.hostname) and port is not None and not parts.path.strip("/"):
        return Address("tcp", host=parts.hostname or "", port=port)
    raise refused


def _is_host(name: str | None) -> bool:
    """Returns whether `name` can be an address or a host name, whose parts have 1 to 63 letters."""
    try:
        return bool((name or "").encode("idna"))
    except UnicodeError:
        return False


def _meant(uri: str, option: str, schemes: tuple[str, ...]) -> str | None:
    """Returns the valid URI that a user who has written `uri` probably meant, or `None` if there is none."""
    if "unix" in schemes and uri.startswith("/") and len(uri) > 1:
        return f"unix://{uri}"
    if found := _NEARLY_TCP.fullmatch(uri):
        is_port = len(found[2]) <= len(str(_LAST_PORT)) and int(found[2]) <= _LAST_PORT
        return f"tcp://{found[1] or '127.0.0.1'}:{found[2]}" if is_port else None
    if option in _USUAL_PORTS and (found := _ONLY_HOST.fullmatch(uri)):
        return f"tcp://{found[1]}:{_USUAL_PORTS[option]}"
    return None


class Listening:
    """The listening sockets of a server."""

    def __init__(self, servers: Sequence[asyncio.Server]) -> None:
        self._servers = tuple(servers)

    def close(self) -> None:
        """Stops accepting connections. Does not close open connections.

        Connections that the kernel has accepted but the event loop has not are reset. If the service manager also holds
        the socket, they wait for the next server process instead.
        """
        for server in self._servers:
            server.close()


async def listen(
    address: Address, protocol: Callable[[], asyncio.BaseProtocol], *, option: str = "--uri"
) -> tuple[Listening, Address]:
    """Listens on a `tcp://` address or on the sockets in `address`. Returns the listening sockets and the address. If
    the port in `address` is 0, the returned address contains the actual port. If the host is `::`, accepts connections
    by IPv4 as well.

    Raises SettingsError if the address cannot be used.
    """
    loop = asyncio.get_running_loop()
    try:
        if address.sockets:
            return Listening([await _listen_on(opened, protocol) for opened in address.sockets]), address
        if address.host == _ALL_BY_IPV6 and socket.has_dualstack_ipv6():
            # asyncio would accept connections by IPv6 only.
            both = socket.create_server((address.host, address.port), family=socket.AF_INET6, dualstack_ipv6=True)
            server = await _listen_on(both, protocol)
        else:
            server = _set_up(await loop.create_server(protocol, address.host, address.port, backlog=_ACCEPTS))
    except OSError as error:
        owner = await asyncio.to_thread(owner_of, address.port) if error.errno == errno.EADDRINUSE else None
        raise unusable(address, error, option=option, owner=owner) from error
    return Listening([server]), replace(address, port=server.sockets[0].getsockname()[1])


async def _listen_on(opened: socket.socket, protocol: Callable[[], asyncio.BaseProtocol]) -> asyncio.Server:
    return _set_up(await asyncio.get_running_loop().create_server(protocol, sock=opened, backlog=_ACCEPTS))


async def listen_unix(path: str, protocol: Callable[[], asyncio.BaseProtocol]) -> Listening:
    """Listens on a Unix socket at `path`. Replaces an existing socket. Raises OSError."""
    server = await asyncio.get_running_loop().create_unix_server(protocol, path, backlog=_ACCEPTS)
    return Listening([_set_up(server)])


def unusable(address: Address, error: OSError, *, option: str = "--uri", owner: str | None = None) -> SettingsError:
    """Returns a SettingsError for an address that the server cannot listen on. For the most common errors of a `tcp`
    address, its message suggests a solution.

    `owner` is the program that already listens at this address, or `None` if it is not known.
    """
    reason, advice = error.strerror or str(error), ""
    if error.errno == errno.EADDRINUSE:
        reason = f"already in use by {owner}" if owner else "already in use"
        advice = f"Stop {'it' if owner else 'the program that uses it'}, or choose another port"
        other = replace(address, port=_next_port(address.port))
    elif error.errno == errno.EACCES:
        advice, other = "Ports below 1024 are reserved; choose another one", replace(address, port=_FREE_PORT)
    elif error.errno == errno.EADDRNOTAVAIL or _NO_ADDRESS in reason:
        reason = "this address does not belong to this machine"
        advice, other = "To listen on all addresses", replace(address, host=_ALL_ADDRESSES)
    else:
        other = address
    hint = " (an empty WYOMING_PIPER_SERIAL_HTTP_URI turns HTTP off)" if option == "--http-uri" else ""
    what_to_do = f" {advice}: {option} {other}" if advice and address.scheme == "tcp" else ""
    return SettingsError(f"{option} {address}: {reason}{hint}.{what_to_do}")


def _next_port(port: int) -> int:
    return port + 1 if port < _LAST_PORT else port - 1


def is_loopback(host: str) -> bool:
    """Returns whether `host` is `localhost` or a loopback address, to which only this machine can connect. Other names
    are not resolved."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _set_up(server: asyncio.Server) -> asyncio.Server:
    """Sets the backlog and the options of the listening sockets of `server`, and returns `server`."""
    for listening in server.sockets:
        _set_backlog(listening)
        if listening.family != socket.AF_UNIX:
            _set_options(listening)
    return server


def _set_backlog(listening: socket.socket) -> None:
    """Sets the backlog of the socket to BACKLOG. asyncio still accepts at most _ACCEPTS connections at once."""
    with listening.dup() as same:
        same.listen(BACKLOG)


def _set_options(listening: socket.socket) -> None:
    """Sets socket options that accepted connections inherit from the listening socket."""
    # With the kernel's default size, minutes of speech could be buffered for a client that has stopped reading.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    # A client that loses power does not close its connection. To detect this, the kernel sends keepalive probes after
    # one minute of silence, and then every 10 seconds.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 6)):
        if hasattr(socket, option):
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
