"""Speech is played as it arrives, by an installed program."""

import asyncio
import io
import wave

import pytest

from tests.cli.fake_player import FakePlayers
from wyoming_piper_serial.audio.containers import wav_header
from wyoming_piper_serial.cli.client import ClientError
from wyoming_piper_serial.cli.player import PLAYERS, Player, find_player, playing

_PCM = bytes(range(256)) * 40


async def play(player: Player, *pieces: bytes, rate: int = 22_050) -> None:
    async with playing(player, rate) as playback:
        for piece in pieces:
            await playback.write(piece)
        await playback.finish()


def named(name: str) -> Player:
    return next(player for player in PLAYERS if player.name == name)


def test_first_installed_player_is_chosen() -> None:
    """The named player is selected. Without a name, the first supported player that is installed is selected."""
    installed = {"pw-play", "ffplay", "vlc"}

    def which(name: str) -> str | None:
        return f"/usr/bin/{name}" if name in installed else None

    assert find_player(which=which) == named("pw-play")
    assert find_player("ffplay", which) == named("ffplay")
    assert find_player("aplay", which) is None
    assert find_player("vlc", which) is None
    assert find_player(which=lambda _: None) is None


@pytest.mark.parametrize(
    ("name", "arguments", "header"),
    [
        ("aplay", ["-q", "-t", "raw", "-f", "S16_LE", "-r", "16000", "-c", "1", "-"], b""),
        ("paplay", ["--raw", "--format=s16le", "--rate=16000", "--channels=1"], b""),
        ("pw-play", ["--raw", "--format=s16", "--rate=16000", "--channels=1", "-"], b""),
        ("ffplay", ["-nodisp", "-autoexit", "-loglevel", "error", "-f", "wav", "-i", "-"], wav_header(16_000)),
        ("mpv", ["--no-terminal", "--no-video", "-"], wav_header(16_000)),
    ],
)
async def test_player_gets_the_samples_and_their_rate(
    players: FakePlayers, name: str, arguments: list[str], header: bytes
) -> None:
    """A player gets all samples on its standard input, and their rate in its arguments or in a WAV header."""
    players.install(name)
    await play(named(name), _PCM, _PCM, rate=16_000)
    assert players.arguments(name) == arguments
    assert players.audio(name) == header + _PCM + _PCM


async def test_sound_starts_when_the_first_audio_arrives(players: FakePlayers) -> None:
    """The player gets the first audio before the rest has been generated."""
    players.install("aplay")
    async with playing(named("aplay"), 22_050) as playback:
        await playback.write(_PCM[:2])
        async with asyncio.timeout(30):
            while not players.has_begun("aplay"):
                await asyncio.sleep(0.001)  # gives the player's process time to run
        await playback.write(_PCM[2:])
        await playback.finish()
    assert players.audio("aplay") == _PCM


async def test_player_that_needs_a_file_gets_a_complete_one(players: FakePlayers) -> None:
    """afplay, which cannot play a stream, gets a WAV file with the correct size when all audio has arrived."""
    players.install("afplay")
    await play(named("afplay"), _PCM, _PCM, rate=16_000)
    with wave.open(io.BytesIO(players.audio("afplay"))) as file:
        assert file.getframerate() == 16_000
        assert file.readframes(file.getnframes()) == _PCM + _PCM


@pytest.mark.parametrize("name", ["aplay", "afplay"])
async def test_failure_of_the_player_is_explained(players: FakePlayers, name: str) -> None:
    """If the player fails, the error contains its last message, and suggests another player or a file as output."""
    players.install(name, "echo first >&2; echo 'audio open error: No such device' >&2; echo >&2; exit 1")
    with pytest.raises(ClientError) as caught:
        await play(named(name), _PCM)
    assert str(caught.value) == (
        f"{name} cannot play the speech: audio open error: No such device. To write a file: --output speech.wav"
    )
    players.install("mpv")
    players.install(name, "exit 7")
    with pytest.raises(ClientError, match=r"exit code 7\. To try another player: --player mpv$"):
        await play(named(name), _PCM)


async def test_player_that_ends_early_is_noticed_at_once(players: FakePlayers) -> None:
    """If the player exits while audio is arriving, the error is raised before all audio has been written."""
    players.install("aplay", "echo 'no device' >&2; exit 1")
    async with playing(named("aplay"), 22_050) as playback:

        async def write_all() -> None:
            while True:
                await playback.write(_PCM)
                await asyncio.sleep(0)  # lets the event loop notice that the pipe is closed

        with pytest.raises(ClientError, match="no device"):
            await asyncio.wait_for(write_all(), 30)


async def test_player_ends_with_its_context(players: FakePlayers) -> None:
    """If the speech is cancelled, the player is stopped, even if it does not read."""
    players.install("aplay", "exec sleep 1000")
    async with asyncio.timeout(30), playing(named("aplay"), 22_050):
        pass


async def test_player_that_cannot_be_started_is_an_error(players: FakePlayers) -> None:
    """If the player cannot be started, for example because it has been uninstalled, the error contains its name."""
    with pytest.raises(ClientError, match=r"^aplay cannot be started \(No such file or directory\)$"):
        await play(named("aplay"), _PCM)
