"""Streamed audio formats are complete, add little latency, and do not depend on how the PCM is split into chunks."""

import importlib
import io
import struct
import sys
import wave

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from wyoming_piper_serial import audio
from wyoming_piper_serial.audio.containers import FORMATS, available_formats, open_container, wav_header
from wyoming_piper_serial.exceptions import BadRequest

_RATE = 22_050
_ENCODED = ["mp3", "opus", "flac", "aac"]
_FRAMED = {"wav", *_ENCODED}
_LONGEST_DELAY = 0.09  # maximum duration of the silence that MP3 and AAC add, in seconds, at the lowest sample rate


def sweep(seconds: float, rate: int) -> NDArray[np.float64]:
    """Return a tone that sweeps upwards through the speech frequencies. Its autocorrelation has a single peak."""
    t = np.arange(round(seconds * rate)) / rate
    return 0.3 * np.sin(2 * np.pi * (200 * t + 1200 * t * t))


def pcm(seconds: float, rate: int = _RATE) -> bytes:
    return (sweep(seconds, rate) * 32767).astype("<i2").tobytes()


def chunks(samples: bytes, sizes: list[int]) -> list[bytes]:
    """Split 16-bit PCM into chunks with the given sizes in samples. The last chunk contains the rest."""
    split, at = [], 0
    for size in sizes:
        split.append(samples[at : at + 2 * size])
        at += 2 * size
    return [*split, samples[at:]]


def contained(name: str, samples: list[bytes], rate: int = _RATE) -> bytes:
    container = open_container(name, rate)
    return b"".join([container.add(chunk) for chunk in samples] + [container.finish()])


def decoded(data: bytes) -> tuple[NDArray[np.float64], int]:
    """Decode `data` with FFmpeg. Return the samples and their sample rate."""
    with av.open(io.BytesIO(data), "r") as source:
        frames = list(source.decode(audio=0))
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    return samples / (32768 if samples.dtype == np.int16 else 1), frames[0].sample_rate


