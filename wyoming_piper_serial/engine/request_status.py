"""Tracks what a request is waiting for until its first audio is released. Must be used in the event loop."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from wyoming_piper_serial.engine.utterance import Utterance


class WaitsFor(StrEnum):
    """What a request is waiting for. The values appear in JSON."""

    TEXT = "text"
    """The first sentence is not complete."""

    DOWNLOAD = "downloading"
    LOAD = "loading"
    """The voice is being loaded or waits for free memory."""

    TURN = "waiting"
    """The first step has not started."""

    AUDIO = "starting"
    """The first step has started, but there is no audio yet."""

    RELEASE = "held"
    """There is audio, but it has not been released, because playback could have a gap if it began now."""

    NOTHING = "speaking"
    """Audio has been released, or the request has ended."""


@dataclass(frozen=True, kw_only=True)
class RequestProgress:
    """The progress of a request at one point in time. A field is `None` if it does not apply."""

    state: WaitsFor
    number: int | None = None
    """Number of the request in log lines and on the timeline, or `None` if it has no number yet."""

    share: float | None = None
    """Progress of the download, from 0 to 1."""

    before: int | None = None
    """Number of waiting requests that will probably start before this one."""

    made: float | None = None
    """Seconds of held audio."""

    remaining: float | None = None
    """Seconds until the audio will probably be released."""


class RequestStatus:
    """Tracks the progress of one request. The synthesizer sets the attributes."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.downloading: str | None = None
        """Name of the voice that is being downloaded for the request, or `None`."""

        self.loading = False
        self.utterance: Utterance | None = None

    @property
    def in_queue(self) -> bool:
        """Whether the request is in the queue and its first step has not started."""
        utterance = self.utterance
        return utterance is not None and utterance.outcome is None and not utterance.started

    async def leave_queue(self) -> float | None:
        """Ends the utterance of the request. Returns the time at which the request began to wait, or `None` if it has
        no utterance or has already ended. Does not suspend, so no other request can take its place in the queue in the
        meantime."""
        utterance = self.utterance
        if utterance is None or utterance.outcome is not None:
            return None
        await utterance.aclose()
        return utterance.since

    def progress(
        self,
        *,
        arriving: Callable[[], Mapping[str, float]],
        before: Callable[[Utterance], int],
        released_in: Callable[[Utterance], float | None],
    ) -> RequestProgress:
        """Returns the current progress.

        `arriving` returns the progress of each download by voice name. `before` returns the number of requests that
        will probably start before an utterance. `released_in` returns the seconds until the audio of an utterance is
        released, or `None` if this time is unknown.
        """
        if self.downloading is not None:
            share = arriving().get(self.downloading, 0.0)
            return RequestProgress(state=WaitsFor.DOWNLOAD, number=self.number, share=round(share, 2))
        if self.loading:
            return RequestProgress(state=WaitsFor.LOAD, number=self.number)
        if self.utterance is None:
            return RequestProgress(state=WaitsFor.TEXT, number=self.number)
        if self.in_queue:
            return RequestProgress(state=WaitsFor.TURN, number=self.number, before=before(self.utterance))
        return self._begun(self.utterance, released_in)

    def _begun(self, utterance: Utterance, released_in: Callable[[Utterance], float | None]) -> RequestProgress:
        """Returns the progress of a request whose first step has started, or which has ended."""
        if utterance.playing or utterance.outcome is not None:
            return RequestProgress(state=WaitsFor.NOTHING, number=self.number)
        made = utterance.playback.made
        if not made:
            return RequestProgress(state=WaitsFor.AUDIO, number=self.number)
        remaining = released_in(utterance)
        return RequestProgress(
            state=WaitsFor.RELEASE,
            number=self.number,
            made=round(made, 1),
            remaining=None if remaining is None else round(remaining, 1),
        )
