"""The HTTP server as part of the real program."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from wyoming.tts import SynthesizeVoice

from tests.integration.conftest import SMALL_VOICE, ServerProcess
from tests.integration.listeners import (
    HEADER,
    LONG,
    SPEAK,
    error_of,
    figures,
    frames,
    hear,
    listening,
    quiet,
    recite,
    spoken,
    until,
    visiting,
    web_socket,
    write,
)
from tests.integration.peers import PATIENCE, one_shot, stream
from tests.packaging.queries import served

_SHORT = "Hello there, everybody."
_WORDS = "Zoë, how are you?"
_TEXT = "The lights are on. It is twenty degrees outside! Shall I close the window?"


@pytest.fixture
async def client(http_base: str) -> AsyncIterator[httpx.AsyncClient]:
    """Wait until all earlier requests have ended, and return an HTTP client."""
    async with visiting(http_base) as visitor:
        await quiet(visitor)
        yield visitor


@pytest.mark.parametrize(("running", "voice"), [("server", "en_US-joe-medium"), ("small_server", SMALL_VOICE)])
async def test_speech_is_the_same_from_every_endpoint(request: pytest.FixtureRequest, running: str, voice: str) -> None:
    """Wyoming and every HTTP endpoint return the same bytes of speech, with both the bundled voice and the small
    voice."""
    server: ServerProcess = request.getfixturevalue(running)
    alone = (await one_shot(server.uri, _SHORT)).pcm
    async with visiting(server.http) as client:
        assert await spoken(client, _SHORT) == alone
        assert await spoken(client, _SHORT, voice=voice, speed=1, priority="high", seed=5) == alone
        assert frames((await client.post(SPEAK, content=_SHORT)).content) == alone
        assert (await client.get(SPEAK, params={"text": _SHORT, "format": "pcm"})).content == alone
        wanted = {"model": "tts-1", "input": _SHORT, "voice": voice, "response_format": "wav"}
        assert frames((await client.post("v1/audio/speech", json=wanted)).content) == alone


async def test_speed_multiplies_the_voices_own(small_server: ServerProcess, client: httpx.AsyncClient) -> None:
    """The speed in a request is relative to the speed of the voice. At twice the speed, the speech is about half as
    long."""
    for voice in (SMALL_VOICE, "en_GB-slow-medium"):
        length = len((await one_shot(small_server.uri, _SHORT, SynthesizeVoice(name=voice))).pcm)
        # Limits with a margin, because the durations of phonemes are rounded to whole frames.
        for speed, least, most in [(0.5, 1.7, 2.2), (2, 0.4, 0.7)]:
            heard = await spoken(client, _SHORT, voice=voice, speed=speed)
            assert least < len(heard) / length < most


async def test_seed_of_the_request_takes_precedence(client: httpx.AsyncClient) -> None:
    """The seed in a request takes precedence over `--seed` and determines the speech."""
    first, again, other = [await spoken(client, _SHORT, seed=seed) for seed in (6, 6, 5)]
    assert first == again != other


async def test_listed_voices_can_be_requested(client: httpx.AsyncClient) -> None:
    """Voices can be requested by name or language. A broken voice is listed, but requests for it get `voice-broken`.
    The list for OpenAI's clients then omits it."""
    listed = (await client.get("api/voices")).json()
    assert listed["default"] == SMALL_VOICE
    names = [voice["name"] for voice in listed["voices"]]
    assert "de_DE-broken-low" in names
    broken = await client.get(SPEAK, params={"text": "Yes.", "voice": "de_DE-broken-low"})
    assert error_of(broken) == (500, "voice-broken")
    usable = {voice["id"] for voice in (await client.get("v1/audio/voices")).json()["voices"]}
    assert usable == set(names) - {"de_DE-broken-low"}
    assert (await client.get(SPEAK, params={"text": "Yes.", "voice": "en"})).status_code == 200


async def test_first_audio_is_sent_before_the_last_is_made(client: httpx.AsyncClient) -> None:
    """If a client does not read, only part of its audio is synthesized. A disconnect cancels the request."""
    async with listening(client, LONG):
        await until(client, lambda seen: bool(seen) and seen[-1]["ended"] is None)
    last = (await quiet(client))[-1]
    assert last["outcome"] == "cancelled"
    assert sum(seconds for _, _, seconds in last["steps"]) < 60


