"""A WebSocket endpoint that receives text as it is written and sends speech as it is synthesized.

    client: {"type": "start", "voice": ..., "speed": ...}     see `StartMessage`; also "token"; all optional
            {"type": "text", "text": "Hello. "} ...
            {"type": "end"}
    server: {"type": "start", "rate": 22050, "width": 2, "channels": 1}
            {"type": "progress", "state": "waiting", "before": 2} ...      only with "progress": true
            {"type": "timing", "number": 1, ...}                           only with "timings": true
            binary messages of PCM ...
            {"type": "end"}

With "max_ahead", the client sends {"type": "played", "seconds": ...} during playback. After the server's "end", or with
"replace", the client may send another "start". If an error occurs, the server sends {"type": "error", "code": ...,
"text": ...} and closes the WebSocket.
"""

import asyncio
import contextlib
import json
import logging
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from wyoming_piper_serial.exceptions import AccessError, BadRequest, InternalError, PiperSerialError
from wyoming_piper_serial.http.access import Access, bearer, speaking_client
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.errors import close_code_of, describe_validation_error, refusing, retry_after
from wyoming_piper_serial.http.scopes import connection_of
from wyoming_piper_serial.http.websocket_speech import SocketSpeech, StartMessage
from wyoming_piper_serial.network.json_bounds import json_fault
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.shutdown import cancel
from wyoming_piper_serial.synthesis import RequestStatus, SpeechRequest

_LOGGER = logging.getLogger(__name__)

_GOING_AWAY = 1001  # status code for closing a WebSocket (RFC 6455, section 7.4.1)
_MOST_PLAYED = 1e9  # maximum seconds in a "played" message; no speech is that long


def router(context: HttpContext) -> APIRouter:
    """Returns the WebSocket endpoint, `/api/stream`."""
    routes = APIRouter()

    @routes.websocket("/api/stream")
    async def stream(socket: WebSocket) -> None:
        try:
            client = speaking_client(socket.scope)
        except AccessError as error:
            context.reporter.error_sent(error, connection_of(socket.scope).client)
            await refusing(error)(socket.scope, socket.receive, socket.send)
            return
        await socket.accept()
        await _Stream(socket, context, client).run()

    return routes


