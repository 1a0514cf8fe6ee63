"""The files that `say` writes: their formats, and the protection against overwriting."""

import wave
from pathlib import Path

import pytest
from wyoming.audio import AudioStart

from wyoming_piper_serial.audio import containers
from wyoming_piper_serial.audio.containers import wav_header
from wyoming_piper_serial.cli.client import ClientError
from wyoming_piper_serial.cli.sinks import Output, check_format, output, writing

_START = AudioStart(rate=16_000, width=2, channels=1)
_PCM = b"\x01\x00" * 4000


async def write(chosen: Output) -> None:
    with writing(chosen, _START) as sink:
        await sink.write(_PCM)
        await sink.write(_PCM)
        await sink.finish()


@pytest.mark.parametrize(
    ("path", "given", "audio_format"),
    [
        ("a.wav", None, "wav"),
        ("a.WAVE", None, "wav"),
        ("a", None, "wav"),
        ("a.raw", None, "pcm"),
        ("a.mp3", None, "mp3"),
        ("a.ogg", None, "opus"),
        ("a.oga", None, "opus"),
        ("a.flac", None, "flac"),
        ("-", None, "pcm"),
        ("-", "wav", "wav"),
        ("a.wav", "mp3", "mp3"),
    ],
)
def test_format_follows_the_ending(path: str, given: str | None, audio_format: str) -> None:
    """The file extension determines the format, unless a format is given. Standard output gets raw samples."""
    assert output(path, given, overwrite=False).audio_format == audio_format


def test_other_formats_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown extension is refused with a list of the known ones. A format whose encoder is not installed is also
    refused."""
    with pytest.raises(ClientError, match=r"^a\.txt: \.txt is not a known audio extension; use one of \.wav, \.pcm, "):
        output("a.txt", None, overwrite=False)
    monkeypatch.setattr(containers, "available_formats", lambda: containers.PLAIN)
    with pytest.raises(
        ClientError, match=r"^The format mp3 is not available\. Available: wav, pcm\. .* need the extra http"
    ):
        output("a.mp3", None, overwrite=False)


async def test_existing_file_is_kept(tmp_path: Path) -> None:
    """An existing file is not overwritten unless this is requested, even if it is created after the first check."""
    path = tmp_path / "a.wav"
    chosen = output(str(path), None, overwrite=False)
    path.write_text("mine")
    with pytest.raises(ClientError, match=r"a\.wav exists; to overwrite it: --force"):
        output(str(path), None, overwrite=False)
    with pytest.raises(ClientError, match=r"a\.wav exists; to overwrite it: --force"):
        await write(chosen)
    assert path.read_text() == "mine"
    await write(output(str(path), None, overwrite=True))
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.readframes(file.getnframes())) == (16_000, _PCM + _PCM)


async def test_devices_may_exist(tmp_path: Path) -> None:
    """A device such as /dev/null may be written to without `overwrite`, because no data can be lost. The audio is
    written as a stream, because a header could not be corrected at the end."""
    await write(output("/dev/null", None, overwrite=False))


async def test_other_formats_are_streams(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Standard output and compressed files are written as a stream."""
    await write(output("-", "wav", overwrite=False))
    assert capsysbinary.readouterr().out == wav_header(16_000) + _PCM + _PCM
    path = tmp_path / "a.flac"
    await write(output(str(path), None, overwrite=False))
    assert path.read_bytes().startswith(b"fLaC")


def test_name_that_is_too_long_is_left_to_the_system() -> None:
    """`output` accepts a file name that is too long. The error occurs when the file is opened."""
    assert output(f"{'x' * 5000}.wav", None, overwrite=False).audio_format == "wav"


@pytest.mark.parametrize(("width", "channels"), [(1, 1), (2, 2)])
def test_other_samples_are_refused(width: int, channels: int) -> None:
    """Only 16-bit mono audio, which is what all Piper servers send, is written and played."""
    check_format(_START)
    with pytest.raises(ClientError, match=f"sends {8 * width}-bit audio with {channels} channel"):
        check_format(AudioStart(rate=16_000, width=width, channels=channels))