@pytest.mark.parametrize(
    "arguments",
    [
        ("--data-urlencode", f"text={_WORDS}"),
        ("-d", f"text={_WORDS}"),
        ("--data-raw", _WORDS),
        ("-F", f"text={_WORDS}", "-F", f"voice={SMALL_VOICE}"),
        ("-G", "--data-urlencode", f"text={_WORDS}"),
        ("-H", "Content-Type: text/plain", "--data-raw", _WORDS),
    ],
)
async def test_curl_sends_a_text_in_each_way(
    client: httpx.AsyncClient, http_base: str, program: Callable[[str], str], arguments: tuple[str, ...]
) -> None:
    """A text sent by curl as a form, as a multipart form, as a body or in the query is spoken in the same way."""
    curl = await asyncio.create_subprocess_exec(
        program("curl"), "-sSf", f"{http_base}{SPEAK}", *arguments, stdout=subprocess.PIPE
    )
    assert frames((await curl.communicate())[0]) == await spoken(client, _WORDS)


async def test_curl_reads_raw_utf8_head_and_ranges(
    client: httpx.AsyncClient, http_base: str, program: Callable[[str], str]
) -> None:
    """curl can send raw UTF-8 in a URL, get only the headers with -I, and get part of the speech with -r."""

    async def curl(*arguments: str) -> bytes:
        url = f"{http_base}{SPEAK}?text=Caf\u00e9!&format=wav"
        process = await asyncio.create_subprocess_exec(program("curl"), "-sSf", *arguments, url, stdout=subprocess.PIPE)
        return (await process.communicate())[0]

    whole = await curl()
    assert frames(whole) == await spoken(client, "Caf\u00e9!")
    assert b"content-type: audio/wav" in (await curl("-I")).lower()
    assert await curl("-r", "44-143") == whole[44:144]