def correlation(output: NDArray[np.float64], original: NDArray[np.float64]) -> float:
    """Return the maximum correlation over all delays. 1 means that the signals are equal except for their level."""
    size = output.size + original.size
    products = np.fft.irfft(np.fft.rfft(output, size) * np.conj(np.fft.rfft(original, size)), size)
    return float(np.max(products) / (np.linalg.norm(output) * np.linalg.norm(original)))


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("rate", [8000, 16_000, 20_000, _RATE, 48_000])
@pytest.mark.parametrize("name", _ENCODED)
def test_encoded_audio_is_that_of_the_input(name: str, rate: int) -> None:
    """The decoded audio is nearly equal to the input. It is never shorter, and it is longer by less than the maximum
    codec delay."""
    output, output_rate = decoded(contained(name, chunks(pcm(0.5, rate), [1, 137, 2, rate // 10]), rate))
    assert 0 <= output.size / output_rate - 0.5 < _LONGEST_DELAY
    assert correlation(output, sweep(0.5, output_rate)) > 0.95


@pytest.mark.parametrize("name", ["wav", "flac"])
def test_lossless_audio_is_bit_for_bit_the_input(name: str) -> None:
    """The lossless formats decode to exactly the input, at the same sample rate."""
    output, rate = decoded(contained(name, chunks(pcm(0.3), [1000])))
    assert rate == _RATE
    assert (output * 32768).astype("<i2").tobytes() == pcm(0.3)


def test_opus_has_exactly_the_length_of_the_input() -> None:
    """Decoded Opus audio has exactly the same length as the input."""
    output, rate = decoded(contained("opus", [pcm(0.5)]))
    assert (output.size, rate) == (24_000, 48_000)


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("name", _ENCODED)
def test_output_does_not_depend_on_how_the_input_is_split(name: str) -> None:
    """The output does not depend on the chunk sizes."""
    samples = pcm(0.2)
    whole, _ = decoded(contained(name, [samples]))

    @settings(max_examples=8, deadline=None)
    @given(st.lists(st.integers(0, 3000), max_size=6))
    def check(sizes: list[int]) -> None:
        assert np.array_equal(decoded(contained(name, chunks(samples, sizes)))[0], whole)

    check()


@pytest.mark.parametrize("rate", [8000, 16_000, _RATE, 48_000])
@pytest.mark.parametrize("name", sorted(_FRAMED))
def test_first_audio_can_be_decoded_after_a_fifth_of_a_second(name: str, rate: int) -> None:
    """After 0.2 seconds of input, the output contains audio, not just the header."""
    container = open_container(name, rate)
    output = container.add(pcm(0.1, rate)) + container.add(pcm(0.2, rate)[len(pcm(0.1, rate)) :])
    assert decoded(output)[0].size > 0
    container.close()


@pytest.mark.parametrize("name", _ENCODED)
def test_every_chunk_of_input_gives_output(name: str) -> None:
    """`add` returns output for each 0.2 s chunk, and less than two chunks of audio remain for `finish`."""
    container = open_container(name, _RATE)
    sizes = [len(container.add(chunk)) for chunk in chunks(pcm(2.0), [_RATE // 5] * 9)]
    assert min(sizes) > 0
    assert len(container.finish()) < 2 * max(sizes)


@pytest.mark.parametrize("name", _ENCODED)
def test_stream_without_audio_is_valid(name: str) -> None:
    """A stream without input is valid and decodes to a short silence."""
    output, rate = decoded(contained(name, []))
    assert 0 < output.size / rate < 0.02 + _LONGEST_DELAY
    assert np.max(np.abs(output)) < 1e-3


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_empty_input_gives_no_output(name: str) -> None:
    """`add` without samples returns no bytes, not even a header."""
    container = open_container(name, _RATE)
    assert container.add(b"") == b""
    assert container.media_type == FORMATS[name]
    container.close()


def test_wav_is_read_by_the_wave_module() -> None:
    """Python's `wave` module can read the stream, although the header does not contain the actual length."""
    with wave.open(io.BytesIO(contained("wav", [pcm(0.1), pcm(0.2)]))) as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) == (_RATE, 1, 2)
        assert reader.readframes(reader.getnframes()) == pcm(0.1) + pcm(0.2)


def test_wav_says_that_its_length_is_unknown() -> None:
    """Both size fields of the WAV header are 0xFFFFFFFF, the value that OpenAI and ffmpeg use for an unknown length."""
    header = wav_header(16_000)
    assert len(header) == 44
    assert [struct.unpack_from("<I", header, at)[0] for at in (4, 40)] == [0xFFFFFFFF] * 2
    assert contained("wav", [], 16_000) == header


def test_wav_states_a_known_length() -> None:
    """If the length is known, both size fields of the WAV header are based on it, up to the maximum value."""
    assert [struct.unpack_from("<I", wav_header(16_000, 100), at)[0] for at in (4, 40)] == [136, 100]
    assert [struct.unpack_from("<I", wav_header(16_000, 1 << 40), at)[0] for at in (4, 40)] == [0xFFFFFFFF] * 2


def test_pcm_is_the_input() -> None:
    """The format `pcm` is the input without a header."""
    assert contained("pcm", [b"ab", b"cd"]) == b"abcd"
    assert contained("pcm", []) == b""


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_closed_container_returns_nothing(name: str) -> None:
    """A closed container returns no bytes, and `close` can be called twice."""
    container = open_container(name, _RATE)
    container.add(pcm(0.1))
    container.close()
    container.close()
    assert container.add(pcm(0.1)) + container.finish() == b""


def test_ffmpeg_prints_nothing(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """FFmpeg writes nothing to the terminal or the log, even if a stream is closed early."""
    for name in FORMATS:
        contained(name, [pcm(0.2, 8000)], 8000)
        container = open_container(name, _RATE)
        container.add(pcm(0.2))
        container.close()
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_all_formats_are_available_with_the_extra() -> None:
    """With the extra `http`, all formats are available."""
    assert available_formats() == tuple(FORMATS)


def test_only_plain_formats_are_available_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra `http`, only wav and pcm are available. The error message for other formats lists these two."""
    monkeypatch.setitem(sys.modules, "av", None)
    for module in ("encoder", "containers"):
        monkeypatch.setattr(
            audio, module, getattr(audio, module)
        )  # the import below replaces this attribute; monkeypatch restores it
        monkeypatch.delitem(sys.modules, f"{audio.__name__}.{module}")
    without = importlib.import_module(f"{audio.__name__}.containers")
    assert without.available_formats() == ("wav", "pcm")
    assert without.open_container("wav", _RATE).add(b"ab").endswith(b"ab")
    with pytest.raises(BadRequest, match="Available: wav, pcm"):
        without.open_container("mp3", _RATE)


@pytest.mark.parametrize("name", ["ogg", "", "WAV"])
def test_unknown_format_is_refused(name: str) -> None:
    """For an unknown format, `open_container` raises BadRequest. The message lists the available formats."""
    with pytest.raises(BadRequest, match="Available: wav, pcm, mp3"):
        open_container(name, _RATE)
