"""The endpoints of this server's own HTTP API, with a fake voice. A real client sends requests over a real socket."""

import asyncio
import contextlib
import io
import wave

import httpx
import pytest

from tests.fakes import Gate, failing_on, pcm_of
from tests.http.serving import CROWD, ENTRY, HttpBench, error_of, serve
from wyoming_piper_serial.cli.values import network
from wyoming_piper_serial.observe.views import HealthState
from wyoming_piper_serial.settings import Http, Limits, NetworkPriority, Priority, Sharing

_SPEAK = "/api/text-to-speech"
_TOKEN = "open-sesame"  # noqa: S105  # a test's token


def frames(wav: bytes) -> bytes:
    """Return the samples of a streamed WAV, whose header does not contain the number of samples."""
    with wave.open(io.BytesIO(wav)) as reader:
        assert (reader.getframerate(), reader.getsampwidth(), reader.getnchannels()) == (22050, 2, 1)
    return wav[44:]


def holding_two(gate: Gate) -> contextlib.AbstractAsyncContextManager[HttpBench]:
    """Return a bench with a voice that blocks at each sentence that begins with "Two"."""
    return serve(on_run=lambda text: gate.hold() if text.startswith("Two") else None)


async def test_get_speaks_the_text_of_the_query() -> None:
    """GET speaks the text in the query, as sent by curl and the address bar of a browser."""
    async with serve() as bench:
        response = await bench.get(_SPEAK, params={"text": "One here. Two there."})
    assert response.headers["content-type"] == "audio/wav"
    assert frames(response.content) == pcm_of("One here.", "Two there.")


async def test_post_speaks_its_body() -> None:
    """POST speaks the plain text in the body, as sent by clients of the wyoming library's HTTP gateway."""
    async with serve() as bench:
        response = await bench.post(_SPEAK, content="Grüße an alle.".encode())
    assert frames(response.content) == pcm_of("Grüße an alle.")


async def test_audio_arrives_while_the_rest_is_made() -> None:
    """The audio of the first sentence arrives before the second sentence is synthesized."""
    gate = Gate()
    async with holding_two(gate) as bench, bench.listen("One here. Two there.") as response:
        got = b""
        pieces = response.aiter_raw()
        while len(got) < 44 + len(pcm_of("One here.")):
            got += await anext(pieces)
        gate.open()
        got += b"".join([piece async for piece in pieces])
    assert frames(got) == pcm_of("One here.", "Two there.")


async def test_voice_speaker_speed_and_seed_reach_the_voice() -> None:
    """The voice, the speaker, the speed and the seed in the query are used for synthesis. A speed of 2 halves the
    length scale."""
    async with serve() as bench:
        parameters = {"text": "Salut.", "voice": CROWD.name, "speaker": "bob", "speed": "2", "seed": "7"}
        response = await bench.get(_SPEAK, params=parameters)
        options = bench.voice.options[-1]
    assert response.status_code == 200
    assert (options.speaker, options.synthesis.length_scale, options.synthesis.seed) == (1, 0.5, 7)


async def test_language_finds_a_voice() -> None:
    """If the voice is a language code, the best voice of this language is used."""
    async with serve() as bench:
        assert (await bench.get(_SPEAK, params={"text": "Salut.", "voice": "fr"})).status_code == 200
        assert bench.voice.options[-1].speaker == 0


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, (422, "bad-request")),
        ({"text": ""}, (422, "bad-request")),
        ({"text": "Hi.", "speed": "9"}, (422, "bad-request")),
        ({"text": "Hi.", "speed": "nan"}, (422, "bad-request")),
        ({"text": "Hi.", "seed": "-1"}, (422, "bad-request")),
        ({"text": "Hi.", "text_rules": "on"}, (422, "bad-request")),
        ({"text": "Hi.", "priority": "urgent"}, (422, "bad-request")),
        ({"text": "x" * 101}, (422, "text-too-long")),
        ({"text": "Hi.", "voice": "nobody"}, (404, "unknown-voice")),
        ({"text": "Hi.", "voice": CROWD.name, "speaker": "eve"}, (404, "unknown-speaker")),
    ],
)
async def test_invalid_input_is_an_error(params: dict[str, str], expected: tuple[int, str]) -> None:
    """The response to invalid input has a status, a message, and the error code that the Wyoming server uses for the
    same mistake. The error is counted in the metrics."""
    async with serve(limits=Limits(max_text=100)) as bench:
        response = await bench.get(_SPEAK, params=params)
        assert error_of(response) == expected
        assert response.json()["error"]["message"].endswith(".")
        assert bench.engine.snapshot().errors == {expected[1]: 1}


