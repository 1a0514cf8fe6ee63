"""What a listener gets: in time, the whole of it, in the same sound however it was cut."""

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
_LONGEST_DELAY = 0.09  # seconds of what MP3 and AAC put before and behind the sound, at the lowest rate


def sweep(seconds: float, rate: int) -> NDArray[np.float64]:
    """A tone that rises through the range of speech, so that only one place fits."""
    t = np.arange(round(seconds * rate)) / rate
    return 0.3 * np.sin(2 * np.pi * (200 * t + 1200 * t * t))


def pcm(seconds: float, rate: int = _RATE) -> bytes:
    return (sweep(seconds, rate) * 32767).astype("<i2").tobytes()


def pieces(sound: bytes, sizes: list[int]) -> list[bytes]:
    """`sizes` samples each, the rest in one."""
    cut, at = [], 0
    for size in sizes:
        cut.append(sound[at : at + 2 * size])
        at += 2 * size
    return [*cut, sound[at:]]


def contained(name: str, sound: list[bytes], rate: int = _RATE) -> bytes:
    container = open_container(name, rate)
    return b"".join([container.add(piece) for piece in sound] + [container.finish()])


def decoded(data: bytes) -> tuple[NDArray[np.float64], int]:
    """Samples and rate, by FFmpeg."""
    with av.open(io.BytesIO(data), "r") as source:
        frames = list(source.decode(audio=0))
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    return samples / (32768 if samples.dtype == np.int16 else 1), frames[0].sample_rate


def likeness(heard: NDArray[np.float64], said: NDArray[np.float64]) -> float:
    """The best correlation over all delays: 1 is the same."""
    size = heard.size + said.size
    products = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size)), size)
    return float(np.max(products) / (np.linalg.norm(heard) * np.linalg.norm(said)))


