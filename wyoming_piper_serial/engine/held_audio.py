"""Releases held audio as soon as it can be played without a gap, or when no audio can be synthesized at the moment.

Must be used in the event loop.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace

from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.costs import StepCosts
from wyoming_piper_serial.engine.release import release_in
from wyoming_piper_serial.engine.utterance import Utterance


class HeldAudio:
    """The timers for releases that become due while a step is running."""

    def __init__(self, costs: StepCosts) -> None:
        self._costs = costs
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def update(
        self, utterance: Utterance, playing: Sequence[Candidate], now: float, *, fixed_chunks: bool = False
    ) -> None:
        """Releases the audio of `utterance` if it can now be played without a gap, or if no audio can be synthesized
        now.

        Otherwise, sets a timer if the time of the release can be predicted. `playing` contains the worker's other
        candidates whose audio has been released. If `fixed_chunks` is true, all speech is decoded in the chunk sizes of
        exact speech. Must be called between steps of `utterance`.
        """
        self.forget(utterance)
        if not utterance.ready:  # no audio can be synthesized now: the text is still arriving, or the buffer is full
            utterance.begin_playback()
            return
        candidate = utterance.candidate(now)
        seconds = release_in(replace(candidate, exact=True) if fixed_chunks else candidate, playing, now, self._costs)
        if seconds <= 0:
            utterance.begin_playback()
        elif math.isfinite(seconds):
            timer = asyncio.get_running_loop().call_later(seconds, self._fire, utterance)
            self._timers[utterance.number] = timer

    def seconds_left(self, utterance: Utterance) -> float | None:
        """Returns the seconds until the audio of `utterance` is released, or `None` if this time is unknown."""
        timer = self._timers.get(utterance.number)
        return None if timer is None else max(0.0, timer.when() - asyncio.get_running_loop().time())

    def forget(self, utterance: Utterance) -> None:
        """Cancels the timer of `utterance` if there is one."""
        timer = self._timers.pop(utterance.number, None)
        if timer is not None:
            timer.cancel()

    def _fire(self, utterance: Utterance) -> None:
        self._timers.pop(utterance.number, None)
        if utterance.held:
            utterance.begin_playback()