async def test_error_names_the_field_but_not_its_value() -> None:
    """The error message about an invalid field contains the field's name, but not its value, which may be private."""
    async with serve() as bench:
        message = (await bench.get(_SPEAK, params={"text": "Hi.", "speed": "secret"})).json()["error"]["message"]
    assert message.startswith("speed: ")
    assert "secret" not in message


async def test_body_that_is_not_text_is_an_error() -> None:
    """An empty body, a body of invalid UTF-8 and a JSON body cause errors. None of them is spoken."""
    async with serve() as bench:
        assert error_of(await bench.post(_SPEAK)) == (422, "bad-request")
        assert error_of(await bench.post(_SPEAK, content=b"\xff\xfe")) == (422, "bad-request")
        assert error_of(await bench.post(_SPEAK, json={"text": "Hello."})) == (415, "bad-request")
        assert bench.voice.runs == []


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"text=One+here.&voice=fake&speed=2", {"Content-Type": "application/x-www-form-urlencoded"}),
        (b"One here.", {"Content-Type": "application/x-www-form-urlencoded"}),
        (b"One here.", {"Content-Type": "application/octet-stream"}),
        (b"One here.", {}),
    ],
)
async def test_post_reads_forms_and_texts(content: bytes, headers: dict[str, str]) -> None:
    """POST speaks the field `text` of a form, or a plain-text body."""
    async with serve() as bench:
        response = await bench.post(_SPEAK, content=content, headers=headers, params={"seed": 3})
        assert response.status_code == 200, response.text
        assert bench.voice.runs == ["One here."]
        assert bench.voice.options[-1].synthesis.seed == 3


async def test_post_reads_multipart_forms() -> None:
    """POST speaks the field `text` of a multipart form, and uses the other fields as parameters."""
    async with serve() as bench:
        fields = {"text": (None, "One here."), "voice": (None, CROWD.name), "speaker": (None, "bob")}
        assert (await bench.post(_SPEAK, files=fields)).status_code == 200
        assert (bench.voice.runs, bench.voice.options[-1].speaker) == (["One here."], 1)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("text=Hi.&speed=9", (422, "bad-request")),
        ("text=Tom & Jerry", (422, "bad-request")),
        ("text=Hi.&seed=1", (422, "bad-request")),
        ("text=" + "Hi.+" * 8000 + "&voice=nobody", (404, "unknown-voice")),
    ],
)
async def test_invalid_form_is_an_error(content: str, expected: tuple[int, str]) -> None:
    """A form with an invalid or unknown field, or with a field that the query also has, is refused."""
    async with serve() as bench:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        refused = await bench.post(_SPEAK, content=content, headers=headers, params={"seed": 1})
        assert error_of(refused) == expected
        assert "Jerry" not in refused.text
        assert bench.voice.runs == []


@pytest.mark.parametrize("kind", ["audio/wav", "image/png", "application/pdf", "text/plain; charset=latin-1"])
async def test_other_types_of_bodies_are_refused(kind: str) -> None:
    """A body of another type gets status 415, and the message says what to send."""
    async with serve() as bench:
        refused = await bench.post(_SPEAK, content=b"Hello.", headers={"Content-Type": kind})
        assert error_of(refused) == (415, "bad-request")
        assert "Send the text" in refused.text
        assert bench.voice.runs == []


