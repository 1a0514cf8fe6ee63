"""The HTTP server: the ASGI application, and the server's start, drain and end."""

import asyncio
import logging
from email.utils import formatdate

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from wyoming_piper_serial import __version__
from wyoming_piper_serial.http import api, openai, operations, websocket
from wyoming_piper_serial.http.access import Access, AccessMiddleware
from wyoming_piper_serial.http.connection import HttpConnection, run_by_connection
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.exception_handlers import add_exception_handlers
from wyoming_piper_serial.http.open_connections import HttpConnections
from wyoming_piper_serial.network.address import Address, is_loopback, listen
from wyoming_piper_serial.network.connection_limiter import ConnectionLimiter

_LOGGER = logging.getLogger(__name__)

_LOOK_PERIOD = 1.0  # seconds between two looks at the connections; also the greatest age of the Date header
_NEVER = 10**9  # seconds: `HttpConnections` has the keep-alive timeout, as it also counts before the first request


def application(context: HttpContext, *, local: bool) -> ASGIApp:
    """The ASGI application with all endpoints. `local`: only this machine can reach the server."""
    # FastAPI's documentation pages load scripts from another site; the description that they show is /openapi.json.
    app = FastAPI(
        title="wyoming_piper_serial",
        version=__version__,
        summary="Speech from Piper voices, one at a time, for everyone at once.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the server does not know its own URL behind a proxy
    )
    for part in (api, openai, websocket, operations):
        app.include_router(part.router(context))
    app.mount("/page", operations.page_files())
    add_exception_handlers(app, context.reporter)
    app.openapi()  # FastAPI keeps the result; to create it takes too long for the event loop
    http, limits = context.settings.http, context.settings.limits
    if http.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=http.cors,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
        )
    access = Access(cors=http.cors, token=http.token, local=local)
    return run_by_connection(AccessMiddleware(app, access=access, max_body=limits.max_data, reporter=context.reporter))


class HttpServer:
    """Accepts HTTP connections from `start` to `abort`."""

    def __init__(self, address: Address, context: HttpContext, limiter: ConnectionLimiter) -> None:
        settings = context.settings
        self.address = address
        """Where the server listens; with the port that it was given, after `start`."""

        self._connections = HttpConnections(
            self._new_protocol, limiter, settings.timeouts, reporter=context.reporter, shutdown=context.shutdown
        )
        self._config = Config(
            application(context, local=is_loopback(address.host)),
            http="h11",
            ws="websockets-sansio",
            ws_max_size=settings.limits.max_data,
            ws_ping_interval=None,  # TCP keep-alive finds a lost client, and the stall timeout one that reads nothing
            ws_per_message_deflate=False,  # audio does not get smaller, and each WebSocket would hold a window
            timeout_keep_alive=_NEVER,
            h11_max_incomplete_event_size=settings.limits.max_header,
            lifespan="off",
            proxy_headers=False,  # access depends on the address of the connection itself
            server_header=False,
            access_log=False,
            log_config=None,
        )
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to accept connections. Raises SettingsError if the address cannot be used."""
        # Errors are sent and logged by this package; uvicorn would log a line for each scanner that says less.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        self._config.load()
        self._server, self.address = await listen(self.address, self._connections.new_connection, option="--http-uri")
        self._looking = asyncio.create_task(self._look())

    def drain(self) -> None:
        """Close idle connections now, and each other one when its response is complete. The shutdown must have begun.

        New connections are accepted: an orchestrator asks whether the server is ready, and is answered that it is not.
        """
        self._connections.drain()

    async def wait_closed(self) -> None:
        """Wait until all connections are closed."""
        await self._connections.wait_closed()

    async def abort(self) -> None:
        """Accept no more connections, close all at once, and cancel their requests."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._looking is not None:
            self._looking.cancel()
        self._connections.abort()
        tasks = set(self._state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._connections.wait_closed()

    def _new_protocol(self, connection: HttpConnection) -> H11Protocol:
        return H11Protocol(config=self._config, server_state=self._state, app_state=connection.asgi_state)

    async def _look(self) -> None:
        while True:
            self._state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
            try:
                self._connections.look()
            except Exception:
                _LOGGER.exception("the HTTP connections could not be checked")
            await asyncio.sleep(_LOOK_PERIOD)