class _Stream:
    """Serves one WebSocket. Messages are also read during speech, so a disconnect is detected at once."""

    def __init__(self, socket: WebSocket, context: HttpContext, client: Client) -> None:
        self._socket = socket
        self._context = context
        self._client = client
        self._request: SpeechRequest | None = None
        """The request whose text is not complete, or `None`."""

        self._speech: SocketSpeech | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._replaced: set[asyncio.Task[None]] = set()
        """Tasks of replaced speech that have not ended. They send nothing, but may still have a place in the queue."""

    async def run(self) -> None:
        """Serves requests until the client disconnects, is idle for too long or receives an error, or until the server
        shuts down."""
        try:
            await self._answer()
        except PiperSerialError as error:
            await self._send_error(error)
        except (OSError, WebSocketDisconnect):
            pass  # the client has disconnected
        except Exception:
            _LOGGER.exception("%s: a message could not be handled", self._client)
            await self._send_error(InternalError())
        finally:
            speaking, self._speaking = self._speaking, None  # breaks a reference cycle with the traceback
            await cancel(speaking, *self._replaced)

    async def _answer(self) -> None:
        """Answers messages until the client disconnects or is idle for too long. During a shutdown, returns when the
        current speech has ended. Raises PiperSerialError if a request fails."""
        receiving = asyncio.create_task(self._receive())
        ending = asyncio.create_task(self._context.shutdown.wait())
        try:
            while await self._go_on(receiving, ending):
                if receiving.done():
                    receiving = asyncio.create_task(self._receive())
        finally:
            await cancel(receiving, ending)

    async def _go_on(self, receiving: "asyncio.Task[dict[str, Any] | None]", ending: "asyncio.Task[None]") -> bool:
        """Waits for the next message, the end of the speech, the shutdown or the idle timeout, and handles it. Returns
        whether the WebSocket is still open.

        The message is freed when this method returns, because it may have half a megabyte, and the client may send
        nothing more for hours.
        """
        done = await self._wait({receiving, ending})
        if self._speaking in done:
            self._end_speech()
        if receiving in done:
            message = receiving.result()
            if message is None:
                return False
            self._on_message(message)
        if self._speaking is None and (ending.done() or not done):
            await self._socket.close(_GOING_AWAY)
            return False
        return True

    async def _wait(self, tasks: set[asyncio.Task[Any]]) -> set[asyncio.Task[Any]]:
        """Waits until a running task of `tasks` or the current speech ends. Ignores tasks that have already ended.

        Returns the tasks that have ended during the wait. Without current speech, returns an empty set after the idle
        timeout.
        """
        waits = {task for task in tasks if not task.done()}
        idle = self._context.settings.timeouts.idle or None
        if self._speaking is not None:
            waits.add(self._speaking)
            idle = None
        done, _ = await asyncio.wait(waits, timeout=idle, return_when=asyncio.FIRST_COMPLETED)
        return done

    def _end_speech(self) -> None:
        """Clears the state of speech that has ended, so that the next speech can start. Raises the error that ended the
        speech, if any."""
        speaking, self._speaking, self._speech, self._request = self._speaking, None, None, None
        if speaking is not None:
            speaking.result()

    async def _receive(self) -> dict[str, Any] | None:
        """Returns the next message, or `None` if the client has disconnected. Raises BadRequest if the message is not
        valid."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text = message.get("text") or ""
        if fault := json_fault(text.encode()):
            raise BadRequest(f"A message {fault}.")
        try:
            content = json.loads(text)
        except ValueError as error:
            raise BadRequest("A message must be JSON.") from error
        if not isinstance(content, dict):
            raise BadRequest('A message must be an object with a "type".')
        return content

    def _on_message(self, message: dict[str, Any]) -> None:
        """Handles one message. Raises PiperSerialError if the message is not valid or is refused, for example if the
        token is wrong or the text is too long."""
        _LOGGER.debug("%s: received %.40r", self._client, message.get("type"))
        match message.get("type"):
            case "start":
                self._start(message)
            case "text":
                text = message.get("text")
                if not isinstance(text, str):
                    raise BadRequest("The text to speak is missing or is not a string.")
                self._open().text.add(text)
            case "end":
                self._open().text.end()
                self._request = None
            case "played":
                self._note_played(message.get("seconds"))
            case _:
                raise BadRequest('The type of a message must be "start", "text", "end" or "played".')

    def _start(self, message: dict[str, Any]) -> None:
        if self._speaking is not None and message.get("replace") is not True:
            raise BadRequest('The previous speech has not ended. Wait for its "end", or open another connection.')
        token = message.get("token", bearer(self._socket.headers))
        Access(token=self._context.settings.http.token).check_token(token if isinstance(token, str) else None)
        try:
            start = StartMessage.model_validate(message)
        except ValidationError as error:
            raise BadRequest(describe_validation_error(error.errors()[0])) from error
        request = start.request(self._context, self._client)
        self._request = request = replace(request, streamed=True, timed=start.timings, instead_of=self._end_replaced())
        speech = self._speech = SocketSpeech(
            start,
            request,
            self._context.synthesizer,
            send_json=self._socket.send_json,
            send_bytes=self._socket.send_bytes,
        )
        self._speaking = asyncio.create_task(speech.run())
        # The callback is also called if the task is cancelled before it runs.
        self._speaking.add_done_callback(lambda _: request.text.close())

    def _end_replaced(self) -> RequestStatus | None:
        """Mutes the current speech. Cancels it unless it is still in the queue.

        Returns the status of the request whose place in the queue the next request takes over, or `None` if there is
        none. A muted request keeps its place until then.
        """
        speech, speaking = self._speech, self._speaking
        if speech is None or speaking is None:
            return None
        speech.mute()
        self._replaced.add(speaking)
        speaking.add_done_callback(self._forget)
        if speech.request.status.in_queue:
            return speech.request.status
        speaking.cancel()
        # The ended speech may itself have been about to take the place of an earlier request.
        return speech.request.instead_of

    def _forget(self, replaced: "asyncio.Task[None]") -> None:
        self._replaced.discard(replaced)
        if not replaced.cancelled():
            replaced.exception()  # marks the exception as retrieved; it is not sent to the client

    def _note_played(self, seconds: object) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= _MOST_PLAYED:
            raise BadRequest('The "seconds" that were played must be a number.')
        if self._speech is not None:  # the speech may have ended in the meantime
            self._speech.note_played(float(seconds))

    def _open(self) -> SpeechRequest:
        if self._request is None:
            raise BadRequest('A "start" must be sent before this message.')
        return self._request

    async def _send_error(self, error: PiperSerialError) -> None:
        self._context.reporter.error_sent(error, self._client)
        await cancel(self._speaking)  # otherwise, audio could be sent after the error
        message: dict[str, Any] = {"type": "error", "code": error.code, "text": str(error)}
        if (seconds := retry_after(error)) is not None:
            message["retry_after"] = seconds
        with contextlib.suppress(OSError, RuntimeError, WebSocketDisconnect):
            await self._socket.send_json(message)
            await self._socket.close(close_code_of(error))