async def test_unknown_query_field_is_refused() -> None:
    """An unknown field in the query is refused. The error does not contain its name, which may be part of a text."""
    async with serve() as bench:
        refused = await bench.get(f"{_SPEAK}?text=Hello& Jerry=x")
        assert error_of(refused) == (422, "bad-request")
        assert "%26" in refused.text
        assert "Jerry" not in refused.text
        assert error_of(await bench.post(f"{_SPEAK}?lang=en", content="Hi.")) == (422, "bad-request")


@pytest.mark.parametrize(
    ("name", "media_type"), [("wav", "audio/wav"), ("FLAC", "audio/flac"), ("ogg", "audio/ogg"), ("Opus", "audio/ogg")]
)
async def test_format_of_the_query(name: str, media_type: str) -> None:
    """The query selects the audio format, regardless of case. `ogg` is another name for `opus`."""
    async with serve() as bench:
        response = await bench.get(_SPEAK, params={"text": "Hi.", "format": name})
        assert (response.status_code, response.headers["content-type"]) == (200, media_type)


async def test_pcm_states_its_rate() -> None:
    """The header of a response in the format `pcm` contains the sample rate, which is the rate of the voice."""
    async with serve() as bench:
        response = await bench.get(_SPEAK, params={"text": "One here.", "format": "pcm"})
    assert response.content == pcm_of("One here.")
    assert (response.headers["content-type"], response.headers["x-sample-rate"]) == ("audio/pcm", "22050")


async def test_head_gets_the_headers_without_speech() -> None:
    """HEAD gets the status and the headers that GET would get. Nothing is synthesized."""
    async with serve() as bench:
        url = bench.base + _SPEAK
        plain = await bench.client.head(url, params={"text": "Hi."})
        assert (plain.status_code, plain.headers["content-type"], plain.content) == (200, "audio/wav", b"")
        pcm = await bench.client.head(url, params={"text": "Hi.", "format": "pcm"})
        assert pcm.headers["x-sample-rate"] == "22050"
        statuses = [
            (await bench.client.head(url, params=params)).status_code
            for params in ({}, {"text": "Hi.", "voice": "nobody"}, {"text": "Hi.", "voice": CROWD.name, "speaker": "x"})
        ]
        assert statuses == [422, 404, 404]
        assert bench.voice.runs == []
        assert bench.engine.buffers.text.used == 0


async def test_ranges_are_parts_of_the_same_speech() -> None:
    """A client that first requests two bytes and then the remaining bytes gets two parts of the same WAV file. Each
    response states the length of the whole file. A client that first requests all bytes gets the same samples."""
    async with serve() as bench:
        parameters = {"text": "One here. Two there."}
        whole = 44 + len(pcm_of("One here.", "Two there."))
        parts = [
            await bench.get(_SPEAK, params=parameters, headers={"Range": f"bytes={wanted}"})
            for wanted in ("0-1", f"2-{whole - 1}", "-10", f"{whole}-")
        ]
        stream = await bench.get(_SPEAK, params=parameters, headers={"Range": "bytes=0-"})
        assert [part.status_code for part in parts] == [206, 206, 206, 416]
        assert parts[0].headers["content-range"] == f"bytes 0-1/{whole}"
        assert parts[0].headers["content-length"] == "2"
        assert parts[3].headers["content-range"] == f"bytes */{whole}"
        assert error_of(parts[3]) == (416, "bad-request")
        file = parts[0].content + parts[1].content
        with wave.open(io.BytesIO(file)) as reader:
            assert reader.readframes(reader.getnframes()) == pcm_of("One here.", "Two there.")
        assert file[-10:] == parts[2].content
        assert stream.content[44:] == file[44:]
        seeds = {options.synthesis.seed for options in bench.voice.options[::2]}
        assert len(seeds) == 1
        assert seeds != {None}
        await bench.settled(lambda: bench.engine.buffers.used == 0)


