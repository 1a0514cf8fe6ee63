"""Audio as server-sent events in the format of OpenAI's API (`stream_format: "sse"`)."""

import base64
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from wyoming_piper_serial.audio.containers import Container
from wyoming_piper_serial.exceptions import PiperSerialError
from wyoming_piper_serial.http.errors import body_of

MEDIA_TYPE = "text/event-stream"

EVENT_SCHEMA: Mapping[str, object] = MappingProxyType(
    {
        "type": "object",
        "properties": {"data": {"type": "string", "contentMediaType": "application/json"}},
        "required": ["data"],
        "description": "The data is speech.audio.delta with base64 in audio, speech.audio.done, or an error.",
    }
)
"""The JSON schema of one event, for the OpenAPI description."""


class SpeechEvents:
    """A `Container` that wraps the bytes of another container in events: `speech.audio.delta` for each piece, and
    `speech.audio.done` at the end."""

    media_type = MEDIA_TYPE

    def __init__(self, container: Container, characters: int) -> None:
        """`characters` is the length of the text, which the last event reports instead of a number of tokens."""
        self._container = container
        self._characters = characters

    def add(self, pcm: bytes) -> bytes:
        return _delta(self._container.add(pcm))

    def finish(self) -> bytes:
        usage = {"input_tokens": self._characters, "output_tokens": 0, "total_tokens": self._characters}
        return _delta(self._container.finish()) + _event({"type": "speech.audio.done", "usage": usage})

    def close(self) -> None:
        self._container.close()


def error_event(error: PiperSerialError) -> bytes:
    """Returns the event that ends a response with `error`. OpenAI's clients raise an exception when they receive it."""
    return _event(body_of(error))


def _delta(audio: bytes) -> bytes:
    return _event({"type": "speech.audio.delta", "audio": base64.b64encode(audio).decode()}) if audio else b""


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()
