"""A session decides which actions an event causes in each state."""

from dataclasses import replace

import pytest

from wyoming_piper_serial.exceptions import BadRequest
from wyoming_piper_serial.settings import Priority, TextRules
from wyoming_piper_serial.synthesis import SpeechRequest
from wyoming_piper_serial.voices.selection import VoiceSelector
from wyoming_piper_serial.wyoming.session import (
    Action,
    AddText,
    CloseText,
    OpenRequest,
    SendHealth,
    SendInfo,
    SendPong,
    SessionState,
    on_end_of_input,
    on_event,
)
from wyoming_piper_serial.wyoming.wire import Event


def decide(*events: Event) -> list[Action]:
    """Return all actions for a connection on which `events` arrive before the input ends."""
    state = SessionState.IDLE
    actions: list[Action] = []
    for event in events:
        state, decided = on_event(state, event)
        actions += decided
    state, decided = on_end_of_input(state)
    assert state is SessionState.IDLE
    return [*actions, *decided]


def synthesize(text: str = "hi", **data: object) -> Event:
    return Event("synthesize", {"text": text, **data})


_START, _STOP = Event("synthesize-start"), Event("synthesize-stop")


def chunk(text: str) -> Event:
    return Event("synthesize-chunk", {"text": text})


@pytest.mark.parametrize("before", [[], [_START]], ids=["idle", "in a stream"])
def test_describe_and_ping_are_answered_in_every_state(before: list[Event]) -> None:
    """`describe`, `ping` and `health` are answered in every state, because Home Assistant may send `describe` at any
    time."""
    actions = decide(*before, Event("describe"), Event("ping", {"text": "x"}), Event("health"))
    assert SendHealth() in actions
    assert SendInfo() in actions
    assert SendPong("x") in actions


def test_synthesize_opens_a_request_adds_text_and_closes_it() -> None:
    """`synthesize` opens a request, adds its text and closes it."""
    assert decide(synthesize("hi")) == [
        OpenRequest(SpeechRequest(selector=VoiceSelector(), streamed=False)),
        AddText("hi"),
        CloseText(),
    ]


def test_stream_with_compatibility_synthesize_is_one_request() -> None:
    """A `synthesize` event within a stream, which Home Assistant sends for older servers, is not spoken a second
    time."""
    actions = decide(_START, chunk("a"), chunk("b"), synthesize("ab"), _STOP)
    assert actions == [
        OpenRequest(SpeechRequest(selector=VoiceSelector(), streamed=True)),
        AddText("a"),
        AddText("b"),
        CloseText(),
    ]


def test_stream_after_one_shot_after_stream() -> None:
    """`synthesize` events and text streams can follow each other on one connection."""
    actions = decide(_START, _STOP, synthesize("x"), _START, chunk("y"), _STOP)
    assert [type(action).__name__ for action in actions].count("OpenRequest") == 3
    assert [type(action).__name__ for action in actions].count("CloseText") == 3


def test_end_of_input_closes_an_open_stream() -> None:
    """The end of the input closes an open stream, so that its text is spoken even without `synthesize-stop`."""
    assert decide(_START, chunk("a"))[-1] == CloseText()


@pytest.mark.parametrize("event_type", ["select-program", "transcribe", "", "audio-chunk", "Synthesize"])
def test_unknown_events_are_skipped(event_type: str) -> None:
    """Events of unknown types are ignored."""
    assert decide(Event(event_type, {"name": "piper"})) == []