@pytest.mark.parametrize(
    ("headers", "name"),
    [({"Range": "bytes=0-"}, "wav"), ({"Range": "bytes=0-1"}, "flac"), ({"If-Range": '"x"'}, "wav")],
)
async def test_range_of_a_stream_is_the_whole(headers: dict[str, str], name: str) -> None:
    """The whole audio is streamed if the range includes all bytes, if the format is compressed, or if the request has
    `If-Range`."""
    async with serve() as bench:
        given = {"Range": "bytes=0-1", **headers}
        response = await bench.get(_SPEAK, params={"text": "Hi.", "format": name}, headers=given)
        assert response.status_code == 200
        assert "content-range" not in response.headers


async def test_range_beyond_the_memory_is_refused() -> None:
    """A range is refused if the whole audio does not fit into the memory that --max-buffered allows."""
    async with serve(limits=Limits(max_buffered=1)) as bench:
        text = "A long sentence. " * 200
        refused = await bench.get(_SPEAK, params={"text": text}, headers={"Range": "bytes=5-9"})
        assert error_of(refused) == (503, "buffers-full")
        await bench.settled(lambda: bench.engine.buffers.used == 0)


async def test_raw_utf8_in_a_url_is_read() -> None:
    """Text in raw UTF-8 in a URL, as users type it, is spoken like percent-encoded text."""
    async with serve() as bench:
        reader, writer = await bench.connect()
        target = f"{_SPEAK}?text=Grüße,Ελλάδα!".encode()
        writer.write(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert b" 200 OK" in await reader.readline()
        await reader.read()
        assert bench.voice.runs == ["Grüße,Ελλάδα!"]


@pytest.mark.parametrize("path", [_SPEAK, "/v1/audio/speech", "/v1/audio/voices", "/v1/models", "/api/voices"])
async def test_trailing_slash_is_ignored(path: str) -> None:
    """An API path with a trailing slash refers to the same endpoint."""
    async with serve() as bench:
        plain, slash = [(await bench.get(one, params={"text": "Hi."})).status_code for one in (path, f"{path}/")]
        assert plain == slash != 404
        assert (await bench.get("/health/")).status_code == 404


async def test_full_queue_is_a_503_with_retry_after() -> None:
    """A request beyond `--max-queue` gets 503 with Retry-After, and the queued requests are still answered."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold(), limits=Limits(max_queue=1)) as bench:
        first = asyncio.create_task(bench.get(_SPEAK, params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        refused = await bench.get(_SPEAK, params={"text": "Too many."})
        gate.open()
        assert (await first).status_code == 200
    assert error_of(refused) == (503, "queue-full")
    assert int(refused.headers["retry-after"]) > 0


async def test_encoder_is_created_with_the_first_audio() -> None:
    """A request that waits for the voice has no encoder, because an encoder takes memory. The encoder is freed after
    the response."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold()) as bench:
        counted = bench.engine.buffers.text
        speaking = asyncio.create_task(
            bench.post("/v1/audio/speech", json={"input": "One here.", "response_format": "flac"})
        )
        assert await asyncio.to_thread(gate.entered.wait, 10)
        assert counted.used < 1000
        gate.open()
        assert (await speaking).status_code == 200
        await bench.settled(lambda: counted.used == 0)


async def test_encoders_beyond_the_memory_are_refused() -> None:
    """A response whose encoder needs more memory than --max-buffered allows is refused. Plain formats need no
    encoder."""
    async with serve(limits=Limits(max_buffered=1)) as bench:
        flac, wav = [
            await bench.post("/v1/audio/speech", json={"input": "Hello.", "response_format": name})
            for name in ("flac", "wav")
        ]
        assert error_of(flac) == (503, "buffers-full")
        assert wav.status_code == 200
        await bench.settled(lambda: bench.engine.buffers.used == 0)


async def test_failing_voice_is_a_500_for_one_request() -> None:
    """A request whose synthesis fails gets 500, and the next request is answered."""
    async with serve(on_run=failing_on("bad")) as bench:
        assert error_of(await bench.get(_SPEAK, params={"text": "This is bad."})) == (500, "synthesis-failed")
        assert (await bench.get(_SPEAK, params={"text": "This is good."})).status_code == 200


async def test_failure_after_the_first_audio_leaves_the_answer_incomplete() -> None:
    """After a failure during speech, the body ends without its last chunk, so the client can detect the failure."""
    async with serve(on_run=failing_on("bad")) as bench:
        with pytest.raises(httpx.RemoteProtocolError):
            await bench.get(_SPEAK, params={"text": "This is good. This is bad."})
        assert bench.engine.snapshot().errors == {"synthesis-failed": 1}


async def test_disconnect_of_a_waiting_client_cancels() -> None:
    """If a client disconnects while its request is waiting, the request is cancelled before any model run."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold()) as bench:
        held = asyncio.create_task(bench.get(_SPEAK, params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        leaving = asyncio.create_task(bench.get(_SPEAK, params={"text": "Never said."}))
        await bench.accepted(2)
        leaving.cancel()
        await bench.settled(lambda: bench.engine.snapshot().cancelled == 1)
        gate.open()
        assert (await held).status_code == 200
    assert bench.voice.runs == ["Held."]


async def test_disconnect_during_speech_cancels() -> None:
    """If a client disconnects during speech, no model run for its request starts after the current one."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold() if text.startswith("Two") else None) as bench:
        async with bench.client.stream(
            "GET", bench.base + _SPEAK, params={"text": "One here. Two there. Three all."}
        ) as response:
            pieces = response.aiter_raw()  # keeps the iterator alive, because freeing it closes the connection
            await anext(pieces)
            assert await asyncio.to_thread(gate.entered.wait, 10)
        await bench.settled(lambda: bench.engine.snapshot().cancelled == 1)
        gate.open()
    assert bench.voice.runs == ["One here.", "Two there."]


async def test_token_is_required_for_speech_only() -> None:
    """Only speech requires the token. Health, metrics, activity and the lists of voices and models do not."""
    async with serve(http=Http(token=_TOKEN)) as bench:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {_TOKEN}"}):
            refused = await bench.get(_SPEAK, params={"text": "Hi."}, headers=headers)
            assert error_of(refused) == (401, "unauthorized")
            assert refused.headers["www-authenticate"] == "Bearer"
        allowed = await bench.get(_SPEAK, params={"text": "Hi."}, headers={"Authorization": f"Bearer {_TOKEN}"})
        assert allowed.status_code == 200
        for path in ("/health", "/metrics", "/api/voices", "/api/activity", "/v1/models"):
            assert (await bench.get(path)).status_code == 200


async def test_priority_follows_the_address_unless_named() -> None:
    """A request without a priority gets the priority of its client's address, as in Wyoming."""
    low = NetworkPriority(network("127.0.0.0/8"), Priority.LOW)
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold(), sharing=Sharing(priorities=(low,))) as bench:
        asked = [{"text": "First."}, {"text": "Low."}, {"text": "High.", "priority": "high"}]
        tasks = []
        for number, params in enumerate(asked, start=1):
            tasks.append(asyncio.create_task(bench.get(_SPEAK, params=params)))
            await bench.accepted(number)
        await bench.settled(lambda: sum(bench.engine.snapshot().queue.waiting.values()) == 2)
        assert bench.engine.snapshot().queue.waiting == {Priority.LOW: 1, Priority.HIGH: 1}
        gate.open()
        await asyncio.gather(*tasks)


