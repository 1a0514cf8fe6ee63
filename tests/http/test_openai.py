"""The endpoints of OpenAI's API, with a fake voice. The requests are like those of clients for OpenAI and compatible
servers. `tests/integration/test_openai.py` uses OpenAI's own client."""

import base64
import json
import logging
from typing import Any

import httpx
import pytest

from tests.fakes import failing_on, pcm_of
from tests.http.serving import CROWD, ENTRY, HttpBench, error_of, serve
from wyoming_piper_serial.exceptions import VoiceFileError, VoiceLoadTimeout
from wyoming_piper_serial.http import openai
from wyoming_piper_serial.http.openai import OPENAI_VOICES
from wyoming_piper_serial.settings import Http, VoiceAlias

_SPEECH = "/v1/audio/speech"
_NATIVE = Http(openai_pcm_rate=0)


async def speech(bench: HttpBench, **fields: Any) -> httpx.Response:
    return await bench.post(_SPEECH, json={"input": "One here.", "response_format": "pcm", **fields})


def events(response: httpx.Response) -> list[dict[str, Any]]:
    """Return the data of the server-sent events in a response."""
    assert response.headers["content-type"] == "text/event-stream"
    blocks = response.text.split("\n\n")
    assert blocks.pop() == ""
    return [json.loads(block.removeprefix("data: ")) for block in blocks]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"voice": None, "model": None, "speed": None, "stream_format": None, "speaker": None, "seed": None},
        {"voice": {"id": ENTRY.name}},
        {"voice": ENTRY.name, "model": "gpt-4o-mini-tts-2025-12-15", "instructions": "Speak like a pirate."},
        {"instructions": None, "lang_code": "a", "stream": True, "volume_multiplier": 1.5, "user": ["x"]},
        {"speed": 0.25},
        {"speed": 4},
        {"response_format": "PCM", "stream_format": "Audio"},
        {"priority": None, "unknown": {"nested": [1, {"a": None}]}},
    ],
)
async def test_fields_of_other_clients_are_accepted(fields: dict[str, Any]) -> None:
    """`null` selects the default, a voice may be an object with an `id`, and unknown fields are ignored."""
    async with serve(http=_NATIVE) as bench:
        response = await speech(bench, **fields)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "audio/pcm"
        assert bench.voice.runs == ["One here."]


