"""Converts the server's health (for monitoring) and its activity (for the page) to JSON-compatible data. Pure."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from wyoming_piper_serial.observe.metrics import Distribution, Snapshot
from wyoming_piper_serial.observe.timeline import Activity, UtteranceActivity
from wyoming_piper_serial.settings import Priority

# Number of decimal places for times in seconds. Four are enough for the timeline on the web page. Unrounded times would
# take three times as many bytes.
_DIGITS = 4


class HealthState(Enum):
    """The health of the server. The values are used as `status` in the response to `/health`."""

    READY = "ok"
    LOADING = "loading"
    """The default voice is not in memory yet."""

    DRAINING = "draining"
    HUNG = "hung"
    """A step has not returned within `--step-timeout`."""


def health(
    snapshot: Snapshot,
    *,
    state: HealthState,
    unhealthy_reason: str | None,
    provider: str,
    version: str,
    arriving: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Returns the response to `/health`.

    `unhealthy_reason` is the reason why the voice does not work, or `None` if it works. The response contains it under
    the key `trouble`. `arriving` maps the name of each voice that is being downloaded to the progress of its download,
    from 0 to 1.
    """
    error = snapshot.last_error
    return {
        "status": state.value,
        "version": version,
        "provider": provider,
        "voices": list(snapshot.voices),
        "downloads": {name: _rounded(share) for name, share in (arriving or {}).items()},
        "queue": {priority.value: snapshot.queue.waiting.get(priority, 0) for priority in Priority},
        "playing": snapshot.queue.playing,
        "oldest_wait_seconds": _rounded(snapshot.queue.oldest_wait),
        "uptime_seconds": _rounded(snapshot.uptime),
        "last_error": error and {"code": error.code, "seconds_ago": _rounded(error.seconds_ago)},
        "trouble": unhealthy_reason,
    }


def activity(seen: Activity, snapshot: Snapshot, *, state: HealthState) -> dict[str, Any]:
    """Returns the response to `/api/activity`. All times are in seconds, on the same clock as `now`."""
    return {
        "now": _rounded(seen.now),
        "uptime": _rounded(snapshot.uptime),
        "status": state.value,
        "utterances": [_utterance(one) for one in seen.utterances],
        "waits": _distribution(snapshot.waits),
        "first_audio": _distribution(snapshot.first_audio),
    }


def _utterance(seen: UtteranceActivity) -> dict[str, Any]:
    return {
        "number": seen.number,
        "voice": seen.voice,
        "priority": seen.priority.value,
        "asked": _rounded(seen.asked),
        "begun": _rounded(seen.begun),
        "heard": _rounded(seen.heard),
        "lasts_until": _rounded(seen.lasts_until),
        "ended": _rounded(seen.ended),
        "outcome": None if seen.outcome is None else str(seen.outcome),
        "steps": [[round(figure, _DIGITS) for figure in step] for step in seen.steps],
    }


def _distribution(seen: Distribution) -> dict[str, Any]:
    return {"bounds": list(seen.bounds), "counts": list(seen.counts)}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, _DIGITS)
