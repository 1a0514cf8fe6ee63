"""The messages that the server sends for one request on a WebSocket. The voice is a fake."""

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import Gate, holding_on, pcm_of, voice_config, voice_entry
from tests.http.serving import CROWD, ENTRY, serve
from tests.http.test_websocket import _END, _FORMAT, _START, receive, receive_speech, refusal, send, socket_of, text
from tests.voices.remote.mirror import public_voice
from wyoming_piper_serial.settings import Downloading
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.remote.manager import Downloads

_OPEN = _START | {"progress": True}
_REPLACE = _START | {"replace": True, "progress": True}


async def progress(socket: Any, *states: str) -> dict[str, Any]:
    """Receive progress messages until one has one of `states`, and return it."""
    while True:
        message: dict[str, Any] = await receive(socket)
        assert message["type"] in {"start", "progress"}, message
        if message.get("state") in states:
            return message


async def test_start_is_answered_at_once() -> None:
    """The format of the audio is sent before the client sends any text, and an unknown voice is refused just as early.
    The answer contains the `id` of the request."""
    async with serve() as bench:
        async with socket_of(bench) as socket:
            await send(socket, _START | {"id": 7})
            assert await receive(socket) == _FORMAT | {"id": 7}
        async with socket_of(bench) as socket:
            await send(socket, _START | {"voice": "nobody"})
            assert await refusal(socket) == ("unknown-voice", 1008)


async def test_progress_is_sent_only_if_it_is_requested() -> None:
    """With `progress`, the server reports what a request is waiting for, until the audio begins."""
    gate = Gate()
    async with serve(on_run=holding_on("Held", gate)) as bench, socket_of(bench) as held, socket_of(bench) as socket:
        await send(held, _START, text("Held."), _END)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        await send(socket, _OPEN)
        assert await receive(socket) == _FORMAT
        assert await progress(socket, "text") == {"type": "progress", "state": "text", "number": 2}
        await send(socket, text("One here."), _END)
        assert await progress(socket, "waiting") == {"type": "progress", "state": "waiting", "number": 2, "before": 0}
        gate.open()
        while not isinstance(message := await receive(socket), bytes):
            assert message["type"] == "progress"
        pcm = message
        while isinstance(message := await receive(socket), bytes):
            pcm += message
        assert (pcm, message) == (pcm_of("One here."), _END)
        assert await receive_speech(held) == pcm_of("Held.")


async def test_times_are_sent_before_the_audio_of_their_sentence() -> None:
    """With `timings`, the server sends the words of each sentence with their times, before the audio of the sentence.
    The words of the fake voice cannot be told apart, so each sentence is one passage."""
    async with serve() as bench, socket_of(bench) as socket:
        await send(socket, _START | {"timings": True}, text("One here. And two."), _END)
        assert await receive(socket) == _FORMAT
        seconds = 0.0
        starts: list[tuple[str, float]] = []
        while (message := await receive(socket)) != _END:
            if isinstance(message, bytes):
                seconds += len(message) / 2 / 22050
                continue
            [passage] = message["passages"]
            assert message == {
                "type": "timing",
                "number": len(starts) + 1,
                "sentence": passage["text"],
                "passages": [passage],
            }
            assert passage["start"] >= seconds - 1e-9
            starts.append((passage["text"], passage["start"]))
        second = len(pcm_of("One here.")) / 2 / 22050
        assert starts == [("One here.", 0.0), ("And two.", pytest.approx(second))]


async def test_replaced_request_keeps_its_place() -> None:
    """A `start` with `replace` takes the place of the waiting request, ahead of requests that arrived later. None of
    the replaced text is spoken."""
    gate = Gate()
    async with (
        serve(on_run=holding_on("Held", gate)) as bench,
        socket_of(bench) as held,
        socket_of(bench) as socket,
        socket_of(bench) as later,
    ):
        await send(held, _START, text("Held."), _END)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        await send(socket, _OPEN, text("A mistake."), _END)
        first = await progress(socket, "waiting")
        await send(later, _START, text("Later."), _END)
        await bench.accepted(3)
        await send(socket, _REPLACE | {"voice": CROWD.name}, text("Corrected."), _END)
        while (second := await progress(socket, "waiting"))["number"] == first["number"]:
            pass
        assert second["before"] == 0
        [replaced] = [one for one in bench.engine.activity().utterances if one.number == first["number"]]
        [current] = [one for one in bench.engine.activity().utterances if one.number == second["number"]]
        assert str(replaced.outcome) == "cancelled"
        assert current.asked == replaced.asked
        gate.open()
        pcm = b""
        while (message := await receive(socket)) != _END:
            pcm += message if isinstance(message, bytes) else b""
        assert pcm == pcm_of("Corrected.")
        assert await receive_speech(later) == pcm_of("Later.")
        assert await receive_speech(held) == pcm_of("Held.")
    assert bench.voice.runs == ["Held.", "Corrected.", "Later."]


async def test_replaced_speech_falls_silent() -> None:
    """A `start` with `replace` during speech cancels the speech. Only audio of the new text follows the answer to the
    new `start`, regardless of how many requests were replaced before."""
    gate = Gate()
    async with serve(on_run=holding_on("Two", gate)) as bench, socket_of(bench) as socket:
        await send(socket, _START, text("One here. Two there."), _END)
        assert await receive(socket) == _FORMAT
        assert await receive(socket) == pcm_of("One here.")
        assert await asyncio.to_thread(gate.entered.wait, 10)
        for words in ("Unheard.", "Unheard too."):
            await send(socket, _START | {"replace": True}, text(words))
        await send(socket, _START | {"replace": True}, text("Three."), _END)
        await bench.settled(lambda: bench.engine.snapshot().cancelled == 1)
        gate.open()
        while (message := await receive(socket)) == _FORMAT:
            pass
        assert message == pcm_of("Three.")
        assert await receive(socket) == _END
        await bench.settled(lambda: not any("SocketSpeech" in repr(task) for task in asyncio.all_tasks()))


