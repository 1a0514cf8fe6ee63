"""Converts streamed PCM to an audio format, such as WAV or MP3. Encoded audio is available before the PCM is
complete."""

import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from wyoming_piper_serial.audio import SAMPLE_WIDTH
from wyoming_piper_serial.exceptions import BadRequest

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "wav": "audio/wav",
        "pcm": "audio/pcm",
        "mp3": "audio/mpeg",
        "opus": "audio/ogg",  # Opus in an Ogg container
        "flac": "audio/flac",
        "aac": "audio/aac",  # AAC as an ADTS stream
    }
)
"""The media type of each format. The keys are the format names in OpenAI's API.

Not every installation supports all formats (see `available_formats`).
"""

FORMAT_NAMES = (*FORMATS, "ogg")
"""The format names that are accepted in requests. `ogg` is another name for `opus`."""

PLAIN = ("wav", "pcm")
"""Formats that do not need an encoder."""

# Memory used by an encoder for each format, in bytes, measured with PyAV 18. The FLAC encoder always reserves memory
# for the longest possible frame with eight channels.
_ENCODER_MEMORY = {"mp3": 600_000, "opus": 500_000, "flac": 7_300_000, "aac": 100_000}

# The size in the header of a WAV file of unknown length. OpenAI and ffmpeg use the same value, and players accept this
# value: ffmpeg and browsers read to the end of the stream, aplay treats sizes of 0x7FFFFFFE and above as unlimited, and
# Python's `wave` reads all existing data. Most players treat a file with size 0 as empty. ffmpeg interprets any other
# large value as the actual size, and shows a duration of hours.
_UNKNOWN_SIZE = 0xFFFFFFFF
_RIFF_REST = 36  # Number of bytes between the RIFF size field and the PCM.


class Container(Protocol):
    """Converts one stream of PCM (mono, 16-bit, little-endian) to one audio format.

    Calls must not overlap, except that `close` may be called at any time.
    """

    @property
    def media_type(self) -> str:
        """Value of the Content-Type header."""

    def add(self, pcm: bytes) -> bytes:
        """Adds `pcm`, which must consist of whole samples. Returns the encoded bytes that can be sent now, if any.

        The first returned bytes begin with the header of the stream, if the format has one.
        """

    def finish(self) -> bytes:
        """Returns the remaining bytes of the stream. Must be called once, after the last `add`.

        The stream is valid even if no PCM was added.
        """

    def close(self) -> None:
        """Releases all resources without waiting. May be called more than once, after `finish`, or while `add` is
        running.

        After `close`, `add` and `finish` return empty bytes.
        """


def available_formats() -> tuple[str, ...]:
    """Returns the names of the formats that this installation can produce.

    The first call may take 0.2 seconds, because it imports PyAV.
    """
    try:
        from wyoming_piper_serial.audio.encoder import encodable  # noqa: PLC0415
    except ImportError:
        return PLAIN
    return tuple(name for name in FORMATS if name in PLAIN or encodable(name))


def format_of(name: str) -> str:
    """Returns the name in FORMATS for `name`, which comes from a request or from the command line. Raises BadRequest if
    the format is not available."""
    found = "opus" if name == "ogg" else name
    if found not in (formats := available_formats()):
        raise BadRequest(f"The format {name} is not available. Available: {', '.join(formats)}.")
    return found


def open_container(name: str, rate: int) -> Container:
    """Opens a container for the format `name`. `rate` is the sample rate in hertz, from 4000 to 192,000.

    Raises BadRequest if the format is not available.
    """
    if name == "wav":
        return _Plain(FORMATS[name], wav_header(rate))
    if name == "pcm":
        return _Plain(FORMATS[name], b"")
    if name not in (formats := available_formats()):
        raise BadRequest(f"This audio format is not available here. Available: {', '.join(formats)}.")
    from wyoming_piper_serial.audio.encoder import Encoder  # noqa: PLC0415

    return Encoder(name, FORMATS[name], rate)


def encoder_memory(name: str) -> int:
    """Returns the memory in bytes that a container for the format `name` needs, without the audio itself."""
    return _ENCODER_MEMORY.get(name, 0)


def wav_header(rate: int, size: int = _UNKNOWN_SIZE) -> bytes:
    """Returns the header (44 bytes) of a WAV file with 16-bit mono PCM.

    `rate` is the sample rate in hertz. `size` is the number of PCM bytes, if known.
    """
    riff_size = min(size + _RIFF_REST, _UNKNOWN_SIZE)
    riff = struct.pack("<4sI4s", b"RIFF", riff_size, b"WAVE")
    format_pcm, channels = 1, 1
    layout = (format_pcm, channels, rate, rate * SAMPLE_WIDTH, SAMPLE_WIDTH, 8 * SAMPLE_WIDTH)
    return riff + struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, *layout, b"data", min(size, _UNKNOWN_SIZE))


class _Plain:
    """A `Container` that returns a header followed by the unchanged PCM."""

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
