"""PCM to compressed sound by PyAV, which is FFmpeg. Needs the extra `http`."""

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
    sample_format: str  # of those the codec takes; without one the first, which can be 32 bits wide
    bit_rate: int = 0  # bits a second; 0 where it follows from the sound
    muxer_options: Mapping[str, str] = field(default_factory=dict)
    codec_options: Mapping[str, str] = field(default_factory=dict)


_CODINGS = {
    # 64 kbit/s: the rate from which one voice has no audible flaws, and that each sampling rate of MP3 has. No Xing
    # header and no tags: they hold the length, which is not known, or come after it.
    "mp3": _Coding("mp3", "libmp3lame", "s16p", 64_000, {"write_xing": "0", "id3v2_version": "0"}),
    # 32 kbit/s: the Opus wiki's rate for one voice at full quality. 20 ms is Opus's own frame; a page for each sends it
    # at once, for 11 kbit/s more.
    "opus": _Coding("ogg", "libopus", "s16", 32_000, {"page_duration": "20000"}, {"frame_duration": "20"}),
    # The padding is for a later editor of tags: 8 KiB that a listener would wait for.
    "flac": _Coding("flac", "flac", "s16", muxer_options={"metadata_header_padding": "0"}),
    # 64 kbit/s: as for MP3; FFmpeg's own encoder needs it. Its search for the best quantizers takes five times as long.
    "aac": _Coding("adts", "aac", "fltp", 64_000, codec_options={"aac_coder": "fast"}),
}
_LOWEST_RATE = 16_000  # below it a frame of MP3 or AAC lasts so long that the first sound would wait for 0.3 seconds
_SHORTEST = 0.02  # seconds of silence where there was no sound: MP3 and ADTS are nothing but frames, so one is needed


def encodable(name: str) -> bool:
    """Whether this build of FFmpeg has the encoder."""
    return name in _CODINGS and _CODINGS[name].codec in av.codecs_available


class Encoder:
    """A `Container` (see there)."""

    def __init__(self, name: str, media_type: str, rate: int) -> None:
        self.media_type = media_type
        self._stream: _Stream | None = _Stream(_CODINGS[name], rate)

    def add(self, pcm: bytes) -> bytes:
        # The local reference keeps the stream until this ends, whatever `close` does in another thread.
        stream = self._stream
        return stream.encode(pcm) if stream else b""

    def finish(self) -> bytes:
        stream, self._stream = self._stream, None
        return stream.finish() if stream else b""

    def close(self) -> None:
        self._stream = None


class _Stream:
    """An encoder and a muxer, freed with the last reference to them."""

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
        # Output and streams refer to each other: without this they would stay until a garbage collection.
        if hasattr(self, "_output"):
            self._output.close()

    def encode(self, pcm: bytes) -> bytes:
        if pcm:
            frame = av.AudioFrame("s16", "mono", len(pcm) // SAMPLE_WIDTH)
            frame.planes[0].update(pcm)
            frame.sample_rate = self._rate
            frame.time_base, frame.pts = Fraction(1, self._rate), self._samples
            self._samples += frame.samples
            self._output.mux(self._encoder.encode(frame))  # resamples and cuts into the codec's frames by itself
        return self._sink.take()

    def finish(self) -> bytes:
        begun = self.encode(b"" if self._samples else silence(_SHORTEST, self._rate))
        self._output.mux(self._encoder.encode(None))
        self._output.close()
        return begun + self._sink.take()


class _Sink:
    """A file that cannot seek, for PyAV to write to."""

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
    """The lowest rate the codec takes that loses nothing. Players of Opus see 48 kHz, whichever it is."""
    rates = av.Codec(codec, "w").audio_rates or ()
    return min((taken for taken in rates if taken >= max(rate, _LOWEST_RATE)), default=rate)
