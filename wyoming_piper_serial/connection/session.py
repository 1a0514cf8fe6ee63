"""What each event means in each state: one pure table.

A connection is idle, or inside a text stream (`synthesize-start` until `synthesize-stop`). Speaking
is not a state: requests are answered in order while reading goes on, so an event means the same
whether or not speech is under way.

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

"Refuse" is an error in its turn behind the requests before it, then the end of the connection.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from wyoming_piper_serial.connection.wire import Data, Event
from wyoming_piper_serial.exceptions import BadRequest
from wyoming_piper_serial.settings import MAX_SEED, Priority
from wyoming_piper_serial.store.catalogue import VoiceWish


class State(Enum):
    IDLE = auto()
    STREAM = auto()


@dataclass(frozen=True)
class SendInfo:
    """Answer `describe`, at once."""


@dataclass(frozen=True)
class SendPong:
    """Answer `ping`, at once."""

    text: str | None


@dataclass(frozen=True)
class SendHealth:
    """Tell whether the voice works, at once. An event of this server, for its own health check."""


@dataclass(frozen=True)
class OpenRequest:
    """A request begins; it is answered when those before it are."""

    wish: VoiceWish
    streamed: bool
    seed: int | None = None
    """Makes the same speech again."""

    priority: Priority | None = None
    """`None` leaves it to the client's address."""


@dataclass(frozen=True)
class AddText:
    """More text for the request that was opened last."""

    text: str


@dataclass(frozen=True)
class CloseText:
    """The text of the request that was opened last is complete."""


Action = SendInfo | SendPong | SendHealth | OpenRequest | AddText | CloseText
Decision = tuple[State, tuple[Action, ...]]


def on_event(state: State, event: Event) -> Decision:
    """The next state, and what to do. Raises BadRequest."""
    rule = _TABLE.get((state, event.type))
    return rule(event.data) if rule else (state, ())


def on_end_of_input(state: State) -> Decision:
    """The client has asked for all it wants; what it asked for is still answered."""
    return State.IDLE, (CloseText(),) if state is State.STREAM else ()


def _staying(state: State, actions: Callable[[Data], tuple[Action, ...]]) -> Callable[[Data], Decision]:
    return lambda data: (state, actions(data))


def _pong(data: Data) -> tuple[Action, ...]:
    text = data.get("text")
    return (SendPong(text if isinstance(text, str) else None),)


def _synthesize(data: Data) -> Decision:
    return State.IDLE, (_request(data, streamed=False), AddText(_text(data)), CloseText())


def _start(data: Data) -> Decision:
    return State.STREAM, (_request(data, streamed=True),)


def _chunk(data: Data) -> Decision:
    return State.STREAM, (AddText(_text(data)),)


def _stop(_data: Data) -> Decision:
    return State.IDLE, (CloseText(),)


def _refuse(message: str) -> Callable[[Data], Decision]:
    def refuse(_data: Data) -> Decision:
        raise BadRequest(message)

    return refuse


_TABLE: dict[tuple[State, str], Callable[[Data], Decision]] = {
    (State.IDLE, "describe"): _staying(State.IDLE, lambda _: (SendInfo(),)),
    (State.STREAM, "describe"): _staying(State.STREAM, lambda _: (SendInfo(),)),
    (State.IDLE, "ping"): _staying(State.IDLE, _pong),
    (State.STREAM, "ping"): _staying(State.STREAM, _pong),
    (State.IDLE, "health"): _staying(State.IDLE, lambda _: (SendHealth(),)),
    (State.STREAM, "health"): _staying(State.STREAM, lambda _: (SendHealth(),)),
    (State.IDLE, "synthesize"): _synthesize,
    (State.IDLE, "synthesize-start"): _start,
    (State.STREAM, "synthesize-start"): _refuse("A synthesize-start came before the synthesize-stop of the last one."),
    (State.STREAM, "synthesize-chunk"): _chunk,
    (State.IDLE, "synthesize-chunk"): _refuse("A synthesize-chunk needs a synthesize-start before it."),
    (State.STREAM, "synthesize-stop"): _stop,
    (State.IDLE, "synthesize-stop"): _refuse("A synthesize-stop needs a synthesize-start before it."),
}


def _request(data: Data, *, streamed: bool) -> OpenRequest:
    return OpenRequest(_wish(data), streamed=streamed, seed=_seed(data), priority=_priority(data))


def _text(data: Data) -> str:
    text = data.get("text")
    if not isinstance(text, str):
        raise BadRequest("The text to speak is missing, or it is not a text.")
    return text


def _seed(data: Data) -> int | None:
    seed = data.get("seed")
    if seed is not None and (type(seed) is not int or not 0 <= seed <= MAX_SEED):
        raise BadRequest(f"The seed must be a whole number from 0 to {MAX_SEED}.")
    return seed


def _priority(data: Data) -> Priority | None:
    name = data.get("priority")
    if name is None:
        return None
    try:
        return Priority(name)
    except ValueError as error:
        raise BadRequest("The priority must be high, normal or low.") from error


def _wish(data: Data) -> VoiceWish:
    """The voice asked for: an object of name, language and speaker, or just a name."""
    voice = data.get("voice")
    if voice is None:
        return VoiceWish()
    if isinstance(voice, str):
        return VoiceWish(name=voice)
    if not isinstance(voice, dict):
        raise BadRequest("The voice must be a name, or an object with name, language and speaker.")
    wish = {key: voice.get(key) for key in ("name", "language", "speaker")}
    if type(wish["speaker"]) is int:
        wish["speaker"] = str(wish["speaker"])
    for key, value in wish.items():
        if value is not None and not isinstance(value, str):
            raise BadRequest(f"The {key} of a voice must be a text.")
    return VoiceWish(**wish)
