"""Writes the progress of utterances to the metrics, timeline, trace and log. Must be used in the event loop."""

import logging
from collections.abc import Callable, Iterable

from wyoming_piper_serial.engine.tracing import Tracer
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.exceptions import PiperSerialError, SynthesisFailed
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.outcome import Outcome, Progress
from wyoming_piper_serial.observe.timeline import Activity, Timeline

_LOGGER = logging.getLogger(__name__)


class Records:
    """Logs and counts the progress of one engine's utterances. Changes nothing in the utterances except their timeline
    records.
    """

    def __init__(self, metrics: Metrics, tracer: Tracer, clock: Callable[[], float]) -> None:
        self._metrics = metrics
        self._tracer = tracer
        self._clock = clock
        self._timeline = Timeline()

    def begin(self, utterance: Utterance) -> None:
        """Records that the first step of an utterance is starting."""
        utterance.record.begun = now = self._clock()
        waited = utterance.waited(now) or 0.0
        self._metrics.waited(waited)
        _LOGGER.info(
            "%s: voice %s, priority %s, waiting time: %.3fs",
            utterance.label,
            utterance.voice,
            utterance.entry.priority.value,
            waited,
        )

    def progress(self, utterance: Utterance, progress: Progress) -> None:
        """Records `progress`, caused by a step, the connection, a release of held audio, or the end of the utterance.

        An underrun counts as foreseen if it would have occurred even if no step had taken longer than expected.
        """
        if progress.underrun:
            delay = utterance.record.delay
            foreseen = progress.underrun > delay
            _LOGGER.info(
                "%s: underrun: the listener had nothing to play for %.3fs (%s)",
                utterance.label,
                progress.underrun,
                "foreseen" if foreseen else f"steps took {delay:.3f}s longer than expected",
            )
            self._metrics.underrun(progress.underrun, foreseen=foreseen)
        if self._tracer.enabled:
            self._tracer.progress(
                self._clock(),
                utterance.number,
                utterance.label,
                first_audio=progress.first_audio,
                underrun=progress.underrun,
                outcome=progress.outcome and str(progress.outcome),
            )
        record, playback = utterance.record, utterance.playback
        record.asked = utterance.asked
        record.heard, record.lasts_until = playback.began, playback.deadline
        if progress.first_audio is not None:
            if not utterance.started:  # a text without sound needs no step
                self.begin(utterance)
            self._metrics.first_audio(progress.first_audio, held=progress.held)
            if progress.held:
                _LOGGER.debug("%s: audio was held back for %.3fs to prevent a gap", utterance.label, progress.held)
        if progress.outcome is not None:
            self._end(utterance, progress.outcome)

    def _end(self, utterance: Utterance, outcome: Outcome) -> None:
        now = self._clock()
        utterance.record.end(now, outcome)
        self._timeline.add(utterance.record, now)
        self._metrics.request_ended(outcome)
        audio = utterance.playback.made
        _LOGGER.info(
            "%s: %s after %.3fs; model runs: %.3fs, audio: %.3fs (%d samples), real-time factor: %.3f",
            utterance.label,
            f"failed ({outcome})" if outcome.code else outcome,
            now - utterance.admitted,
            utterance.busy_seconds,
            audio,
            utterance.playback.samples,
            utterance.busy_seconds / audio if audio else 0.0,
        )

    def activity(self, queued: Iterable[Utterance]) -> Activity:
        """Returns the utterances with text that are `queued` or ended recently (see `Timeline`)."""
        return self._timeline.activity((utterance.record for utterance in queued), self._clock())


def reason_of(utterance: Utterance, error: BaseException) -> PiperSerialError:
    """Logs the `error` raised by a step. Returns the error to send to the client."""
    if isinstance(error, PiperSerialError):
        _LOGGER.warning("%s: %s (%r)", utterance.label, error, error.__cause__)
        return error
    _LOGGER.error("%s: a step failed", utterance.label, exc_info=error)
    return SynthesisFailed("The voice could not speak this text.")
