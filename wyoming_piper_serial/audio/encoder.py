"""Encodes PCM as compressed audio with PyAV (FFmpeg). This module requires the extra `http`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

import av
from av.audio.stream import AudioStream

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH, silence


@dataclass(frozen=True)
class _Coding:
    muxer: str
    codec: str
    sample_format: str  # Sample format of the encoder's input. A codec's default format may have 32 bits.
    bit_rate: int = 0  # Bits per second; 0 for a lossless codec.
    muxer_options: Mapping[str, str] = field(default_factory=dict)
    codec_options: Mapping[str, str] = field(default_factory=dict)


_CODINGS = {
    # 64 kbit/s is the lowest bit rate without audible artifacts in speech, and MP3 supports it at every sample rate.
    # The Xing header and the tags are omitted, because they contain the length of the stream, which is unknown.
    "mp3": _Coding("mp3", "libmp3lame", "s16p", 64_000, {"write_xing": "0", "id3v2_version": "0"}),
    # The Opus wiki recommends 32 kbit/s for full-quality speech. 20 ms is the default length of an Opus frame. Each
    # frame has its own Ogg page, so that the frame can be sent immediately. The pages add 11 kbit/s.
    "opus": _Coding("ogg", "libopus", "s16", 32_000, {"page_duration": "20000"}, {"frame_duration": "20"}),
    # By default, FFmpeg reserves 8 KiB of the FLAC header for tags. These bytes would delay the first audio.
    "flac": _Coding("flac", "flac", "s16", muxer_options={"metadata_header_padding": "0"}),
    # For AAC too, 64 kbit/s is the lowest bit rate without audible artifacts. FFmpeg's `fast` coder is five times as
    # fast as the default coder.
    "aac": _Coding("adts", "aac", "fltp", 64_000, codec_options={"aac_coder": "fast"}),
}

# Minimum sample rate in hertz. At lower rates, MP3 and AAC frames are long enough to delay the first audio by 0.3
# seconds.
_MIN_RATE = 16_000

# Duration in seconds of the silence that is encoded if there is no PCM. A valid MP3 or ADTS stream has at least one
# frame.
_MIN_SECONDS = 0.02


def encodable(name: str) -> bool:
    """Returns whether this build of FFmpeg has an encoder for the format `name`."""
    return name in _CODINGS and _CODINGS[name].codec in av.codecs_available


class Encoder:
    """A `Container` for a compressed audio format. The methods are described in `Container`."""

    def __init__(self, name: str, media_type: str, rate: int) -> None:
        self.media_type = media_type
        self._stream: _Stream | None = _Stream(_CODINGS[name], rate)

    def add(self, pcm: bytes) -> bytes:
        # This local reference keeps the stream alive until `add` returns, even if another thread calls `close`.
        stream = self._stream
        return stream.encode(pcm) if stream else b""

    def finish(self) -> bytes:
        stream, self._stream = self._stream, None
        return stream.finish() if stream else b""

    def close(self) -> None:
        self._stream = None


class _Stream:
    """An FFmpeg encoder and muxer. Both are freed when the last reference to this object is dropped."""

    def __init__(self, coding: _Coding, rate: int) -> None:
        self._sink = _Sink()
        options = {"flush_packets": "1", **coding.muxer_options}
        self._output = av.open(self._sink, "w", format=coding.muxer, container_options=options)
        stream = self._output.add_stream(
            coding.codec,
            rate=_codec_rate(coding.codec, rate),
            options=dict(coding.codec_options),
            bit_rate=coding.bit_rate,
            format=coding.sample_format,
            layout="mono",
        )
        self._encoder = cast("AudioStream", stream)
        self._rate = rate
        self._samples = 0

    def __del__(self) -> None:
        # PyAV's output container and its stream refer to each other. Closing the container breaks this cycle, so that
        # both are freed without garbage collection.
        if hasattr(self, "_output"):
            self._output.close()

    def encode(self, pcm: bytes) -> bytes:
        if pcm:
            frame = av.AudioFrame("s16", "mono", len(pcm) // SAMPLE_WIDTH)
            frame.planes[0].update(pcm)
            frame.sample_rate = self._rate
            frame.time_base, frame.pts = Fraction(1, self._rate), self._samples
            self._samples += frame.samples
            self._output.mux(self._encoder.encode(frame))  # PyAV also resamples the PCM and splits it into frames
        return self._sink.take()

    def finish(self) -> bytes:
        encoded = self.encode(b"" if self._samples else silence(_MIN_SECONDS, self._rate))
        self._output.mux(self._encoder.encode(None))
        self._output.close()
        return encoded + self._sink.take()


class _Sink:
    """The file object to which PyAV writes. It is not seekable, so PyAV cannot change bytes that it has already
    written."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def _codec_rate(codec: str, rate: int) -> int:
    """Returns the lowest sample rate of `codec`, in hertz, that is at least `rate` and at least _MIN_RATE.

    If there is no such sample rate, returns the highest one of `codec`. If the codec lists no sample rates, as FLAC
    does, returns `rate`. Players decode Opus at 48 kHz regardless of its sample rate.
    """
    rates = av.Codec(codec, "w").audio_rates or (rate,)
    return min((supported for supported in rates if supported >= max(rate, _MIN_RATE)), default=max(rates))
