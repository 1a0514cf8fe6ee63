"""PCM to an audio format, as a stream: bytes can be sent before all of the PCM has been made."""

import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH
from wyoming_piper_serial.exceptions import BadRequest

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "wav": "audio/wav",
        "pcm": "audio/pcm",
        "mp3": "audio/mpeg",
        "opus": "audio/ogg",  # Ogg Opus
        "flac": "audio/flac",
        "aac": "audio/aac",  # ADTS
    }
)
"""Formats by the names of OpenAI's API, with their media types. Some may be missing: see `available_formats`."""

PLAIN = ("wav", "pcm")
"""Formats that need no encoder."""

# OpenAI and ffmpeg mark an unknown length with this value, and players know it: ffmpeg and browsers read to the end,
# aplay treats any size from 0x7FFFFFFE up as unlimited, and Python's `wave` reads as much as there is. Most players
# treat 0 as no audio. ffmpeg believes any other large size and shows it as hours.
_UNKNOWN_SIZE = 0xFFFFFFFF


class Container(Protocol):
    """One stream of PCM (mono, 16-bit, little-endian) to one format. Only `close` may overlap with another call."""

    @property
    def media_type(self) -> str:
        """The value of the Content-Type header."""

    def add(self, pcm: bytes) -> bytes:
        """Add PCM of whole samples. Returns the bytes that can be sent now, the header first; they may be empty."""

    def finish(self) -> bytes:
        """Return the rest of the stream. Call it once, last. A stream without any PCM is valid and nearly empty."""

    def close(self) -> None:
        """Release all resources, without waiting. It can be called at any time: twice, after `finish`, during `add`.

        Afterwards `add` and `finish` return nothing.
        """


def available_formats() -> tuple[str, ...]:
    """Names of the formats that this installation can produce. The first call may take 0.2 seconds, for an import."""
    try:
        from wyoming_piper_serial.audio.encoder import encodable  # noqa: PLC0415
    except ImportError:
        return PLAIN
    return tuple(name for name in FORMATS if name in PLAIN or encodable(name))


def open_container(name: str, rate: int) -> Container:
    """Open a container. `rate` is in hertz, 8000 to 48000. Raises BadRequest for a format that is not available."""
    if name == "wav":
        return _Plain(FORMATS[name], wav_header(rate))
    if name == "pcm":
        return _Plain(FORMATS[name], b"")
    if name not in (formats := available_formats()):
        raise BadRequest(f"There is no such audio format here. There are: {', '.join(formats)}.")
    from wyoming_piper_serial.audio.encoder import Encoder  # noqa: PLC0415

    return Encoder(name, FORMATS[name], rate)


def wav_header(rate: int) -> bytes:
    """The 44 bytes of the header of mono 16-bit PCM of unknown length."""
    riff = struct.pack("<4sI4s", b"RIFF", _UNKNOWN_SIZE, b"WAVE")
    format_pcm, channels = 1, 1
    layout = (format_pcm, channels, rate, rate * SAMPLE_WIDTH, SAMPLE_WIDTH, 8 * SAMPLE_WIDTH)
    return riff + struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, *layout, b"data", _UNKNOWN_SIZE)


class _Plain:
    """PCM after a header."""

    def __init__(self, media_type: str, header: bytes) -> None:
        self.media_type = media_type
        self._header = header
        self._closed = False

    def add(self, pcm: bytes) -> bytes:
        if self._closed or not pcm:
            return b""
        header, self._header = self._header, b""
        return header + pcm

    def finish(self) -> bytes:
        header, self._header = self._header, b""
        return b"" if self._closed else header

    def close(self) -> None:
        self._closed = True