async def test_voices_are_listed_with_their_speakers() -> None:
    """`/api/voices` lists all voices with their speakers, and names the default voice."""
    async with serve() as bench:
        listed = (await bench.get("/api/voices")).json()
    assert listed["default"] == ENTRY.name
    assert {voice["name"]: voice["speakers"] for voice in listed["voices"]} == {
        ENTRY.name: [],
        CROWD.name: ["anna", "bob"],
    }


@pytest.mark.parametrize(
    ("state", "statuses"),
    [
        (HealthState.READY, (200, 200, 200)),
        (HealthState.LOADING, (503, 503, 200)),
        (HealthState.DRAINING, (503, 503, 200)),
        (HealthState.HUNG, (503, 503, 503)),
    ],
)
async def test_health_of_each_state(state: HealthState, statuses: tuple[int, int, int]) -> None:
    """`/health/ready` returns 503 unless the server accepts requests. `/health/live` returns 503 only while a model run
    hangs."""
    async with serve() as bench:
        bench.state = state
        answers = [await bench.get(path) for path in ("/health", "/health/ready", "/health/live")]
    assert tuple(answer.status_code for answer in answers) == statuses
    assert {answer.json()["status"] for answer in answers} == {state.value}


async def test_activity_shows_a_request_without_its_text() -> None:
    """The response of `/api/activity` contains neither the text of a request nor the address of its client."""
    async with serve() as bench:
        await bench.get(_SPEAK, params={"text": "Something private."})
        answer = await bench.get("/api/activity")
    (one,) = answer.json()["utterances"]
    assert (one["outcome"], one["voice"]) == ("completed", ENTRY.name)
    assert one["asked"] <= one["begun"] <= one["heard"] <= one["ended"] <= answer.json()["now"]
    assert "private" not in answer.text
    assert "127.0.0.1" not in answer.text


