"""The errors that are reported to clients or to the operator.

PiperSerialError
├── SettingsError               bad option, address in use, missing provider (exit code 2)
├── VoiceError
│   ├── VoiceFileError          voice-broken
│   ├── VoiceLoadTimeout        voice-load-timeout
│   ├── DownloadFailed          download-failed
│   ├── VoiceNeedsExtra         voice-needs-extra
│   ├── UnknownVoice            unknown-voice
│   └── UnknownSpeaker          unknown-speaker
├── RequestError
│   ├── BadEvent                bad-event
│   │   └── HttpRequest         bad-event
│   ├── EventTimeout            event-timeout
│   ├── BadRequest              bad-request
│   │   ├── BadProxyHeader      bad-request
│   │   ├── UnsupportedType     bad-request
│   │   └── UnreachableRange    bad-request
│   ├── NotFound                not-found
│   ├── Conflict                conflict
│   ├── TextTooLong             text-too-long
│   │   └── BodyTooLong         text-too-long
│   ├── UploadTooLong           upload-too-long
│   ├── TooManyRequests         too-many-requests
│   ├── TooManyConnections      too-many-connections
│   ├── QueueFull               queue-full
│   ├── BuffersFull             buffers-full
│   ├── QueueTimeout            queue-timeout
│   └── RequestTimeout          request-timeout
├── AccessError
│   ├── Unauthorized            unauthorized
│   ├── ForeignOrigin           foreign-origin
│   │   └── ForeignHost         foreign-origin
│   └── ChangesNotAllowed       changes-not-allowed
├── NotStored                   not-stored
├── SynthesisFailed             synthesis-failed
├── ShuttingDown                shutting-down
└── InternalError               internal-error

The word on the right is the `code` in the Wyoming `error` event and the HTTP response. A class without a code of its
own inherits the code of its base class; the code of `PiperSerialError` is `internal-error`. Codes must not change,
because clients and metrics depend on them. Messages are shown to clients, so they never contain paths, tracebacks or
text from other clients. The messages of SettingsError may contain paths, because no client receives them. Details for
the operator are logged.
"""

from typing import ClassVar, Self


class PiperSerialError(Exception):
    """Base class of all errors in this module."""

    code: ClassVar[str] = "internal-error"

    option: str | None = None
    """The option that caused this error, usually with its value, such as `--max-connections 512`. Used only in log
    lines."""

    request_number: int | None = None
    """Number of the request that ended with this error. Used only in log lines."""

    def copy(self) -> Self:
        """Returns a copy of the error without a traceback. Requests that fail with the same error need separate copies,
        because each copy contains the number of its request."""
        error = type(self).__new__(type(self), *self.args)
        error.__dict__.update(self.__dict__)
        return error


class SettingsError(PiperSerialError):
    """The settings cannot be used. The server exits with code 2 or, if it is already running, keeps its settings. This
    error is never sent to clients."""

    code = "bad-settings"


class VoiceError(PiperSerialError):
    """A voice cannot be used as requested."""


class VoiceFileError(VoiceError):
    """A model or its config is missing or broken, or loading the voice failed for another reason.

    `detail` describes the fault and names the file and the key, if they are known. It is logged. If clients receive it,
    it does not contain the path of the folder.
    """

    code = "voice-broken"

    def __init__(self, voice: str, detail: str) -> None:
        super().__init__(f"The voice {voice} cannot be used: its files are missing or broken.")
        self.voice = voice
        self.detail = detail


class VoiceLoadTimeout(VoiceError):
    """A voice was not loaded within `--load-timeout`, probably because the disk does not respond."""

    code = "voice-load-timeout"

    def __init__(self, voice: str, seconds: float) -> None:
        super().__init__(f"The voice {voice} was not loaded within {seconds:g} seconds; please try again later.")
        self.option = f"--load-timeout {seconds:g}"


class DownloadFailed(VoiceError):
    """A voice, the sample of a voice or the list of voices (`what`) could not be downloaded. `detail` explains `reason`
    to the operator."""

    code = "download-failed"

    def __init__(self, what: str, reason: str, detail: str) -> None:
        super().__init__(f"{what} cannot be downloaded: {reason}.")
        self.detail = f"{what} cannot be downloaded: {reason} ({detail})"


class VoiceNeedsExtra(VoiceError):
    """The voice is on this machine, but its phonemizer lacks a package or a file. `need` states what is missing."""

    code = "voice-needs-extra"

    def __init__(self, voice: str, need: str) -> None:
        super().__init__(f"The voice {voice} cannot be used yet: {need}.")
        self.voice = voice
        self.need = need


class UnknownVoice(VoiceError):
    """There is no voice or preset with the requested name, alias or language."""

    code = "unknown-voice"


class UnknownSpeaker(VoiceError):
    """The voice has no speaker with the requested name or number."""

    code = "unknown-speaker"


class RequestError(PiperSerialError):
    """A request is invalid, exceeds a limit of the server, or is not possible in the server's current state."""


class BadEvent(RequestError):
    """The received bytes are not a Wyoming event, or the event exceeds a size limit."""

    code = "bad-event"


class HttpRequest(BadEvent):
    """The first line on a Wyoming connection is an HTTP request. The server sends an HTTP response."""

    def __init__(self, method: str) -> None:
        super().__init__("This port uses the Wyoming protocol, not HTTP.")
        self.method = method