async def test_hang_up_ends_a_replaced_request_too() -> None:
    """If the client disconnects after it has replaced a waiting request, both requests are cancelled."""
    gate = Gate()
    async with serve(on_run=holding_on("Held", gate)) as bench, socket_of(bench) as held:
        await send(held, _START, text("Held."), _END)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        async with socket_of(bench) as socket:
            await send(socket, _START, text("Waits."), _END)
            await bench.accepted(2)
            await send(socket, _REPLACE)
            await progress(socket, "text")
        await bench.settled(lambda: bench.engine.snapshot().cancelled == 1)
        gate.open()
        assert await receive_speech(held) == pcm_of("Held.")
    assert bench.voice.runs == ["Held."]


async def test_audio_is_sent_only_as_far_ahead_as_the_client_allows() -> None:
    """With `max_ahead`, the server stops sending when that many seconds of audio are unplayed, and continues when the
    client has reported further playback."""
    sentence = "A sentence of some hundred letters and more."
    async with serve() as bench, socket_of(bench) as socket:
        await send(socket, _START | {"max_ahead": 1}, text(f"{sentence} " * 30), _END)
        assert await receive(socket) == _FORMAT
        pcm = b""
        while len(pcm) < 2 * 22050:
            pcm += await receive(socket)
        await bench.settled(lambda: bench.engine.snapshot().completed == 1)
        await (await socket.ping())  # the answer comes after all messages that the server has sent so far
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await socket.recv()
        assert len(pcm) < len(pcm_of(sentence)) * 30
        await send(socket, {"type": "played", "seconds": 1000})
        while isinstance(message := await receive(socket), bytes):
            pcm += message
        assert message == _END
        assert pcm == pcm_of(*[sentence] * 30)
        await send(socket, {"type": "played", "seconds": 1000})  # arrives after the speech and is ignored
        await send(socket, _START, text("Two."), _END)
        assert await receive_speech(socket) == pcm_of("Two.")


async def test_long_audio_is_sent_in_several_messages() -> None:
    """A voice that synthesizes whole sentences yields all audio of a long sentence at once. This audio is sent in
    several messages, so that the buffer of a client that reads slowly stays small."""
    sentence = "x" * 599 + "."
    async with serve() as bench, socket_of(bench) as socket:
        await send(socket, _START, text(sentence), _END)
        assert await receive(socket) == _FORMAT
        pcm = b""
        while isinstance(message := await receive(socket), bytes):
            assert len(message) <= 64 * 1024
            pcm += message
        assert message == _END
        assert pcm == pcm_of(sentence)


@pytest.mark.parametrize("seconds", [None, "1", True, -1, float("nan"), float("inf"), 10**400])
async def test_played_seconds_must_be_a_number(seconds: object) -> None:
    """A `played` message without a valid number of seconds is an error."""
    async with serve() as bench, socket_of(bench) as socket:
        await socket.send(json.dumps({"type": "played", "seconds": seconds}))
        assert await refusal(socket) == ("bad-request", 1008)


async def test_start_is_answered_after_a_download(tmp_path: Path) -> None:
    """If the voice must be downloaded, the server first sends the progress of the download, and sends `start` when the
    sample rate is known."""
    public = public_voice("de_DE-public-low")

    def fetch(*_: Any, progress: Any, **_others: Any) -> None:
        progress(1, 4)
        assert asked.wait(10)
        bench.context.registry.catalogue = Catalogue([ENTRY, voice_entry(public.name)])

    asked = threading.Event()
    async with serve() as bench, socket_of(bench) as socket:
        bench.context.registry.catalogue = Catalogue([ENTRY], public=[public], offer_downloads=True)
        bench.context.registry.downloads = Downloads(tmp_path, Downloading(offered=True), fetch=fetch)
        await send(socket, _OPEN | {"voice": public.name}, text("One."), _END)
        first = await receive(socket)
        assert (first["type"], first["state"]) == ("progress", "downloading")
        asked.set()
        while (message := await receive(socket)) != _FORMAT:
            assert message["type"] == "progress"
        while not isinstance(message := await receive(socket), bytes):
            assert message["type"] == "progress"
        assert message == pcm_of("One.")


async def test_rate_that_changes_after_the_start_is_an_error() -> None:
    """If the files of the voice are replaced after the answer to `start`, and the new voice has another sample rate,
    the request fails, because the client would play its audio at the wrong speed."""
    async with serve() as bench, socket_of(bench) as socket:
        await send(socket, _START)
        assert await receive(socket) == _FORMAT
        bench.voice.config = voice_config(audio={"sample_rate": 16_000})
        await send(socket, text("One."), _END)
        assert (await refusal(socket))[0] == "voice-broken"


async def test_error_says_when_to_try_again() -> None:
    """An error after which the same request may succeed, such as a full queue, contains the time to wait."""
    async with serve() as bench, socket_of(bench) as socket:
        bench.shutdown.begin()
        await send(socket, _START)
        message = await receive(socket)
        assert (message["code"], message["retry_after"]) == ("shutting-down", 2)
