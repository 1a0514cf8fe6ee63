"""The HTTP server: creates the ASGI application, and starts, drains and stops the server."""

import asyncio
import logging
from email.utils import formatdate
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from wyoming_piper_serial import __version__
from wyoming_piper_serial.exceptions import BadRequest
from wyoming_piper_serial.http import api, openai, operations, pronunciation, websocket
from wyoming_piper_serial.http.access import Access, AccessMiddleware
from wyoming_piper_serial.http.connection import HttpConnection
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.description import Description
from wyoming_piper_serial.http.errors import body_of, raw_response
from wyoming_piper_serial.http.exception_handlers import add_exception_handlers
from wyoming_piper_serial.http.open_connections import HttpConnections
from wyoming_piper_serial.http.response import RATE_HEADER
from wyoming_piper_serial.http.scopes import run_by_connection
from wyoming_piper_serial.http.voices import changing, downloads, lexicon, listing, presets, samples, uploads
from wyoming_piper_serial.network.address import Address, Listening, is_loopback, listen
from wyoming_piper_serial.network.connection_limiter import ConnectionLimiter
from wyoming_piper_serial.network.proxied import ProxyGate
from wyoming_piper_serial.observe.reporter import Reporter
from wyoming_piper_serial.settings import Settings

_LOGGER = logging.getLogger(__name__)

_LOOK_PERIOD = 1.0  # Seconds between two checks of the connections, and the maximum age of the Date header.

# A timeout in seconds that never expires. It turns off uvicorn's keep-alive timeout, which does not apply before the
# first request. `HttpConnections` has its own timeout for idle connections.
_NEVER = 10**9


# The modules that define the endpoints. Their order matters: `/api/voices/default` must not be matched as a voice named
# `default`.
_PARTS = (
    *(api, openai, pronunciation, websocket, operations),
    *(listing, downloads, presets, lexicon, changing, samples, uploads),
)


def endpoints(context: HttpContext) -> FastAPI:
    """Returns a FastAPI application with all endpoints. The caller must wrap the application in `AccessMiddleware`."""
    # FastAPI's documentation pages are turned off, because they load scripts from another site. `Description` replaces
    # FastAPI's own endpoint.
    app = FastAPI(
        title="wyoming_piper_serial",
        version=__version__,
        summary="Speech from Piper voices for many clients at once.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the server does not know its own URL behind a proxy
    )
    app.add_api_route("/openapi.json", Description(app).response, include_in_schema=False)
    # The routes are added directly, because FastAPI analyses included routes twice, the second time during a request.
    app.router.routes += [route for part in _PARTS for route in part.router(context).routes]
    methods: dict[str, set[str]] = {}
    for route in app.router.routes:
        if isinstance(route, APIRoute):
            methods.setdefault(route.path_format, set()).update(route.methods or ())
    add_exception_handlers(app, context.reporter, methods)
    return app


class _Cors(CORSMiddleware):
    """Responds to a preflight request that is not allowed with an error in the usual format."""

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        error = BadRequest("The origin, the method or a header of this request is not allowed.")
        return JSONResponse(body_of(error), response.status_code, headers)


def protected(app: ASGIApp, settings: Settings, reporter: Reporter, *, local: bool) -> ASGIApp:
    """Returns the complete ASGI application, which checks requests before it passes them to `app`. `local` says whether
    only this machine can reach the server."""
    http, limits = settings.http, settings.limits
    if http.cors:
        app = _Cors(
            app,
            allow_origins=http.cors,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],  # OpenAI's JavaScript client sends additional headers
            expose_headers=[RATE_HEADER, "Content-Range"],
        )
    access = Access(cors=http.cors, hosts=http.hosts, token=http.token, local=local, embed_anywhere=http.embed_anywhere)
    return run_by_connection(AccessMiddleware(app, access=access, max_body=limits.max_data, reporter=reporter))


class HttpServer:
    """Serves HTTP and WebSocket connections at one address."""

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
        self._gate = ProxyGate(
            settings.proxy_from,
            timeout=settings.timeouts.proxy,
            protocol="http",
            error_bytes=lambda error: raw_response(HTTPStatus.BAD_REQUEST, error),
            reporter=context.reporter,
        )
        self._context = context
        self._local = is_loopback(address.host)
        self._endpoints = endpoints(context)
        self._application = self._protected()
        self._config = Config(
            self._run_application,
            interface="asgi3",
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
            proxy_headers=False,  # access control must use the address of the TCP connection
            server_header=False,
            access_log=False,
            log_config=None,
        )
        self._state = ServerState()
        self._listening: Listening | None = None
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts accepting connections. Raises SettingsError if the address cannot be used."""
        # This package logs errors itself. uvicorn would log each error a second time.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        self._config.load()
        new_connection = self._gate.behind(self._connections.new_connection)
        self._listening, self.address = await listen(self.address, new_connection, option="--http-uri")
        self._looking = asyncio.create_task(self._look())

    async def reload(self, settings: Settings) -> None:
        """Applies changed settings to new requests. WebSockets that are open stay open.

        The endpoints are not created again. That would take long, and FastAPI keeps its last applications in memory.
        """
        self._context.settings = self._context.changes.settings = settings
        self._application = self._protected()
        self._gate.networks = settings.proxy_from

    def drain(self) -> None:
        """Closes idle connections, and closes other connections after their current responses. A connection younger
        than a second may still send its first request. The shutdown must have begun.

        The server continues to accept connections, so an orchestrator can send readiness probes. However, if the
        service manager holds the socket, new connections wait there for the next server process.
        """
        if self.address.sockets:
            self._close_sockets()
        self._connections.drain()

    async def wait_closed(self) -> None:
        """Waits until all connections are closed."""
        await self._connections.wait_closed()

    async def abort(self) -> None:
        """Stops accepting connections, closes all connections at once, and cancels their requests."""
        self._close_sockets()
        if self._looking is not None:
            self._looking.cancel()
        self._connections.abort()
        tasks = set(self._state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._connections.wait_closed()

    def _protected(self) -> ASGIApp:
        return protected(self._endpoints, self._context.settings, self._context.reporter, local=self._local)

    async def _run_application(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope, receive, send)

    def _close_sockets(self) -> None:
        self._gate.abort()
        if self._listening is not None:
            self._listening.close()
            self._listening = None

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
