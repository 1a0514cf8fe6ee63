"""Simulated machines of any speed, on which the scheduler serves simulated listeners. The simulation uses neither a
real clock nor a voice."""

import functools
import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.plan import SIZES
from wyoming_piper_serial.engine.release import release_in
from wyoming_piper_serial.engine.scheduler import Step, choose, choose_fifo

FRAME = 256 / 22_050  # Duration of a frame in seconds.
_VOCODER_MARGIN = 11  # Margin of the vocoder in frames.
_FLOW_SHARE = 0.2  # The flow's share of the work per frame.
PACE = 0.06  # Seconds of speech for each character.


@dataclass(frozen=True)
class Machine:
    """A simulated machine, which determines how long each step takes."""

    real_time_factor: float
    """Seconds of work for a second of audio that is decoded in chunks of the largest size."""

    overhead: int = 9
    """Cost of the margins of a chunk, expressed as the number of frames that cost the same. The flow causes most of
    it."""

    noise: float = 0.0
    """Standard deviation of the logarithm of a step's duration."""

    flow: bool = False
    """Whether the flow can run in separate steps. The flow is a fifth of the work, and its margins cost 60 frames in
    each step."""

    def seconds(self, work: Work, chance: random.Random | None = None) -> float:
        per_frame = self.real_time_factor * FRAME / (1 + self.overhead / SIZES[-1])
        if work.kind is Kind.ENCODE:
            mean = per_frame * (10 + 0.4 * work.size)
        elif work.kind is Kind.FLOW:
            mean = per_frame * _FLOW_SHARE * (work.size + 60)
        elif work.kind is Kind.VOCODE:
            mean = per_frame * ((1 - _FLOW_SHARE) * work.size + 1)
        else:
            mean = per_frame * (work.size + self.overhead)
        return mean * (chance.lognormvariate(0, self.noise) if chance and self.noise else 1.0)

    def measured(self) -> StepCosts:
        """Return the step costs that a server on this machine would have measured after running for a while."""
        costs = StepCosts()
        costs.add_unknown(
            [*place, size, mean * self.real_time_factor, deviation * self.real_time_factor, count]
            for *place, size, mean, deviation, count in _measured(self.overhead, flow=self.flow)
        )
        return costs


@functools.cache
def _measured(overhead: int, *, flow: bool) -> list[list[Any]]:
    """Return the estimates of a server on a machine whose real-time factor is 1. All durations are proportional to the
    real-time factor."""
    machine, costs = Machine(1.0, overhead, flow=flow), StepCosts()
    kinds = {Kind.DECODE: SIZES, Kind.ENCODE: (10, 20, 40, 80, 160, 320)}
    if flow:
        kinds |= {Kind.VOCODE: SIZES, Kind.FLOW: (40, 80, 160, 320, 500)}
    for _ in range(30):
        for kind, sizes in kinds.items():
            for size in sizes:
                work = Work("voice", kind, size)
                costs.add(work, machine.seconds(work))
    return costs.estimates()


