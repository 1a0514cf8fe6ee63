"""The server uses the client address in the PROXY protocol header of connections from trusted proxies."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest

from tests.network.test_proxy_header import version_2
from wyoming_piper_serial.exceptions import BadProxyHeader
from wyoming_piper_serial.network.address import Address, listen
from wyoming_piper_serial.network.proxied import MAX_WAITING, ProxyGate
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.reporter import Reporter

V1 = b"PROXY TCP4 192.0.2.7 192.0.2.1 50000 10200\r\n"


class Echo(asyncio.StreamReaderProtocol, asyncio.BufferedProtocol):
    """A protocol that sends each client its peer name and echoes its data."""

    def __init__(self) -> None:
        super().__init__(asyncio.StreamReader(), self._echo)
        self._buffer = memoryview(bytearray(16 * 1024))

    async def _echo(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = writer.get_extra_info("peername")
        writer.write(f"{host} {port if host == '192.0.2.7' else '-'}\n".encode())
        with contextlib.suppress(ConnectionError):
            writer.write(await reader.read())
            await writer.drain()
        writer.close()

    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(bytes(self._buffer[:nbytes]))


class Bench:
    """An echo server behind a `ProxyGate`."""

    def __init__(self, *networks: str, timeout: float) -> None:
        self.metrics = Metrics()
        self.gate = ProxyGate(
            [ip_network(network) for network in networks],
            timeout=timeout,
            protocol="wyoming",
            error_bytes=lambda error: f"error: {error}\n".encode(),
            reporter=Reporter(self.metrics),
        )
        self.address = Address("tcp", "127.0.0.1", 0)

    async def connect(self, own: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self.address.host, self.address.port, local_addr=(own, 0))

    async def exchange(self, *pieces: bytes, own: str = "127.0.0.1") -> bytes:
        """Send the pieces one after another, end the output, and return all data from the server."""
        reader, writer = await self.connect(own)
        with contextlib.closing(writer):
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0)  # gives the server time to read each piece separately
            writer.write_eof()
            async with asyncio.timeout(10):
                return await reader.read()


@contextlib.asynccontextmanager
async def bench(*networks: str, seconds: float = 60.0) -> AsyncIterator[Bench]:
    made = Bench(*networks, timeout=seconds)
    listening, made.address = await listen(made.address, made.gate.behind(Echo))
    with contextlib.closing(listening):
        yield made
        made.gate.abort()


async def test_server_sees_the_client_of_a_trusted_proxy() -> None:
    """The server receives the client's address and all data after the header, however the bytes are split."""
    v2 = version_2(0x21, 0x11, bytes([192, 0, 2, 7, 192, 0, 2, 1]) + (50000).to_bytes(2) + bytes(2) + b"\x04\0\x01x")
    async with bench("127.0.0.0/30") as echo:
        for header in (V1, v2):
            assert await echo.exchange(header + b"hello") == b"192.0.2.7 50000\nhello"
            assert await echo.exchange(header, b"hello") == b"192.0.2.7 50000\nhello"
            assert await echo.exchange(header + b"x" * 5000, b"y" * 5000) == b"192.0.2.7 50000\n" + (
                b"x" * 5000 + b"y" * 5000
            )
            pieces = [bytes([byte]) for byte in header + b"hello"]
            assert await echo.exchange(*pieces) == b"192.0.2.7 50000\nhello"


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", version_2(0x20, 0, b"")], ids=["unknown", "local"])
async def test_proxy_itself_keeps_its_address(header: bytes) -> None:
    """Health checks by the proxy, and connections of clients without an IP address, count as connections from the
    address of the proxy."""
    async with bench("127.0.0.2") as echo:
        assert await echo.exchange(header + b"hello", own="127.0.0.2") == b"127.0.0.2 -\nhello"


async def test_other_networks_send_no_header() -> None:
    """Connections from other addresses are passed on unchanged, even if they begin with a header."""
    async with bench("127.0.0.2") as echo:
        assert await echo.exchange(V1 + b"hello") == b"127.0.0.1 -\n" + V1 + b"hello"
        echo.gate.networks = ()
        assert await echo.exchange(b"hello", own="127.0.0.2") == b"127.0.0.2 -\nhello"


@pytest.mark.parametrize(
    "sent", [b'{"type": "describe"}\n', b"PROXY TCP4 nonsense\r\nhello", b"\r\n\r\n\x01" + b"x" * 9000]
)
async def test_proxy_without_a_valid_header_is_refused(sent: bytes) -> None:
    """A trusted proxy that sends no valid header gets one error, which states that a PROXY header is required."""
    async with bench("127.0.0.1") as echo:
        answer = await echo.exchange(sent[:60], sent[60:])
        assert answer.startswith(b"error: The ")
        assert answer.endswith(b"This server requires a PROXY header on connections from your address.\n")
        assert answer.count(b"\n") == 1
        assert echo.metrics._errors == {BadProxyHeader.code: 1}


async def test_header_must_arrive_in_time() -> None:
    """A trusted proxy whose header is incomplete when the timeout expires gets an error."""
    async with bench("127.0.0.1", seconds=0.0) as echo:
        reader, writer = await echo.connect()
        writer.write(V1[:20])
        async with asyncio.timeout(10):
            assert b"was not complete within 0 seconds" in await reader.read()
        writer.close()


async def test_connection_that_ends_before_its_header_is_forgotten() -> None:
    """A trusted proxy that connects and disconnects, as in a simple health check, gets no error and is no longer
    counted."""
    async with bench("127.0.0.1") as echo:
        assert await echo.exchange() == b""
        assert await echo.exchange(V1[:9]) == b""
        async with asyncio.timeout(10):
            while repr(echo.gate) != "<ProxyGate 0 waiting>":
                await asyncio.sleep(0)  # gives the server time to notice the disconnect
        assert not echo.metrics._errors


async def test_waiting_connections_are_limited_and_aborted() -> None:
    """At most MAX_WAITING connections wait for a header. `abort` closes only these connections."""
    async with bench("127.0.0.1") as echo, asyncio.timeout(10):
        stack = contextlib.ExitStack()
        served = await echo.connect()
        served[1].write(V1)
        assert await served[0].readline() == b"192.0.2.7 50000\n"
        for _ in range(MAX_WAITING):
            stack.enter_context(socket.create_connection((echo.address.host, echo.address.port)))
        while repr(echo.gate) != f"<ProxyGate {MAX_WAITING} waiting>":
            await asyncio.sleep(0)  # gives the server time to accept the connections
        with contextlib.suppress(OSError):  # raised if the server resets the connection before the client reads
            assert await echo.exchange(V1) == b""
        echo.gate.abort()
        while repr(echo.gate) != "<ProxyGate 0 waiting>":
            await asyncio.sleep(0)  # gives the server time to close the connections
        served[1].write(b"hello")
        served[1].write_eof()
        assert await served[0].read() == b"hello"
        served[1].close()
        stack.close()