def test_curl_plays_from_the_pipe_at_once(http_base: str, program: Callable[[str], str]) -> None:
    """curl writes the first audio while the rest is being synthesized. When curl exits, the request is cancelled."""
    command = [program("curl"), "-sSN", f"{http_base}{SPEAK}", "--data-raw", LONG, "-H", "Content-Type: text/plain"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as curl:
        assert curl.stdout
        assert frames(curl.stdout.read(HEADER + 4096))
        with httpx.Client(base_url=http_base) as client:
            assert client.get("api/activity").json()["utterances"][-1]["ended"] is None
        curl.stdout.close()
        assert curl.wait(timeout=PATIENCE) == 23  # curl's exit code if it cannot write its output
    asyncio.run(_last_is(http_base, "cancelled"))


async def _last_is(http_base: str, outcome: str) -> None:
    async with visiting(http_base) as client:
        await until(client, lambda seen: seen[-1]["outcome"] == outcome)


async def test_text_in_pieces_is_the_same_speech_wherever_it_is_cut(
    small_server: ServerProcess, http_base: str
) -> None:
    """A text sent on a WebSocket as a whole, word by word or letter by letter gets the same audio as in a Wyoming
    request."""
    whole = await one_shot(small_server.uri, _TEXT)
    async with web_socket(http_base) as socket:
        for pieces in ([_TEXT], [f"{word} " for word in _TEXT.split()], list(_TEXT)):
            answer = await recite(socket, pieces)
            assert answer.events == ["start", "audio", "end"]
            assert answer.pcm == whole.pcm


async def test_first_sentence_is_spoken_before_the_text_ends(http_base: str) -> None:
    """The first sentence is spoken while the client is still sending the rest of its text."""
    async with web_socket(http_base) as socket:
        await write(socket, "start")
        await write(socket, "text", text="This is the first sentence. This is")
        assert (await hear(socket, "audio")).events == ["start", "audio"]
        await write(socket, "end")
        assert (await hear(socket)).events == ["audio", "end"]


async def test_error_on_a_web_socket_has_the_same_code(http_base: str) -> None:
    """An error on a WebSocket has the same code as in Wyoming, and the WebSocket is then closed."""
    async with web_socket(http_base) as socket:
        answer = await recite(socket, ["Hello."], voice="nobody")
        assert (answer.events, answer.error) == (["error"], "unknown-voice")
        await socket.wait_closed()
        assert socket.close_code == 1008


async def test_closing_a_web_socket_during_speech_cancels(client: httpx.AsyncClient, http_base: str) -> None:
    """Closing a WebSocket during speech cancels the request."""
    async with web_socket(http_base) as socket:
        await write(socket, "start")
        await write(socket, "text", text=LONG)
        await hear(socket, "audio")
    assert (await quiet(client))[-1]["outcome"] == "cancelled"


async def test_concurrent_clients_receive_the_speech_of_a_single_client(
    small_server: ServerProcess, client: httpx.AsyncClient, http_base: str
) -> None:
    """Fourteen simultaneous HTTP, WebSocket and Wyoming clients each receive the same bytes as a single client."""
    texts = [f"Listener number {number}." for number in range(14)]
    alone = [(await one_shot(small_server.uri, text)).pcm for text in texts]
    assert len(set(alone)) == 14

    async def by_socket(text: str) -> bytes:
        async with web_socket(http_base) as socket:
            return (await recite(socket, list(text))).pcm

    async def by_wyoming(number: int, text: str) -> bytes:
        return (await (stream(small_server.uri, list(text)) if number % 2 else one_shot(small_server.uri, text))).pcm

    together = await asyncio.gather(
        *(spoken(client, text) for text in texts[:3]),
        *(by_socket(text) for text in texts[3:6]),
        *(by_wyoming(number, text) for number, text in enumerate(texts[6:])),
    )
    assert [number for number, pcm in enumerate(together) if pcm != alone[number]] == []


async def test_metrics_agree_with_the_requests(client: httpx.AsyncClient, http_base: str) -> None:
    """The counters and histograms of `/metrics` count each request once, regardless of its protocol."""
    # A cancelled request can end before its last step. When the next request is complete, this step has been counted.
    await spoken(client, _TEXT)
    before = await figures(client)
    length = len(await spoken(client, _TEXT))
    await client.post("v1/audio/speech", json={"input": _TEXT, "response_format": "pcm"})
    async with web_socket(http_base) as socket:
        await recite(socket, [_TEXT])
    async with listening(client, LONG):
        pass
    for parameters in ({"voice": "nobody"}, {"voice": "nobody"}, {"speed": "9"}):
        assert (await client.get(SPEAK, params={"text": _TEXT, **parameters})).is_error
    await spoken(client, _TEXT)
    made = sum(seconds for one in (await quiet(client))[-5:] for _, _, seconds in one["steps"])
    after = await figures(client)

    def more(*name: str) -> float:
        return after[name] - before.get(name, 0)

    assert more("piper_serial_requests_total", "", "completed") == 4
    assert more("piper_serial_requests_total", "", "cancelled") == 1
    assert more("piper_serial_errors_total", "unknown-voice") == 2
    assert more("piper_serial_errors_total", "bad-request") == 1
    for name in ("queue_wait_seconds", "first_audio_seconds"):
        assert more(f"piper_serial_{name}_count") == more(f"piper_serial_{name}_bucket", "+Inf") == 5
    assert more("piper_serial_audio_seconds_total") == pytest.approx(made, abs=0.1)
    assert made > 4 * length / 2 / 22050
    assert more("piper_serial_step_seconds_count") > 4
    assert after["piper_serial_playing",] == sum(after["piper_serial_queue_depth", at] for at in ("high", "low")) == 0
    assert after["piper_serial_connections",] >= 1
    assert after["piper_serial_voices_loaded",] >= 1


async def test_metrics_have_the_names_that_alerts_and_dashboards_use(client: httpx.AsyncClient) -> None:
    """A running server provides the metrics used by the rules, the dashboard and the documentation. Before the first
    error, there are no error metrics."""
    seen = {name for name, *_ in await figures(client)}
    assert seen | {"piper_serial_errors_total"} == set(served())


async def test_health_lists_the_loaded_voices(client: httpx.AsyncClient) -> None:
    """The health endpoints report `ok` and list the loaded voices."""
    for path in ("health", "health/ready", "health/live"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert answer.json()["status"] == "ok"
        assert SMALL_VOICE in answer.json()["voices"]


async def test_text_is_not_logged(small_server: ServerProcess, client: httpx.AsyncClient, http_base: str) -> None:
    """Whether a text is sent in a URL, a body or a WebSocket message, the log contains its length but not the text
    itself."""
    await spoken(client, "My secret is marzipan.")
    await client.post(SPEAK, content="My secret is marzipan.")
    async with web_socket(http_base) as socket:
        await recite(socket, ["My secret is marzipan."])
        await write(socket, "text", text="marzipan")
        assert (await hear(socket)).error == "bad-request"
    assert (await client.get(SPEAK, params={"speed": "marzipan"})).is_error
    small_server.wait_for_lines("22 characters", 3)
    assert "marzipan" not in small_server.log