@dataclass
class Listener:
    """A request, and the audio that its listener has received."""

    number: int
    since: float
    sentences: list[int]
    """The number of characters of each sentence that has not been encoded yet."""

    client: int = 0
    frames: int = 0
    unflowed: int = 0
    chunks: int = 0
    work: float = 0.0
    """Seconds that the machine has worked for this listener."""

    held: float = 0.0
    began: float | None = None
    """The time at which the audio was released."""

    deadline: float | None = None
    silence: float = 0.0
    """Seconds without audio after the release."""

    timer: float = math.inf
    """The time at which the audio will be released, unless the scheduler releases it earlier."""

    @property
    def done(self) -> bool:
        return not self.frames and not self.sentences

    @property
    def flowed(self) -> int:
        return self.frames if not self.unflowed else max(0, self.frames - self.unflowed - _VOCODER_MARGIN)

    @property
    def sound_from(self) -> float:
        """Seconds from the request to the earliest time at which a listener could start to play without a gap."""
        assert self.began is not None
        return self.began - self.since + self.silence

    def candidate(self, max_held: float, served: float = 0.0) -> Candidate:
        behind = self.sentences if self.frames else self.sentences[1:]
        return Candidate(
            number=self.number,
            voice="voice",
            since=self.since,
            deadline=self.deadline,
            encode=0 if self.frames else self.sentences[0],
            frames=self.frames,
            flowed=self.flowed,
            unflowed=self.unflowed,
            chunks=self.chunks,
            frame_seconds=FRAME,
            rest=self.frames * FRAME + sum(self.sentences) * PACE,
            held=self.held,
            sentences=tuple(behind[:3]),
            later=sum(behind[3:]),
            pace=PACE,
            ready=self.held < max_held,
            client=self.client or self.number,
            served=served,
        )

    def release(self, now: float) -> None:
        self.began, self.deadline, self.held = now, now + self.held, 0.0

    def take(self, step: Step) -> Work:
        if step.frames is None:
            characters = self.sentences.pop(0)
            self.frames, self.chunks = max(1, round(characters * PACE / FRAME)), 0
            self.unflowed = self.frames
            return Work("voice", Kind.ENCODE, characters)
        return Work("voice", step.kind, step.frames)

    def apply(self, work: Work, now: float) -> None:
        if work.kind is Kind.ENCODE:
            return
        if work.kind is Kind.FLOW:
            self.unflowed -= work.size
            return
        self.frames -= work.size
        if work.kind is Kind.DECODE:
            self.unflowed = min(self.unflowed, max(0, self.frames - _VOCODER_MARGIN))
        self.chunks += 1
        if self.deadline is None:
            self.held += work.size * FRAME
            return
        if now > self.deadline:
            self.silence += now - self.deadline
            self.deadline = now
        self.deadline += work.size * FRAME


@dataclass
class Simulation:
    """A simulation of one voice that serves `listeners`."""

    machine: Machine
    listeners: Sequence[Listener]
    costs: StepCosts
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    max_held: float = 300.0
    fifo: bool = False
    """Whether the scheduler serves one listener after the other, in chunks of fixed sizes."""

    now: float = 0.0
    served: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    """Seconds that the machine has worked for each client."""

    def run(self, until: float = math.inf) -> None:
        """Serve the listeners until all requests are complete, or until the simulated time `until`."""
        while self.now < until:
            here = [one for one in self.listeners if one.since <= self.now and not one.done]
            if not here:
                later = [one.since for one in self.listeners if one.since > self.now]
                if not later:
                    return
                self.now = min(later)
                continue
            self._release(here)
            candidates = [one.candidate(self.max_held, self.served[one.client]) for one in here]
            step = choose_fifo(candidates) if self.fifo else choose(candidates, self.now, self.costs)
            if step is None:
                self.now += 0.05
                continue
            (listener,) = (one for one in here if one.number == step.number)
            work = listener.take(step)
            seconds = self.machine.seconds(work, self.chance)
            listener.work += seconds
            self.costs.add(work, seconds)
            self.served[listener.client] += seconds
            for one in here:
                if one.timer <= self.now + seconds:
                    one.release(one.timer)
                    one.timer = math.inf
            self.now += seconds
            listener.apply(work, self.now)
            if listener.done and listener.deadline is None:
                listener.release(self.now)
                listener.timer = math.inf

    def _release(self, here: Sequence[Listener]) -> None:
        for one in here:
            one.timer = math.inf
            if one.deadline is not None or not one.held:
                continue
            candidate = one.candidate(self.max_held)
            playing = [other.candidate(self.max_held) for other in here if other.deadline is not None]
            if self.fifo:
                candidate, playing = replace(candidate, exact=True), []
            seconds = release_in(candidate, playing, self.now, self.costs) if candidate.ready else 0.0
            if seconds <= 0:
                one.release(self.now)
            elif math.isfinite(seconds):
                one.timer = self.now + seconds