@pytest.mark.parametrize(
    "events",
    [
        [chunk("x")],
        [_STOP],
        [_START, _START],
        [Event("synthesize")],
        [synthesize(text=None)],  # type: ignore[arg-type]
        [synthesize(text=["hi"])],  # type: ignore[arg-type]
        [_START, Event("synthesize-chunk", {"text": 5})],
        [synthesize(voice=5)],
        [synthesize(voice=["joe"])],
        [synthesize(voice={"name": 5})],
        [synthesize(voice={"name": "joe", "speaker": {}})],
        [synthesize(voice={"name": "joe", "speaker": True})],
        [synthesize(voice={"language": 5})],
        [synthesize(voice="x" * 301)],
        [synthesize(voice={"name": "joe", "speaker": "x" * 301})],
        [synthesize(voice={"language": "x" * 301})],
        [synthesize(seed=-1)],
        [synthesize(text_rules="on")],
        [synthesize(text_rules=True)],
        [Event("synthesize-start", {"text_rules": ["off"]})],
        [synthesize(priority="urgent")],
        [synthesize(priority=1)],
        [synthesize(priority=["high"])],
        [synthesize(seed=1.5)],
        [synthesize(seed="7")],
        [synthesize(seed=True)],
        [synthesize(speed=0)],
        [synthesize(speed=4.1)],
        [synthesize(speed="2")],
        [synthesize(speed=True)],
        [Event("synthesize-start", {"seed": 2**63})],
    ],
)
def test_events_that_are_not_valid_are_refused(events: list[Event]) -> None:
    """An event that is not allowed in the current state, or that contains a value of the wrong type, raises
    BadRequest."""
    with pytest.raises(BadRequest):
        decide(*events)


@pytest.mark.parametrize(
    ("voice", "selector"),
    [
        (None, VoiceSelector()),
        ("joe", VoiceSelector(name="joe")),
        ({}, VoiceSelector()),
        ({"name": "joe"}, VoiceSelector(name="joe")),
        ({"name": "joe", "speaker": "anna"}, VoiceSelector(name="joe", speaker="anna")),
        ({"name": "joe", "speaker": 3}, VoiceSelector(name="joe", speaker="3")),
        ({"language": "fr"}, VoiceSelector(language="fr")),
        ({"name": None, "language": "fr", "extra": 1}, VoiceSelector(language="fr")),
    ],
)
def test_voice_is_read_in_every_form(voice: object, selector: VoiceSelector) -> None:
    """The voice may be an object, a string or missing. Its speaker may be a string or a number."""
    assert decide(synthesize(voice=voice))[0] == OpenRequest(SpeechRequest(selector=selector, streamed=False))
    assert decide(Event("synthesize-start", {"voice": voice}))[0] == OpenRequest(
        SpeechRequest(selector=selector, streamed=True)
    )


@pytest.mark.parametrize("rules", [None, "auto", "off"])
def test_text_rules_are_taken_from_the_request(rules: TextRules | None) -> None:
    """`text_rules` in `synthesize` or `synthesize-start` overrides the server's setting for this request."""
    expected = [SpeechRequest(streamed=streamed, text_rules=rules) for streamed in (False, True)]
    events = [synthesize(text_rules=rules), Event("synthesize-start", {"text_rules": rules})]
    assert [decide(event)[0] for event in events] == [OpenRequest(request) for request in expected]


@pytest.mark.parametrize(("speed", "taken"), [(None, 1.0), (1, 1.0), (0.25, 0.25), (4.0, 4.0)])
def test_speed_is_taken_from_the_request(speed: float | None, taken: float) -> None:
    """The speed in `synthesize` or `synthesize-start` applies to the request."""
    assert decide(synthesize(speed=speed))[0] == OpenRequest(SpeechRequest(speed=taken))
    assert decide(Event("synthesize-start", {"speed": speed}))[0] == OpenRequest(
        SpeechRequest(streamed=True, speed=taken)
    )


@pytest.mark.parametrize("seed", [None, 0, 42, 2**63 - 1])
def test_seed_is_taken_from_the_request(seed: int | None) -> None:
    """The seed in `synthesize` or `synthesize-start` applies to the request."""
    assert decide(synthesize(seed=seed))[0] == OpenRequest(
        SpeechRequest(selector=VoiceSelector(), streamed=False, seed=seed)
    )
    assert decide(Event("synthesize-start", {"seed": seed}))[0] == OpenRequest(
        SpeechRequest(selector=VoiceSelector(), streamed=True, seed=seed)
    )


@pytest.mark.parametrize("name", ["high", "normal", "low", None])
def test_priority_is_taken_from_the_request(name: str | None) -> None:
    """The priority in `synthesize` or `synthesize-start` applies to the request. By default, the priority is `None`."""
    priority = None if name is None else Priority(name)
    request = SpeechRequest(priority=priority)
    assert decide(synthesize(priority=name))[0] == OpenRequest(request)
    assert decide(Event("synthesize-start", {"priority": name}))[0] == OpenRequest(replace(request, streamed=True))
