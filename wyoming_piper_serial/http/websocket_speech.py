"""One request for speech on a WebSocket: its `start` message, and the messages that the server sends for it."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH, AudioFormat
from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.http.preset_values import no_bool
from wyoming_piper_serial.http.response import NameOrNumber, SpeechParameters
from wyoming_piper_serial.shutdown import cancel
from wyoming_piper_serial.synthesis import SpeechRequest, Synthesizer, WaitsFor

_PROGRESS_PERIOD = 0.2  # seconds between two checks of the progress; only changes are sent

# Maximum number of bytes of audio in one message. Before each message, the server waits until the client has read most
# of the previous ones, so a long sentence that is synthesized at once does not fill the connection's buffer.
_MESSAGE = 64 * 1024


class StartMessage(SpeechParameters):
    """The first message of a request."""

    id: Annotated[
        NameOrNumber | None,
        Field(description="Returned in the server's start, with the same value."),
    ] = None
    progress: Annotated[bool, Field(description="Whether the server says what the request is waiting for.")] = False
    timings: Annotated[bool, Field(description="Whether the server says when each word is spoken.")] = False
    replace: Annotated[
        bool, Field(description="Whether this request replaces the previous one and takes its place in the queue.")
    ] = False
    max_ahead: Annotated[
        float | None,
        Field(ge=1, le=3600, description="Maximum seconds of unplayed audio that the server sends ahead."),
        BeforeValidator(no_bool),
    ] = None


class SocketSpeech:
    """Sends the audio of one request. Answers the client's `start` message at once if the voice is on this machine."""

    def __init__(
        self,
        start: StartMessage,
        request: SpeechRequest,
        synthesizer: Synthesizer,
        *,
        send_json: Callable[[dict[str, Any]], Awaitable[None]],
        send_bytes: Callable[[bytes], Awaitable[None]],
    ) -> None:
        self.request = request
        self._synthesizer = synthesizer
        self._id = {} if start.id is None else {"id": start.id}
        self._reports_progress = start.progress
        self._max_ahead = math.inf if start.max_ahead is None else start.max_ahead
        self._send_json = send_json
        self._send_bytes = send_bytes
        self._muted = False
        self._played = 0.0  # seconds of audio that the client has played
        self._has_played = asyncio.Event()

    async def run(self) -> None:
        """Sends all messages from `start` to `end`. Raises PiperSerialError if the request fails."""
        rate = self._synthesizer.rate_of(self.request)
        if rate is not None:
            await self._send_start(AudioFormat(rate=rate))
        reporting = asyncio.create_task(self._report()) if self._reports_progress else None
        try:
            async with self._synthesizer.speak(self.request) as utterance:
                if rate is None:
                    await self._send_start(utterance.format)
                elif utterance.format.rate != rate:
                    raise VoiceFileError(utterance.voice, "its sample rate changed during a request")
                sent = 0.0
                async for pcm in utterance:
                    if reporting is not None:  # no progress message follows the audio
                        await cancel(reporting)
                        reporting = None
                    for start in range(0, len(pcm), _MESSAGE):
                        await self._room(sent)
                        for timed in utterance.take_timed():
                            await self._send({"type": "timing", **asdict(timed)})
                        piece = pcm[start : start + _MESSAGE]
                        if not self._muted:
                            await self._send_bytes(piece)
                        sent += len(piece) / SAMPLE_WIDTH / utterance.format.rate
        finally:
            await cancel(reporting)
        await self._send({"type": "end"})

    def mute(self) -> None:
        """Stops sending messages for this request."""
        self._muted = True
        self._has_played.set()

    def note_played(self, seconds: float) -> None:
        """Records that the client has played the first `seconds` of the audio."""
        self._played = max(self._played, seconds)
        self._has_played.set()

    async def _room(self, sent: float) -> None:
        """Waits until less than `max_ahead` seconds of the `sent` seconds of audio remain to be played, or until `mute`
        is called."""
        while sent - self._played >= self._max_ahead and not self._muted:
            self._has_played.clear()
            await self._has_played.wait()

    async def _report(self) -> None:
        """Sends the progress when it has changed, until the request no longer waits for anything."""
        last = None
        while (progress := self._synthesizer.progress(self.request)).state is not WaitsFor.NOTHING:
            if progress != last:
                known = {name: value for name, value in asdict(progress).items() if value is not None}
                await self._send({"type": "progress", **known})
                last = progress
            await asyncio.sleep(_PROGRESS_PERIOD)

    async def _send_start(self, audio: AudioFormat) -> None:
        await self._send({"type": "start", **self._id, **asdict(audio)})

    async def _send(self, message: dict[str, Any]) -> None:
        if not self._muted:
            await self._send_json(message)
