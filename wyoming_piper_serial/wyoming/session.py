"""Decides how each event is handled in each state of a connection. Pure.

A connection is either idle or in a text stream (from `synthesize-start` to `synthesize-stop`). The handling of an event
does not depend on whether speech is being sent.

    event              idle                 in a stream
    describe           send info            send info
    ping               send pong            send pong
    health             send health          send health
    synthesize         speak its text       nothing (it repeats the stream's text for older servers)
    synthesize-start   open a stream        refuse
    synthesize-chunk   refuse               add its text
    synthesize-stop    refuse               close the stream
    anything else      nothing              nothing
    end of input       nothing              close the stream

"Refuse" means that the server cancels an open stream, completes the earlier requests, sends an error and closes the
connection.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import cast, get_args

from wyoming_piper_serial.exceptions import BadRequest
from wyoming_piper_serial.settings import MAX_SEED, MAX_SPEED, MIN_SPEED, Priority, TextRules
from wyoming_piper_serial.synthesis import SpeechRequest
from wyoming_piper_serial.voices.selection import VoiceSelector
from wyoming_piper_serial.wyoming.wire import Data, Event


class SessionState(Enum):
    IDLE = auto()
    STREAM = auto()


@dataclass(frozen=True)
class SendInfo:
    """Reply to `describe` immediately."""


@dataclass(frozen=True)
class SendPong:
    """Reply to `ping` immediately."""

    text: str | None


@dataclass(frozen=True)
class SendHealth:
    """Reply to `health` immediately. This event is a protocol extension for the server's `health` command."""


@dataclass(frozen=True)
class OpenRequest:
    """Queue a request, which is answered after the earlier requests. Its text and client are not set yet."""

    request: SpeechRequest


@dataclass(frozen=True)
class AddText:
    """Add text to the most recent request."""

    text: str


@dataclass(frozen=True)
class CloseText:
    """End the text of the most recent request."""


Action = SendInfo | SendPong | SendHealth | OpenRequest | AddText | CloseText
Decision = tuple[SessionState, tuple[Action, ...]]


def on_event(state: SessionState, event: Event) -> Decision:
    """Returns the next state and the actions to perform, in order. Raises BadRequest if the event is refused or
    its data is not valid."""
    rule = _TABLE.get((state, event.type))
    return rule(event.data) if rule else (state, ())


def on_end_of_input(state: SessionState) -> Decision:
    """Returns the next state and the actions to perform at the end of input. Requests that have already been received
    are still answered."""
    return SessionState.IDLE, (CloseText(),) if state is SessionState.STREAM else ()


def _staying(state: SessionState, actions: Callable[[Data], tuple[Action, ...]]) -> Callable[[Data], Decision]:
    return lambda data: (state, actions(data))


def _pong(data: Data) -> tuple[Action, ...]:
    text = data.get("text")
    return (SendPong(text if isinstance(text, str) else None),)


def _synthesize(data: Data) -> Decision:
    return SessionState.IDLE, (_request(data, streamed=False), AddText(_text(data)), CloseText())


def _start(data: Data) -> Decision:
    return SessionState.STREAM, (_request(data, streamed=True),)


def _chunk(data: Data) -> Decision:
    return SessionState.STREAM, (AddText(_text(data)),)


def _stop(_data: Data) -> Decision:
    return SessionState.IDLE, (CloseText(),)


def _refuse(message: str) -> Callable[[Data], Decision]:
    def refuse(_data: Data) -> Decision:
        raise BadRequest(message)

    return refuse


_TABLE: dict[tuple[SessionState, str], Callable[[Data], Decision]] = {
    (SessionState.IDLE, "describe"): _staying(SessionState.IDLE, lambda _: (SendInfo(),)),
    (SessionState.STREAM, "describe"): _staying(SessionState.STREAM, lambda _: (SendInfo(),)),
    (SessionState.IDLE, "ping"): _staying(SessionState.IDLE, _pong),
    (SessionState.STREAM, "ping"): _staying(SessionState.STREAM, _pong),
    (SessionState.IDLE, "health"): _staying(SessionState.IDLE, lambda _: (SendHealth(),)),
    (SessionState.STREAM, "health"): _staying(SessionState.STREAM, lambda _: (SendHealth(),)),
    (SessionState.IDLE, "synthesize"): _synthesize,
    (SessionState.IDLE, "synthesize-start"): _start,
    (SessionState.STREAM, "synthesize-start"): _refuse(
        "A synthesize-start arrived before the synthesize-stop of the previous one."
    ),
    (SessionState.STREAM, "synthesize-chunk"): _chunk,
    (SessionState.IDLE, "synthesize-chunk"): _refuse("A synthesize-chunk must follow a synthesize-start."),
    (SessionState.STREAM, "synthesize-stop"): _stop,
    (SessionState.IDLE, "synthesize-stop"): _refuse("A synthesize-stop must follow a synthesize-start."),
}


def _request(data: Data, *, streamed: bool) -> OpenRequest:
    return OpenRequest(
        SpeechRequest(
            selector=_selector(data),
            streamed=streamed,
            seed=_seed(data),
            speed=_speed(data),
            priority=_priority(data),
            text_rules=_text_rules(data),
        )
    )


def _text(data: Data) -> str:
    text = data.get("text")
    if not isinstance(text, str):
        raise BadRequest("The text to speak is missing or is not a string.")
    return text


def _seed(data: Data) -> int | None:
    seed = data.get("seed")
    if seed is not None and (type(seed) is not int or not 0 <= seed <= MAX_SEED):
        raise BadRequest(f"The seed must be a whole number from 0 to {MAX_SEED}.")
    return seed


def _speed(data: Data) -> float:
    speed = data.get("speed")
    if speed is None:
        return 1.0
    if type(speed) not in {int, float} or not MIN_SPEED <= speed <= MAX_SPEED:
        raise BadRequest(f"The speed must be a number from {MIN_SPEED:g} to {MAX_SPEED:g}.")
    return float(speed)


def _priority(data: Data) -> Priority | None:
    name = data.get("priority")
    if name is None:
        return None
    try:
        return Priority(name)
    except ValueError as error:
        raise BadRequest("The priority must be high, normal or low.") from error


def _text_rules(data: Data) -> TextRules | None:
    rules = data.get("text_rules")
    if rules not in (None, *get_args(TextRules)):
        raise BadRequest("The text_rules must be auto or off.")
    return cast("TextRules | None", rules)


def _selector(data: Data) -> VoiceSelector:
    """Returns the voice that an event requests: either a name, or an object with a name, a language and a speaker, all
    optional. Without a voice, the selector is empty.

    Raises BadRequest for any other value.
    """
    voice = data.get("voice")
    if voice is None:
        return VoiceSelector()
    if isinstance(voice, str):
        return VoiceSelector(name=voice)
    if not isinstance(voice, dict):
        raise BadRequest("The voice must be a name, or an object with name, language and speaker.")
    selector = {key: voice.get(key) for key in ("name", "language", "speaker")}
    if type(selector["speaker"]) is int:
        selector["speaker"] = str(selector["speaker"])
    for key, value in selector.items():
        if value is not None and not isinstance(value, str):
            raise BadRequest(f"The {key} of a voice must be a string.")
    return VoiceSelector(**selector)
