"""Every error this program raises on purpose.

PiperSerialError
├── SettingsError               bad option, address in use, missing provider (exit code 2)
├── VoiceError
│   ├── VoiceFileError          voice-broken
│   ├── DownloadFailed          download-failed
│   ├── VoiceNeedsExtra         voice-needs-extra
│   ├── UnknownVoice            unknown-voice
│   └── UnknownSpeaker          unknown-speaker
├── RequestError
│   ├── BadEvent                bad-event
│   │   └── HttpRequest         bad-event
│   ├── EventTimeout            event-timeout
│   ├── BadRequest              bad-request
│   ├── NotFound                not-found
│   ├── TextTooLong             text-too-long
│   │   └── BodyTooLong         text-too-long
│   ├── TooManyRequests         too-many-requests
│   ├── TooManyConnections      too-many-connections
│   ├── QueueFull               queue-full
│   ├── QueueTimeout            queue-timeout
│   └── RequestTimeout          request-timeout
├── AccessError
│   ├── Unauthorized            unauthorized
│   └── ForeignOrigin           foreign-origin
├── SynthesisFailed             synthesis-failed
├── ShuttingDown                shutting-down
└── InternalError               internal-error

The word on the right is the `code` of the Wyoming `error` event and of the HTTP answer. Codes are stable: clients and
metrics rely on them. The message is shown to people, so it is plain, and it holds no path, no
traceback and no other client's text; what only the operator may see goes into the log.
"""

from typing import ClassVar


class PiperSerialError(Exception):
    """Base of all errors that have a plain explanation."""

    code: ClassVar[str] = "internal-error"

    request_number: int | None = None
    """Number of the request that this error ended, for log lines."""


class SettingsError(PiperSerialError):
    """The program cannot start with these settings."""

    code = "bad-settings"


class VoiceError(PiperSerialError):
    """A voice cannot be used as asked."""


class VoiceFileError(VoiceError):
    """A model or its config is missing or broken; `detail` names file and key for the log."""

    code = "voice-broken"

    def __init__(self, voice: str, detail: str) -> None:
        super().__init__(f"The voice {voice} cannot be used: its files are missing or broken.")
        self.voice = voice
        self.detail = detail


class DownloadFailed(VoiceError):
    """A voice could not be had from the network; `detail` says more, for the operator."""

    code = "download-failed"

    def __init__(self, what: str, reason: str, detail: str) -> None:
        super().__init__(f"{what} cannot be downloaded: {reason}.")
        self.detail = f"{what} cannot be downloaded: {reason} ({detail})"


class VoiceNeedsExtra(VoiceError):
    """The voice is here, but what turns text of its language into sounds is not; `need` says what to do."""

    code = "voice-needs-extra"

    def __init__(self, voice: str, need: str) -> None:
        super().__init__(f"The voice {voice} cannot be spoken yet: {need}.")
        self.voice = voice
        self.need = need


class UnknownVoice(VoiceError):
    """No voice on this server has this name, alias or language."""

    code = "unknown-voice"


class UnknownSpeaker(VoiceError):
    """The voice has no speaker of this name or number."""

    code = "unknown-speaker"


class RequestError(PiperSerialError):
    """The client asked for something this server does not do."""


class BadEvent(RequestError):
    """The bytes are not a Wyoming event, or one beyond the size limits."""

    code = "bad-event"


class HttpRequest(BadEvent):
    """A browser or a scanner asks for a page; the answer is told in HTTP."""

    def __init__(self, method: str) -> None:
        super().__init__("This port speaks the Wyoming protocol, not HTTP.")
        self.method = method


class EventTimeout(RequestError):
    """An event was begun and not completed within `--event-timeout`."""

    code = "event-timeout"


class BadRequest(RequestError):
    """The event is well-formed but makes no sense here."""

    code = "bad-request"


class TextTooLong(RequestError):
    """A request carries more text than `--max-text`."""

    code = "text-too-long"


class BodyTooLong(TextTooLong):
    """The body of an HTTP request is longer than `--max-data`."""


class NotFound(RequestError):
    """Nothing is at this path of the HTTP side."""

    code = "not-found"


class TooManyRequests(RequestError):
    """More requests wait on one connection than `--max-requests-per-connection`."""

    code = "too-many-requests"


class TooManyConnections(RequestError):
    """More connections are open than `--max-connections` or `--max-connections-per-address`."""

    code = "too-many-connections"


class QueueFull(RequestError):
    """More requests wait for the voice than `--max-queue`."""

    code = "queue-full"


class QueueTimeout(RequestError):
    """A request has waited for the voice for longer than `--queue-timeout`."""

    code = "queue-timeout"


class RequestTimeout(RequestError):
    """A request has taken longer than `--request-timeout` in all."""

    code = "request-timeout"


class AccessError(PiperSerialError):
    """The client may not ask for this."""


class Unauthorized(AccessError):
    """The request has not the token that `--http-token` wants."""

    code = "unauthorized"

    def __init__(self) -> None:
        super().__init__("This server wants a token: send the header 'Authorization: Bearer TOKEN'.")


class ForeignOrigin(AccessError):
    """A web page of another site asks, and `--http-cors` does not name it."""

    code = "foreign-origin"

    def __init__(self) -> None:
        super().__init__("Web pages of other sites may not ask here, unless --http-cors names them.")


class SynthesisFailed(PiperSerialError):
    """A model run raised or returned something that is not speech."""

    code = "synthesis-failed"


class ShuttingDown(PiperSerialError):
    """The server is ending and takes no new work."""

    code = "shutting-down"

    def __init__(self) -> None:
        super().__init__("The server is shutting down; please ask again in a moment.")


class InternalError(PiperSerialError):
    """A fault of this program; the log has the rest."""

    def __init__(self) -> None:
        super().__init__("Something went wrong in the server; its log has the details.")
