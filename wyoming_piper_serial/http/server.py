"""The HTTP server: creates the ASGI application, and starts, drains and stops the server."""

import asyncio
import logging
from email.utils import formatdate

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from wyoming_piper_serial import __version__
from wyoming_piper_serial.exceptions import BadRequest
from wyoming_piper_serial.http import api, openai, operations, pronunciation, websocket
from wyoming_piper_serial.http.access import Access, AccessMiddleware
from wyoming_piper_serial.http.connection import HttpConnection
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.errors import body_of
from wyoming_piper_serial.http.exception_handlers import add_exception_handlers
from wyoming_piper_serial.http.open_connections import HttpConnections
from wyoming_piper_serial.http.response import RATE_HEADER
from wyoming_piper_serial.http.scopes import run_by_connection
from wyoming_piper_serial.network.address import Address, is_loopback, listen
from wyoming_piper_serial.network.connection_limiter import ConnectionLimiter

_LOGGER = logging.getLogger(__name__)

_LOOK_PERIOD = 1.0  # Seconds between two checks of the connections, and the maximum age of the Date header.
# A timeout in seconds that never passes. It turns off uvicorn's keep-alive timeout, which does not apply before the
# first request. `HttpConnections` limits this time instead.
_NEVER = 10**9


def endpoints(context: HttpContext) -> FastAPI:
    """Returns a FastAPI application with all endpoints. The caller must wrap the application in `AccessMiddleware`."""
    # FastAPI's documentation pages are turned off, because they load scripts from another site. /openapi.json is
    # available.
    app = FastAPI(
        title="wyoming_piper_serial",
        version=__version__,
        summary="Speech from Piper voices for many clients at once.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the server does not know its own URL behind a proxy
    )
    for part in (api, openai, pronunciation, websocket, operations):
        app.include_router(part.router(context))
    add_exception_handlers(app, context.reporter)
    # FastAPI caches the result, because creating it during a request would block the event loop for too long.
    app.openapi()
    return app


class _Cors(CORSMiddleware):
    """Answers a preflight request that is not allowed with an error in the usual form."""

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        error = BadRequest("The origin, the method or a header of this request is not allowed.")
        return JSONResponse(body_of(error), response.status_code, headers)


def application(context: HttpContext, *, local: bool) -> ASGIApp:
    """Returns the complete ASGI application. `local` says whether only this machine can reach the server."""
    app = endpoints(context)
    http, limits = context.settings.http, context.settings.limits
    if http.cors:
        app.add_middleware(
            _Cors,
            allow_origins=http.cors,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],  # OpenAI's JavaScript client sends headers of its own
            expose_headers=[RATE_HEADER, "Content-Range"],
        )
    access = Access(cors=http.cors, token=http.token, local=local, embed_anywhere=http.embed_anywhere)
    return run_by_connection(AccessMiddleware(app, access=access, max_body=limits.max_data, reporter=context.reporter))


class HttpServer:
    """Accepts HTTP connections until `abort` is called."""

    def __init__(self, address: Address, context: HttpContext, limiter: ConnectionLimiter) -> None:
        settings = context.settings
        self.address = address
        """The address that the server listens on. After `start`, it contains the actual port."""

        self._connections = HttpConnections(
            self._new_protocol,
            limiter,
            settings.timeouts,
            new_input=context.synthesizer.new_input,
            reporter=context.reporter,
            shutdown=context.shutdown,
        )
        self._config = Config(
            application(context, local=is_loopback(address.host)),
            http="h11",
            ws="websockets-sansio",
            ws_max_size=settings.limits.max_data,
            # TCP keep-alive detects lost clients, and the stall timeout detects clients that do not read.
            ws_ping_interval=None,
            # Compression would hardly make audio smaller, but would need memory for each WebSocket.
            ws_per_message_deflate=False,
            timeout_keep_alive=_NEVER,
            h11_max_incomplete_event_size=settings.limits.max_header,
            lifespan="off",
            proxy_headers=False,  # access control uses the address of the TCP connection
            server_header=False,
            access_log=False,
            log_config=None,
        )
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts to accept connections. Raises SettingsError if the address cannot be used."""
        # This package logs errors itself, and uvicorn would log each error a second time.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        self._config.load()
        self._server, self.address = await listen(self.address, self._connections.new_connection, option="--http-uri")
        self._looking = asyncio.create_task(self._look())

    def drain(self) -> None:
        """Closes idle connections now and other connections after their current responses. The shutdown must have
        begun.

        The server continues to accept connections, so that an orchestrator can ask whether it is ready.
        """
        self._connections.drain()

    async def wait_closed(self) -> None:
        """Waits until all connections are closed."""
        await self._connections.wait_closed()

    async def abort(self) -> None:
        """Stops accepting connections, closes all connections at once, and cancels their requests."""
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
