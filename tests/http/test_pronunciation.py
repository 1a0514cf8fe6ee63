"""The endpoint that returns the phonemes of a text, with espeak-ng and a real client."""

import asyncio

import pytest

from tests.http.serving import error_of, serve
from wyoming_piper_serial.settings import Http, Limits

_PATH = "/api/phonemes"


async def test_text_becomes_sentences_and_phonemes() -> None:
    """The response contains the sentences of the text, their spoken forms, and the phonemes of each model run."""
    async with serve() as bench:
        response = await bench.post(_PATH, json={"text": "[[aa]] 5 km. A [[a a]]!"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    found = response.json()
    assert found["text"] == "[[aa]] 5 km. A [[a a]]!"
    assert [sentence["written"] for sentence in found["sentences"]] == ["[[aa]] 5 km.", "A [[a a]]!"]
    assert found["sentences"][0]["spoken"] == "[[aa]] 5 kilometers."
    assert found["sentences"][0]["phonemes"][0].startswith("aa ")  # the fake voice supports only a few phonemes


async def test_parameters_select_the_voice_and_the_rules() -> None:
    """The voice determines the language of the text rules, and `text_rules` can turn the rules off."""
    async with serve() as bench:
        french = await bench.post(_PATH, json={"text": "5 km", "voice": "fr"})
        plain = await bench.post(_PATH, json={"text": "5 km", "text_rules": "off"})
    assert french.json()["sentences"][0]["spoken"] == "5 kilomètres."
    assert plain.json()["sentences"][0]["spoken"] == "5 km."


async def test_text_without_words_has_no_sentences() -> None:
    """A text that contains only spaces or surrogates is not an error."""
    async with serve() as bench:
        for content in ('{"text": " "}', '{"text": "\\ud800"}'):
            response = await bench.post(_PATH, content=content, headers={"Content-Type": "application/json"})
            assert response.json() == {"text": " ", "sentences": []}


async def test_invalid_requests_are_refused() -> None:
    """A request without a text, with a text that is too long, with an unknown voice or without the token is refused."""
    async with serve(limits=Limits(max_text=10)) as bench:
        assert error_of(await bench.post(_PATH, json={})) == (422, "bad-request")
        assert error_of(await bench.post(_PATH, json={"text": ""})) == (422, "bad-request")
        assert error_of(await bench.post(_PATH, json={"text": "a" * 11})) == (422, "text-too-long")
        assert error_of(await bench.post(_PATH, json={"text": "a", "voice": "nope"})) == (404, "unknown-voice")
        assert (await bench.get(_PATH)).status_code == 405
    async with serve(http=Http(token="open-sesame")) as bench:  # noqa: S106
        assert error_of(await bench.post(_PATH, json={"text": "a"})) == (401, "unauthorized")
        allowed = await bench.post(_PATH, json={"text": "a"}, headers={"Authorization": "Bearer open-sesame"})
        assert allowed.status_code == 200


async def test_request_waits_for_other_sentences_of_its_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request waits while a sentence from another request of the same client is being converted to phonemes."""
    async with serve() as bench:
        lock = asyncio.Lock()
        monkeypatch.setattr(bench.context.synthesizer, "phonemizing", lambda client: lock)
        async with lock:
            waiting = asyncio.create_task(bench.post(_PATH, json={"text": "a"}))
            await bench.get("/api/voices")  # other requests are still answered
            assert not waiting.done()
        assert (await waiting).status_code == 200


async def test_slow_conversion_ends_at_the_request_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request fails if the conversion of its text to phonemes takes longer than --request-timeout."""
    async with serve(limits=Limits(request_timeout=0.001)) as bench:
        lock = asyncio.Lock()
        await lock.acquire()
        monkeypatch.setattr(bench.context.synthesizer, "phonemizing", lambda client: lock)
        assert error_of(await bench.post(_PATH, json={"text": "a"})) == (503, "request-timeout")


async def test_request_is_refused_during_the_shutdown() -> None:
    """When the server shuts down, the request ends with an error."""
    async with serve() as bench:
        bench.context.shutdown.begin()
        assert error_of(await bench.post(_PATH, json={"text": "a"})) == (503, "shutting-down")


async def test_memory_is_counted_and_released() -> None:
    """The response counts towards the client's memory limit until it has been sent."""
    async with serve() as bench:
        await bench.post(_PATH, json={"text": "a. b. c."})
        assert bench.engine.buffers.used == 0
