"""Audio is wrapped in server-sent events."""

import base64
import json

from wyoming_piper_serial.audio.containers import open_container
from wyoming_piper_serial.exceptions import QueueFull
from wyoming_piper_serial.http.speech_events import MEDIA_TYPE, SpeechEvents, error_event


def test_each_piece_is_an_event() -> None:
    """Each piece of audio is one event. The last event contains the number of characters. An empty piece causes no
    event."""
    container = SpeechEvents(open_container("pcm", 8000), 7)
    assert container.media_type == MEDIA_TYPE
    assert container.add(b"") == b""
    delta = json.loads(container.add(b"\0\1").removeprefix(b"data: "))
    assert delta == {"type": "speech.audio.delta", "audio": base64.b64encode(b"\0\1").decode()}
    done = json.loads(container.finish().removeprefix(b"data: "))
    assert (done["type"], done["usage"]["total_tokens"]) == ("speech.audio.done", 7)


def test_header_of_a_file_is_an_event_of_its_own() -> None:
    """If the wrapped container returns bytes at its end, they are sent as an event before the last one."""
    events = SpeechEvents(open_container("wav", 8000), 0).finish().split(b"\n\n")
    assert [json.loads(event.removeprefix(b"data: "))["type"] for event in events if event] == [
        "speech.audio.delta",
        "speech.audio.done",
    ]


def test_closed_container_has_no_audio() -> None:
    """`close` closes the wrapped container."""
    container = SpeechEvents(open_container("pcm", 8000), 0)
    container.close()
    assert container.add(b"\0\1") == b""


def test_error_has_the_usual_form() -> None:
    """An error is an event with the same content as the body of an error response."""
    event = json.loads(error_event(QueueFull("Full.")).removeprefix(b"data: "))
    assert (event["error"]["code"], event["error"]["message"]) == ("queue-full", "Full.")
