"""Tests for the encoder for compressed formats. `test_containers.py` tests the encoded audio."""

import gc
import weakref

import av
import numpy as np
import pytest

from wyoming_piper_serial.audio import encoder
from wyoming_piper_serial.audio.containers import FORMATS, available_formats
from wyoming_piper_serial.audio.encoder import Encoder, encodable

_RATE = 22_050
_ENCODED = ["mp3", "opus", "flac", "aac"]


def opened(name: str, rate: int = _RATE) -> Encoder:
    return Encoder(name, FORMATS[name], rate)


def pcm(seconds: float, rate: int = _RATE) -> bytes:
    tone = 0.3 * np.sin(2 * np.pi * 200 * np.arange(round(seconds * rate)) / rate)
    return bytes((tone * 32767).astype("<i2").tobytes())


def sink_of(container: Encoder) -> "weakref.ref[encoder._Sink]":
    """Return a weak reference to the encoder's sink, which is freed together with FFmpeg's contexts."""
    assert container._stream is not None
    return weakref.ref(container._stream._sink)


def test_formats_without_an_encoder_are_not_encodable() -> None:
    """`encodable` returns true only for compressed formats, not for wav, pcm or unknown names."""
    assert [name for name in [*FORMATS, "ogg", ""] if encodable(name)] == _ENCODED


def test_encoder_that_ffmpeg_was_built_without_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A format is not offered if FFmpeg was built without its encoder, as in some Linux distributions."""
    monkeypatch.setattr(av, "codecs_available", {"flac", "aac"})
    assert not encodable("mp3")
    assert available_formats() == ("wav", "pcm", "flac", "aac")


@pytest.mark.parametrize(
    ("name", "rate", "expected"),
    [
        ("mp3", 22_050, 22_050),
        ("mp3", 8_000, 16_000),
        ("mp3", 20_000, 22_050),
        ("aac", 11_025, 16_000),
        ("aac", 48_000, 48_000),
        ("opus", 22_050, 24_000),
        ("opus", 16_000, 16_000),
        ("flac", 19_999, 19_999),
        ("mp3", 4_000, 16_000),
        ("mp3", 50_000, 48_000),
        ("opus", 192_000, 48_000),
        ("aac", 192_000, 96_000),
        ("flac", 192_000, 192_000),
    ],
)
def test_codec_runs_at_its_lowest_rate_that_loses_nothing(name: str, rate: int, expected: int) -> None:
    """The encoder uses the lowest sample rate of the codec that is at least 16 kHz and at least the voice's rate, or
    the codec's highest rate if the voice's is higher. FLAC uses the voice's rate."""
    container = opened(name, rate)
    assert container._stream is not None
    assert container._stream._encoder.rate == expected
    container.close()


@pytest.mark.parametrize("name", _ENCODED)
def test_bytes_that_were_returned_are_not_kept(name: str) -> None:
    """The encoder does not keep the bytes that it has returned, so a long stream needs no more memory than a short
    one."""
    container = opened(name)
    assert container._stream is not None
    for _ in range(20):
        container.add(pcm(0.1))
        assert len(container._stream._sink._written) == 0
    container.close()


@pytest.mark.parametrize("closes", [True, False], ids=["close", "finish"])
@pytest.mark.parametrize("name", _ENCODED)
def test_encoder_is_freed_at_once(name: str, closes: bool) -> None:
    """After `close` or `finish`, the encoder is freed immediately, without garbage collection."""
    gc.disable()
    try:
        container = opened(name)
        container.add(pcm(0.3))
        sink = sink_of(container)
        container.close() if closes else container.finish()
        assert sink() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("name", _ENCODED)
def test_close_during_an_add_waits_for_its_end(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If `close` is called during `add`, `add` still returns its bytes, and the encoder is freed afterwards."""
    container = opened(name)
    sink = sink_of(container)
    take = encoder._Sink.take

    def take_after_close(self: encoder._Sink) -> bytes:
        container.close()
        return take(self)

    monkeypatch.setattr(encoder._Sink, "take", take_after_close)
    assert container.add(pcm(0.5)) != b""
    assert container.add(pcm(0.5)) == b""
    assert sink() is None