async def test_unknown_paths_and_methods_are_errors_of_the_same_shape() -> None:
    """Unknown paths and methods get JSON errors in the usual format, and a 405 response has the Allow header."""
    async with serve() as bench:
        assert error_of(await bench.get("/nothing")) == (404, "not-found")
        wrong = await bench.client.delete(bench.base + "/api/voices")
        assert error_of(wrong) == (405, "bad-request")
        assert wrong.headers["allow"] == "GET"


async def test_allow_header_names_all_methods_of_a_path() -> None:
    """The Allow header of a 405 response lists all methods of the path (RFC 9110, section 15.5.6)."""
    async with serve() as bench:
        refused = await bench.client.delete(bench.base + _SPEAK)
        assert error_of(refused) == (405, "bad-request")
        assert refused.headers["allow"] == "GET, POST"
        assert (await bench.client.put(bench.base + "/")).headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("words", "spoken"),
    [
        ("Hel\\ud800lo.", "Hello."),
        ("\\udfffHello.\\ud83d", "Hello."),
        ("Hi \\ud83d\\ude00.", "Hi ."),
        ("A\\udc80.", "A."),
    ],
)
async def test_lone_surrogates_are_dropped(words: str, spoken: str) -> None:
    """A lone surrogate, which JSON can contain, is removed from texts and names, as in Wyoming."""
    async with serve(http=Http(openai_pcm_rate=0)) as bench:
        body = f'{{"input": "{words}", "response_format": "pcm", "voice": "fr\\ud800_FR", "model": "\\ud800"}}'
        answer = await bench.post("/v1/audio/speech", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 200
        assert answer.content == pcm_of(spoken)


async def test_text_of_lone_surrogates_is_silence() -> None:
    """A text that contains only lone surrogates is answered without an error and without a model run."""
    async with serve() as bench:
        body = '{"input": "\\ud800\\udfff\\ud800", "response_format": "pcm"}'
        answer = await bench.post("/v1/audio/speech", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 200
        assert bench.voice.runs == []
        for query in ("%ED%A0%80Hello.", "Hello.%ff"):  # invalid UTF-8: a lone surrogate, and an invalid byte
            assert (await bench.get(f"/api/text-to-speech?text={query}")).status_code == 200


async def test_unknown_voice_with_a_lone_surrogate_is_named() -> None:
    """If an unknown voice name contains a lone surrogate, the error message contains the name without the surrogate."""
    async with serve() as bench:
        body = '{"input": "Hello.", "voice": "no\\ud800body"}'
        answer = await bench.post("/v1/audio/speech", content=body, headers={"Content-Type": "application/json"})
        assert error_of(answer) == (404, "unknown-voice")
        assert "nobody" in answer.text
