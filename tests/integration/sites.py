"""Web servers for tests of the page in a browser: a page of another origin, and a proxy that strips a path prefix."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

_END = b"\r\n\r\n"


@contextlib.asynccontextmanager
async def site(page: str = "<!doctype html><title>Another site</title>") -> AsyncIterator[str]:
    """Serve the HTML `page` at every path on a free port. Yield the origin."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(_END)
            body = page.encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@contextlib.asynccontextmanager
async def prefix_proxy(port: int, prefix: str) -> AsyncIterator[str]:
    """Run a proxy for the server at `port` that removes `prefix` from all paths and sends its own host in
    `X-Forwarded-Host`, like Home Assistant's ingress. Yield the public URL of the server, which ends with a slash.
    """

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(_END)
        except asyncio.IncompleteReadError:  # raised if the browser opens a connection in advance and sends no request
            writer.close()
            return
        request, *fields = head.removesuffix(_END).decode().split("\r\n")
        method, path, version = request.split(" ")
        if not path.startswith(f"{prefix}/"):
            writer.write(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        kept = [field for field in fields if not field.lower().startswith(("host:", "connection:"))]
        upgrade = any(field.lower().startswith("upgrade:") for field in kept)
        kept += [f"Host: 127.0.0.1:{port}", f"X-Forwarded-Host: {host}"]
        kept += [f"Connection: {'Upgrade' if upgrade else 'close'}"]
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        lines = [f"{method} {path.removeprefix(prefix)} {version}", *kept]
        inner_writer.write("\r\n".join(lines).encode() + _END)
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))

    server = await asyncio.start_server(forward, "127.0.0.1", 0)
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield f"http://{host}{prefix}/"