class EventTimeout(RequestError):
    """An event, an HTTP request or a WebSocket message was not complete within `--event-timeout`."""

    code = "event-timeout"


class BadRequest(RequestError):
    """An event contains an invalid value or is not allowed in the current state, or an HTTP request or a WebSocket
    message is not valid."""

    code = "bad-request"


class BadProxyHeader(BadRequest):
    """A connection from a network in `--proxy-from` does not begin with a valid header of the PROXY protocol."""


class UnsupportedType(BadRequest):
    """The body of an HTTP request has a type that the endpoint does not support."""


class UnreachableRange(BadRequest):
    """The range requested in an HTTP request is outside the audio."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The audio has only {size} bytes.")
        self.size = size


class TextTooLong(RequestError):
    """A request has more text than `--max-text` allows."""

    code = "text-too-long"


class BodyTooLong(TextTooLong):
    """The body of an HTTP request is longer than `--max-data` allows."""


class NotFound(RequestError):
    """The HTTP server has nothing at the requested path, or the lexicon entry to be removed or the download to be
    cancelled does not exist."""

    code = "not-found"


class Conflict(RequestError):
    """A change cannot be made now, because an option or the current state of the server does not allow it."""

    code = "conflict"


class UploadTooLong(RequestError):
    """An uploaded model is larger than `--max-upload` allows, or an uploaded config is larger than 256 kB."""

    code = "upload-too-long"


class TooManyRequests(RequestError):
    """More requests are waiting on one connection than `--max-requests-per-connection` allows, or their text is too
    long in total."""

    code = "too-many-requests"


class TooManyConnections(RequestError):
    """More connections are open than `--max-connections` or `--max-connections-per-address` allows."""

    code = "too-many-connections"


class QueueFull(RequestError):
    """The number of requests that need the voice has reached `--max-queue`, or `--max-queue-per-address` for one
    address. Also raised if too many changes, uploads or downloads of samples are pending."""

    code = "queue-full"


class BuffersFull(RequestError):
    """The client's data does not fit into the memory that `--max-buffered` allows for text, audio and incomplete
    input."""

    code = "buffers-full"


class QueueTimeout(RequestError):
    """A request waited longer than `--queue-timeout` for its voice to load or for its first step, or an uploaded voice
    could not be loaded for its check in time."""

    code = "queue-timeout"


class RequestTimeout(RequestError):
    """A request, or the download of its voice, took longer than `--request-timeout`."""

    code = "request-timeout"


class AccessError(PiperSerialError):
    """The client is not allowed to make this request."""


class Unauthorized(AccessError):
    """The request does not contain the token set by `--http-token` or `--http-token-file`."""

    code = "unauthorized"

    def __init__(self) -> None:
        super().__init__("This server requires a token: send the header 'Authorization: Bearer TOKEN'.")


class ForeignOrigin(AccessError):
    """The request comes from a web page of another site. The origin of the page is not in `--http-cors`, or the request
    would change data."""

    code = "foreign-origin"

    def __init__(self, host: str | None = None) -> None:
        """`host` is the host name in the page's address, or `None` if it is not known."""
        hint = f" If a reverse proxy exposes this server as {host}, start it with --http-host {host}." if host else ""
        super().__init__(f"Web pages of other sites may use this server only if --http-cors allows them.{hint}")


class ForeignHost(ForeignOrigin):
    """The server listens on a loopback address, and the Host header of the request contains neither `localhost`, an IP
    address nor a name that `--http-host` or `--http-cors` allows."""

    def __init__(self, host: str | None) -> None:
        """`host` is the name in the Host header, or `None` if it is not valid."""
        option = f"--http-host {host}" if host else "--http-host NAME"
        PiperSerialError.__init__(
            self,
            f"This server only answers requests to this machine, not to the host {host or 'in the Host header'}. "
            f"If a reverse proxy exposes the server under this name, start it with {option}.",
        )


class ChangesNotAllowed(AccessError):
    """The server has no token, and the client may not change anything, because it is not on this machine or uses a
    proxy."""

    code = "changes-not-allowed"

    def __init__(self) -> None:
        super().__init__(
            "Without --http-token, voices can be changed only from the machine on which the server runs, at an address "
            "such as http://127.0.0.1:10280/."
        )


class NotStored(PiperSerialError):
    """A change could not be written to disk. `detail` explains `reason` to the operator and is only logged."""

    code = "not-stored"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"The change could not be stored: {reason}.")
        self.detail = detail


class SynthesisFailed(PiperSerialError):
    """The phonemizer or the model failed for the text, a step took longer than `--step-timeout`, or the model's output
    is not valid audio."""

    code = "synthesis-failed"


class ShuttingDown(PiperSerialError):
    """The server is shutting down. It accepts no new requests, and ends accepted requests after the drain timeout."""

    code = "shutting-down"

    def __init__(self) -> None:
        super().__init__("The server is shutting down; please try again in a moment.")


class InternalError(PiperSerialError):
    """The request failed because the machine ran out of memory or threads, or because of a bug in this program. The
    details are logged."""

    def __init__(self) -> None:
        super().__init__("An internal error occurred; see the server's log for details.")
