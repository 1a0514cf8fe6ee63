"""The HTTP server: what it is made of, and its life from the first connection to the last."""

import asyncio
import logging
from email.utils import formatdate
from functools import partial

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from uvicorn.config import Config
from uvicorn.server import ServerState

from wyoming_piper_serial import __version__
from wyoming_piper_serial.http import api, openai, operations, websocket
from wyoming_piper_serial.http.access import Access, AccessMiddleware
from wyoming_piper_serial.http.connections import HttpConnections
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.errors import answer_errors
from wyoming_piper_serial.http.protocols import HttpProtocol, WebSocketProtocol
from wyoming_piper_serial.network.address import Address, is_loopback, listen
from wyoming_piper_serial.network.limiter import ConnectionLimiter

_LOGGER = logging.getLogger(__name__)

_KEEP_ALIVE = 60.0  # seconds for a connection with nothing to do, without --idle-timeout: HTTP clients just come again
_LOOK_PERIOD = 1.0  # seconds; also how old the Date header may be


def application(context: HttpContext, *, local: bool) -> AccessMiddleware:
    """All endpoints; `local` if only this machine can reach them."""
    # FastAPI's own pages of documentation load scripts from elsewhere; the description they show is /openapi.json.
    app = FastAPI(
        title="wyoming_piper_serial",
        version=__version__,
        summary="Speech from Piper voices, one at a time, for everyone at once.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # an address of our own making would be wrong behind a proxy
    )
    for part in (api, openai, websocket, operations):
        app.include_router(part.router(context))
    app.mount("/page", operations.page_files())
    answer_errors(app, context.error_sent)
    app.openapi()  # kept: to describe all takes too long for the event loop
    http, limits = context.settings.http, context.settings.limits
    if http.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=http.cors,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
        )
    return AccessMiddleware(
        app,
        access=Access(cors=http.cors, token=http.token, local=local),
        max_body=limits.max_data,
        error_sent=context.error_sent,
    )


class HttpServer:
    """Accepts HTTP connections until drained."""

    def __init__(self, address: Address, context: HttpContext, limiter: ConnectionLimiter) -> None:
        settings = context.settings
        self.address = address
        self._context = context
        self._guard = HttpConnections(limiter, settings.timeouts, error_sent=context.error_sent)
        self._config = Config(
            application(context, local=is_loopback(address.host)),
            http="h11",
            ws=partial(WebSocketProtocol, self._guard),  # type: ignore[arg-type]  # called as the class would be
            ws_max_size=settings.limits.max_data,
            ws_ping_interval=None,  # TCP asks whether a client is there, and the guard whether it reads
            ws_per_message_deflate=False,  # sound does not get smaller, and each socket would hold a window
            timeout_keep_alive=settings.timeouts.idle or _KEEP_ALIVE,  # type: ignore[arg-type]  # a delay as any other
            h11_max_incomplete_event_size=settings.limits.max_header,
            lifespan="off",
            proxy_headers=False,  # who may come in is decided by who is really there
            server_header=False,
            access_log=False,
            log_config=None,
        )
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to accept. Raises SettingsError where the address cannot be used."""
        # What goes wrong is told and logged by us; uvicorn would add a line for each scanner, with no more in it.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        self._config.load()
        protocol = partial(HttpProtocol, self._guard, config=self._config, server_state=self._state)
        self._server, self.address = await listen(self.address, protocol, option="--http-uri")
        self._looking = asyncio.create_task(self._look())

    def drain(self) -> None:
        """Let those go who ask for nothing, and the others when they are answered.

        Who comes now is told so: an orchestrator learns that the server is ending by asking.
        """
        self._guard.draining = True
        self._context.draining.set()
        for connection in list(self._state.connections):
            if isinstance(connection, HttpProtocol):
                connection.shutdown()

    async def wait_closed(self) -> None:
        """Wait until all connections are closed."""
        await self._guard.wait_empty()

    async def abort(self) -> None:
        """Accept nothing more, and drop who is still there."""
        self.drain()
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._looking is not None:
            self._looking.cancel()
        self._guard.abort()
        tasks = set(self._state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            self._state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
            try:
                self._guard.look()
            except Exception:
                _LOGGER.exception("the HTTP connections could not be looked after")
            await asyncio.sleep(_LOOK_PERIOD)