@pytest.mark.parametrize(("available", "media_type"), [(("mp3", "wav"), "audio/mpeg"), (("wav", "pcm"), "audio/wav")])
async def test_default_format_is_available(
    available: tuple[str, ...], media_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a format, the response is MP3, or WAV if the installation has no encoder for MP3."""
    monkeypatch.setattr(openai, "available_formats", lambda: available)
    async with serve() as bench:
        for fields in ({}, {"response_format": None}):
            response = await bench.post(_SPEECH, json={"input": "One here.", **fields})
            assert response.headers["content-type"] == media_type


@pytest.mark.parametrize(
    "fields", [{"input": None}, {"speed": 0.2}, {"speed": 4.1}, {"voice": {"name": "x"}}, {"voice": {"id": None}}]
)
async def test_invalid_fields_are_refused(fields: dict[str, Any]) -> None:
    """A missing text, a speed that is out of range and a voice object without an `id` are refused."""
    async with serve() as bench:
        assert error_of(await speech(bench, **fields)) == (422, "bad-request")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [(None, "audio/mpeg"), ("MP3", "audio/mpeg"), ("ogg", "audio/ogg"), ("Opus", "audio/ogg"), ("WAV", "audio/wav")],
)
async def test_format_in_any_case(name: str | None, media_type: str) -> None:
    """The format is not case-sensitive. `ogg` is another name for `opus`, and `null` selects mp3."""
    async with serve() as bench:
        response = await speech(bench, response_format=name)
        assert (response.status_code, response.headers["content-type"]) == (200, media_type)


@pytest.mark.parametrize("voice", [*sorted(OPENAI_VOICES), "Alloy", {"id": "NOVA"}])
async def test_voices_of_openai_mean_the_default_voice(voice: object) -> None:
    """OpenAI's voice names select the default voice, because many programs always send one of them."""
    async with serve() as bench:
        assert (await speech(bench, voice=voice)).status_code == 200
        assert bench.voice.options[-1].speaker is None


async def test_other_unknown_voices_are_errors() -> None:
    """A name that is neither a voice of this server nor an OpenAI voice is an error, as for other endpoints."""
    async with serve() as bench:
        for voice in ("voice_1234", {"id": "voice_1234"}):
            assert error_of(await speech(bench, voice=voice)) == (404, "unknown-voice")


async def test_option_gives_a_name_another_meaning() -> None:
    """`--openai-voice` maps a name to a voice. Other endpoints do not accept the name."""
    aliases = (VoiceAlias("Alloy", CROWD.name), VoiceAlias("voice_1234", "fr"), VoiceAlias("echo", "gone"))
    async with serve(http=Http(openai_voices=aliases)) as bench:
        for voice in ("alloy", "ALLOY", {"id": "voice_1234"}):
            assert (await speech(bench, voice=voice)).status_code == 200
            assert bench.voice.options[-1].speaker == 0, "the voice with two speakers"
        assert error_of(await speech(bench, voice="echo")) == (404, "unknown-voice")
        assert error_of(await bench.get("/api/text-to-speech?text=Hi.&voice=alloy")) == (404, "unknown-voice")


async def test_option_with_an_unknown_voice_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """If the voice in `--openai-voice` does not exist at the start, a warning is logged."""
    with caplog.at_level(logging.WARNING):
        async with serve(http=Http(openai_voices=(VoiceAlias("alloy", "gone"), VoiceAlias("echo", ENTRY.name)))):
            pass
    (warning,) = [record.getMessage() for record in caplog.records]
    assert warning.startswith("--openai-voice alloy=gone: There is no voice 'gone' here.")


async def test_pcm_has_the_rate_that_players_expect() -> None:
    """`pcm` has a sample rate of 24 kHz, as in OpenAI's API, and a header states the rate. `--openai-pcm-rate` can
    select another rate, or the rate of the voice.
    """
    own = len(pcm_of("One here."))
    for rate, expected in ((24_000, "24000"), (16_000, "16000"), (0, "22050")):
        async with serve(http=Http(openai_pcm_rate=rate)) as bench:
            response = await speech(bench)
            assert response.headers["x-sample-rate"] == expected
            assert len(response.content) == pytest.approx(own * int(expected) / 22_050, abs=4)
            assert "x-sample-rate" not in (await speech(bench, response_format="wav")).headers


async def test_default_pcm_rate_is_that_of_openai() -> None:
    """Without `--openai-pcm-rate`, `pcm` has a sample rate of 24 kHz."""
    async with serve() as bench:
        assert (await speech(bench)).headers["x-sample-rate"] == "24000"


@pytest.mark.parametrize("name", ["pcm", "wav", "mp3"])
async def test_events_contain_the_audio(name: str) -> None:
    """With `stream_format: sse`, each piece of audio is an event, and the last event marks the end of the audio."""
    async with serve(http=_NATIVE) as bench:
        response = await speech(bench, stream_format="sse", response_format=name, input="One here. Two there.")
        *deltas, done = events(response)
    assert {delta["type"] for delta in deltas} == {"speech.audio.delta"}
    assert done == {
        "type": "speech.audio.done",
        "usage": {"input_tokens": 20, "output_tokens": 0, "total_tokens": 20},
    }
    audio = b"".join(base64.b64decode(delta["audio"]) for delta in deltas)
    pcm = pcm_of("One here.", "Two there.")
    if name == "mp3":
        assert audio
    else:
        assert audio[44 if name == "wav" else 0 :] == pcm


async def test_failure_during_events_is_the_last_event() -> None:
    """An error after the first audio is sent as the last event, in the usual format. An error before the first audio
    determines the status of the response."""
    async with serve(on_run=failing_on("bad")) as bench:
        *_, last = events(await speech(bench, stream_format="sse", input="This is good. This is bad."))
        assert last["error"]["code"] == "synthesis-failed"
        early = await speech(bench, stream_format="sse", input="This is bad.")
        assert error_of(early) == (500, "synthesis-failed")


async def test_every_model_exists() -> None:
    """Clients may look up any model before they use it. The lists of models have the formats that clients expect."""
    async with serve() as bench:
        for name in ("tts-1", "piper", "hexgrad/Kokoro-82M"):
            model = (await bench.get(f"/v1/models/{name}")).json()
            assert (model["id"], model["object"]) == (name, "model")
        assert [model["id"] for model in (await bench.get("/v1/models/")).json()["data"]] == ["piper"]
        listed = (await bench.get("/v1/audio/models")).json()
        assert [[model["id"] for model in listed[key]] for key in ("data", "models")] == [["piper"]] * 2
        assert error_of(await bench.get(f"/v1/models/{'x' * 201}")) == (422, "bad-request")
        assert error_of(await bench.get("/v1/models/%ff")) == (404, "not-found")


async def test_pages_may_send_the_headers_of_openais_client() -> None:
    """A page of an allowed origin may send any header and read the sample rate. Other origins get the usual error."""
    async with serve(http=Http(cors=("https://example.org",))) as bench:
        asked = {
            "Origin": "https://example.org",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,x-stainless-os",
        }
        allowed = await bench.client.options(bench.base + _SPEECH, headers=asked)
        assert allowed.status_code == 200
        assert "x-stainless-os" in allowed.headers["access-control-allow-headers"]
        answer = await bench.post(_SPEECH, json={"input": "Hi."}, headers={"Origin": "https://example.org"})
        assert "X-Sample-Rate" in answer.headers["access-control-expose-headers"]
        refused = await bench.client.options(
            bench.base + _SPEECH, headers={**asked, "Access-Control-Request-Method": "DELETE"}
        )
        assert error_of(refused) == (400, "bad-request")


async def test_voice_that_cannot_be_loaded_is_not_listed() -> None:
    """The list of voices has no field for voices that are unusable, so it omits them. A voice whose load has merely
    timed out is listed."""
    async with serve() as bench:
        failures = bench.pool.failures

        async def names() -> list[str]:
            return [voice["id"] for voice in (await bench.get("/v1/audio/voices")).json()["voices"]]

        both = await names()
        failures.add(CROWD.key, VoiceLoadTimeout(CROWD.name, 60.0))
        assert await names() == both
        failures.add(CROWD.key, VoiceFileError(CROWD.name, "torn"))
        assert await names() == [ENTRY.name]
        assert set(both) == {ENTRY.name, CROWD.name}
