"""The one lock over the voice.

The lock is a worker thread: whoever's step runs there has the voice, everyone else waits. The
engine's task on the event loop chooses, runs and updates, one step after the other; nothing else
ever calls a voice. A step cannot be interrupted. A cancellation takes hold between two steps.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH
from wyoming_piper_serial.engine.scheduler import choose, refusal
from wyoming_piper_serial.engine.utterance import Utterance, UtteranceHooks
from wyoming_piper_serial.exceptions import PiperSerialError, ShuttingDown, SynthesisFailed
from wyoming_piper_serial.metrics import Metrics
from wyoming_piper_serial.settings import Limits, Style
from wyoming_piper_serial.voice.voice import Manner, Voice

_LOGGER = logging.getLogger(__name__)


class Engine:
    """Gives steps to utterances. `run` must be running for audio to be made."""

    def __init__(self, limits: Limits, metrics: Metrics, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._metrics = metrics
        self._clock = clock
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="voice")
        self._utterances: dict[int, Utterance] = {}
        self._next_number = 1
        self._draining = False
        self._wake = asyncio.Event()

    def __repr__(self) -> str:
        return f"<Engine {'draining' if self._draining else 'serving'} {list(self._utterances.values())}>"

    def utter(self, voice: Voice, style: Style, speaker: int | None = None) -> Utterance:
        """Let a new utterance in. Raises QueueFull or ShuttingDown. Whoever takes it must close it."""
        queued = sum(utterance.needs_voice for utterance in self._utterances.values())
        refused = refusal(queued=queued, max_queue=self._limits.max_queue, draining=self._draining)
        if refused is not None:
            raise refused
        hooks = UtteranceHooks(clock=self._clock, ready=self._wake.set, closed=self._forget)
        manner = Manner(style=style, speaker=speaker)
        utterance = Utterance(self._next_number, voice, manner, max_ahead=self._limits.max_ahead, hooks=hooks)
        self._utterances[utterance.number] = utterance
        self._next_number += 1
        self._metrics.request_accepted()
        return utterance

    async def run(self) -> None:
        """Give steps until cancelled."""
        try:
            while True:
                turn = choose(utterance.turn for utterance in self._utterances.values())
                if turn is None:
                    self._wake.clear()
                    await self._wake.wait()
                else:
                    await self._step(self._utterances[turn.number])
        finally:
            self._worker.shutdown(wait=False, cancel_futures=True)

    async def _step(self, utterance: Utterance) -> None:
        """Run one step in the worker thread: the only place where loop and thread meet."""
        step = utterance.take_step()
        begin = self._clock()
        try:
            pcm = await asyncio.get_running_loop().run_in_executor(self._worker, step)
        except PiperSerialError as error:
            _LOGGER.warning("[%d] %s (%r)", utterance.number, error, error.__cause__)
            utterance.fail(error)
        except Exception:
            # A step must never end the engine: the next in the queue is not to blame.
            _LOGGER.exception("[%d] a step failed", utterance.number)
            utterance.fail(SynthesisFailed("The voice could not speak this text."))
        else:
            busy = self._clock() - begin
            audio = len(pcm) / SAMPLE_WIDTH / utterance.format.rate
            self._metrics.step_done(busy_seconds=busy, audio_seconds=audio)
            utterance.apply(pcm, busy)

    def drain(self) -> None:
        """Let those who speak finish; those who wait, and all who come later, are told to go."""
        self._draining = True
        self._end(utterance for utterance in self._utterances.values() if not utterance.started)

    def stop(self) -> None:
        """End every utterance now."""
        self._draining = True
        self._end(self._utterances.values())

    def _end(self, utterances: Iterable[Utterance]) -> None:
        for utterance in list(utterances):
            utterance.fail(ShuttingDown())

    def _forget(self, utterance: Utterance) -> None:
        del self._utterances[utterance.number]
        if utterance.outcome == "completed":
            self._metrics.request_completed()
        elif utterance.outcome == "cancelled":
            self._metrics.request_cancelled()
        else:
            self._metrics.request_failed()
        self._wake.set()
