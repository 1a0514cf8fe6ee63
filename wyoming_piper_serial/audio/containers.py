"""PCM to what a listener asked for, in bytes that can be sent while speech is still being made."""

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
"""Names, as OpenAI's API has them, and their media types. Not all need be there: see `available_formats`."""

PLAIN = ("wav", "pcm")
"""Those that need no encoder."""

# OpenAI and ffmpeg say "length unknown" with these bytes, so players know them: ffmpeg and browsers read to the
# end, aplay takes any size from 0x7FFFFFFE on as endless, and Python's `wave` reads what is there. 0 would
# be no sound to most, and a size that is only large is believed by ffmpeg and shown as hours.
_UNKNOWN_SIZE = 0xFFFFFFFF


class Container(Protocol):
    """One stream of mono sound, 16 bit little-endian. One `add` at a time, from any thread."""

    @property
    def media_type(self) -> str:
        """For the Content-Type header."""

    def add(self, pcm: bytes) -> bytes:
        """What can be sent now, the header before anything else; may be empty. `pcm` is whole samples."""

    def finish(self) -> bytes:
        """The rest; comes last, once. Without sound before, a valid stream of next to nothing."""

    def close(self) -> None:
        """Let go of everything. Also after `finish`, again, and from another thread in mid-`add`; never waits.

        `add` and `finish` give nothing from then on.
        """


def available_formats() -> tuple[str, ...]:
    """Names of the formats that can be made here. The first call may import for 0.2 seconds."""
    try:
        from wyoming_piper_serial.audio.encoder import encodable  # noqa: PLC0415
    except ImportError:
        return PLAIN
    return tuple(name for name in FORMATS if name in PLAIN or encodable(name))


def open_container(name: str, rate: int) -> Container:
    """`rate` is samples a second, 8000 to 48000. Raises BadRequest for a format that is not available."""
    if name == "wav":
        return _Plain(FORMATS[name], wav_header(rate))
    if name == "pcm":
        return _Plain(FORMATS[name], b"")
    if name not in (formats := available_formats()):
        raise BadRequest(f"There is no such audio format here. There are: {', '.join(formats)}.")
    from wyoming_piper_serial.audio.encoder import Encoder  # noqa: PLC0415

    return Encoder(name, FORMATS[name], rate)


def wav_header(rate: int) -> bytes:
    """44 bytes: mono, 16 bit, of unknown length."""
    riff = struct.pack("<4sI4s", b"RIFF", _UNKNOWN_SIZE, b"WAVE")
    pcm, channels = 1, 1
    layout = (pcm, channels, rate, rate * SAMPLE_WIDTH, SAMPLE_WIDTH, 8 * SAMPLE_WIDTH)
    return riff + struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, *layout, b"data", _UNKNOWN_SIZE)


class _Plain:
    """The samples as they are, behind a header."""

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