@pytest.mark.parametrize("rate", [8000, 16_000, 20_000, _RATE, 48_000])
@pytest.mark.parametrize("name", _ENCODED)
def test_encoded_sound_is_the_sound_that_went_in(name: str, rate: int) -> None:
    """As long, but for the codec's own delay, and so much alike that no piece can be missing or doubled."""
    heard, heard_rate = decoded(contained(name, pieces(pcm(0.5, rate), [1, 137, 2, rate // 10]), rate))
    assert 0 <= heard.size / heard_rate - 0.5 < _LONGEST_DELAY
    assert likeness(heard, sweep(0.5, heard_rate)) > 0.95


@pytest.mark.parametrize("name", ["wav", "flac"])
def test_sound_that_is_not_compressed_with_loss_is_the_same_to_the_bit(name: str) -> None:
    """At the voice's own rate."""
    heard, rate = decoded(contained(name, pieces(pcm(0.3), [1000])))
    assert rate == _RATE
    assert (heard * 32768).astype("<i2").tobytes() == pcm(0.3)


def test_opus_has_exactly_the_length_of_the_sound() -> None:
    """Its header says what to skip and its last page where to stop."""
    heard, rate = decoded(contained("opus", [pcm(0.5)]))
    assert (heard.size, rate) == (24_000, 48_000)


@pytest.mark.parametrize("name", _ENCODED)
def test_cuts_are_not_heard(name: str) -> None:
    """How much is made at once follows the load of the server; the sound must not."""
    sound = pcm(0.2)
    whole, _ = decoded(contained(name, [sound]))

    @settings(max_examples=8, deadline=None)
    @given(st.lists(st.integers(0, 3000), max_size=6))
    def check(sizes: list[int]) -> None:
        assert np.array_equal(decoded(contained(name, pieces(sound, sizes)))[0], whole)

    check()


@pytest.mark.parametrize("rate", [8000, 16_000, _RATE, 48_000])
@pytest.mark.parametrize("name", sorted(_FRAMED))
def test_first_sound_can_be_heard_after_a_fifth_of_a_second(name: str, rate: int) -> None:
    """Not only the header: what has come out by then can be decoded to sound."""
    container = open_container(name, rate)
    came = container.add(pcm(0.1, rate)) + container.add(pcm(0.2, rate)[len(pcm(0.1, rate)) :])
    assert decoded(came)[0].size > 0
    container.close()


@pytest.mark.parametrize("name", _ENCODED)
def test_sound_comes_out_as_fast_as_it_goes_in(name: str) -> None:
    """After the start nothing waits for a buffer to fill: every piece brings bytes, and the end no more than others."""
    container = open_container(name, _RATE)
    came = [len(container.add(piece)) for piece in pieces(pcm(2.0), [_RATE // 5] * 9)]
    assert min(came) > 0
    assert len(container.finish()) < 2 * max(came)


@pytest.mark.parametrize("name", _ENCODED)
def test_no_sound_is_a_valid_stream_of_next_to_nothing(name: str) -> None:
    """Players take it and play silence."""
    heard, rate = decoded(contained(name, []))
    assert 0 < heard.size / rate < 0.02 + _LONGEST_DELAY
    assert np.max(np.abs(heard)) < 1e-3


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_an_empty_piece_brings_nothing(name: str) -> None:
    """Neither the header: that comes with the first sound."""
    container = open_container(name, _RATE)
    assert container.add(b"") == b""
    assert container.media_type == FORMATS[name]
    container.close()


def test_wav_is_read_by_the_wave_module() -> None:
    """Which believes the header's length, and then reads what there is."""
    with wave.open(io.BytesIO(contained("wav", [pcm(0.1), pcm(0.2)]))) as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) == (_RATE, 1, 2)
        assert reader.readframes(reader.getnframes()) == pcm(0.1) + pcm(0.2)


def test_wav_says_that_its_length_is_unknown() -> None:
    """44 bytes, with both sizes as OpenAI and ffmpeg write them into a pipe."""
    header = wav_header(16_000)
    assert len(header) == 44
    assert [struct.unpack_from("<I", header, at)[0] for at in (4, 40)] == [0xFFFFFFFF] * 2
    assert contained("wav", [], 16_000) == header


def test_pcm_is_what_went_in() -> None:
    """Without a header, also where there was no sound."""
    assert contained("pcm", [b"ab", b"cd"]) == b"abcd"
    assert contained("pcm", []) == b""


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_closed_container_gives_nothing_more(name: str) -> None:
    """Closing again, or after the end, is no mistake."""
    container = open_container(name, _RATE)
    container.add(pcm(0.1))
    container.close()
    container.close()
    assert container.add(pcm(0.1)) + container.finish() == b""


def test_ffmpeg_keeps_quiet(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """Nothing on the terminal and nothing in the log, also when an encoder is dropped with sound in it."""
    for name in FORMATS:
        contained(name, [pcm(0.2, 8000)], 8000)
        container = open_container(name, _RATE)
        container.add(pcm(0.2))
        container.close()
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_all_formats_are_there_with_the_extra() -> None:
    """PyAV's wheels have every encoder."""
    assert available_formats() == tuple(FORMATS)


def test_without_the_extra_plain_sound_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """And whoever asks for another format is told which there are."""
    monkeypatch.setitem(sys.modules, "av", None)
    for module in ("encoder", "containers"):
        monkeypatch.setattr(audio, module, getattr(audio, module))  # importing again sets it; this puts it back
        monkeypatch.delitem(sys.modules, f"{audio.__name__}.{module}")
    without = importlib.import_module(f"{audio.__name__}.containers")
    assert without.available_formats() == ("wav", "pcm")
    assert without.open_container("wav", _RATE).add(b"ab").endswith(b"ab")
    with pytest.raises(BadRequest, match="There are: wav, pcm"):
        without.open_container("mp3", _RATE)


@pytest.mark.parametrize("name", ["ogg", "", "WAV"])
def test_format_that_is_none_is_refused(name: str) -> None:
    """With the names of those there are."""
    with pytest.raises(BadRequest, match="There are: wav, pcm, mp3"):
        open_container(name, _RATE)
