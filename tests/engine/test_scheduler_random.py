"""The scheduler makes twenty thousand decisions on many random requests, without a real clock or a voice.

Arrivals, disconnects, stalling readers, priorities and texts are random. The duration of each step is simulated.
Invariants are checked at every step.
"""

import random
from dataclasses import dataclass, field

import pytest

from wyoming_piper_serial.engine.admission import Deadlines, expiry, refusal
from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.scheduler import Step, choose
from wyoming_piper_serial.settings import Limits, Priority

pytestmark = pytest.mark.unmeasured  # measuring coverage would take most of the time; other tests cover the same code

STEPS = 5_000
FRAME = 0.0116
FRAMES_PER_CHARACTER = 0.05 / FRAME
LIMITS = Limits(max_queue=12, max_ahead=20.0)
QUEUE_TIMEOUT = 45.0
# A chosen request may have arrived at most this many seconds later than the oldest waiting request. The scheduler
# prefers high priority to low by 30 seconds and short texts to long ones by 3 seconds, and a step can take half a
# second.
MOST_PASSED = 33.5


def seconds_of(work: Work) -> float:
    """Return the simulated duration of a step in seconds. A chunk has a fixed overhead. The duration of encoding grows
    faster than linearly with the length of the sentence."""
    if work.kind is Kind.ENCODE:
        return 0.005 + 0.0003 * work.size + 2e-6 * work.size**2
    return 0.004 + 0.00045 * work.size


@dataclass
class Speaker:
    """A simulated utterance, which creates the scheduler's candidates."""

    number: int
    priority: Priority
    since: float
    sentences: list[int]
    """The number of characters of each sentence that has not been encoded yet."""

    frames: int = 0
    chunks: int = 0
    deadline: float | None = None
    started: bool = False
    taken: float = 0.0
    made: float = 0.0
    stalled: bool = False
    underrun: float = 0.0
    client: int | None = None
    """The number of the client. `None` means a separate client that has no other request."""

    @property
    def done(self) -> bool:
        return not self.frames and not self.sentences

    def ready(self, now: float) -> bool:
        heard = 0.0 if self.deadline is None else max(0.0, self.made - (self.deadline - now))
        self.taken = self.taken if self.stalled else max(self.taken, heard)
        return not self.done and self.made - self.taken < LIMITS.max_ahead

    def candidate(self, now: float) -> Candidate:
        rest = self.frames + sum(self.sentences) * FRAMES_PER_CHARACTER
        return Candidate(
            number=self.number,
            voice="v",
            priority=self.priority,
            since=self.since,
            deadline=self.deadline,
            encode=0 if self.frames else self.sentences[0],
            frames=self.frames,
            chunks=self.chunks,
            frame_seconds=FRAME,
            rest=rest * FRAME,
            ready=self.ready(now),
            exact=self.number % 5 == 0,
            client=self.number if self.client is None else self.client,
        )


@dataclass
class Simulation:
    """A voice, its queue, and clients that connect and disconnect."""

    chance: random.Random
    load: float
    """The amount of arriving work, relative to the capacity of the voice. At 1, the voice is always busy."""

    noise: float = 0.0
    now: float = 0.0
    speakers: dict[int, Speaker] = field(default_factory=dict)
    costs: StepCosts = field(default_factory=StepCosts)
    next_arrival: float = 0.0
    arrived: int = 0
    refused: int = 0
    expired: int = 0
    completed: list[Speaker] = field(default_factory=list)
    first_audio: list[float] = field(default_factory=list)

    def come_and_go(self) -> None:
        while self.next_arrival <= self.now:
            self._arrive()
        for speaker in list(self.speakers.values()):
            if self.chance.random() < 0.002:
                del self.speakers[speaker.number]
            elif self.chance.random() < 0.003:
                speaker.stalled = not speaker.stalled
                if speaker.deadline is not None:  # audio that the client has not read cannot have been played
                    speaker.deadline = max(speaker.deadline, self.now + speaker.made - speaker.taken)
            else:
                deadlines = Deadlines.after(speaker.since, queue_timeout=QUEUE_TIMEOUT)
                if expiry(self.now, deadlines, waiting=not speaker.started):
                    del self.speakers[speaker.number]
                    self.expired += 1

    def _arrive(self) -> None:
        sentences = [self.chance.randint(15, 300) for _ in range(self.chance.choice([1, 1, 1, 2, 4]))]
        work = sum(seconds_of(Work("v", Kind.ENCODE, size)) + 0.05 * size / FRAME * 0.0005 for size in sentences)
        self.next_arrival += self.chance.expovariate(self.load / work)
        queued = sum(speaker.ready(self.now) or not speaker.started for speaker in self.speakers.values())
        self.arrived += 1
        if refusal(queued=queued, max_queue=LIMITS.max_queue, ended=False):
            self.refused += 1
            return
        priority = self.chance.choice([Priority.HIGH, *[Priority.NORMAL] * 3, Priority.LOW])
        self.speakers[self.arrived] = Speaker(self.arrived, priority, self.now, sentences)

    def step(self) -> None:
        ready = {speaker.number: speaker for speaker in self.speakers.values() if speaker.ready(self.now)}
        candidates = [speaker.candidate(self.now) for speaker in self.speakers.values() if not speaker.done]
        step = choose(candidates, self.now, self.costs)
        if step is None:
            assert not ready, "the voice is idle while it is needed"
            self.now += 0.05
            return
        assert step.number in ready, "a step was chosen for an utterance whose buffer is full"
        self._check_order(ready[step.number], candidates)
        self._run(ready[step.number], step)

    def _check_order(self, chosen: Speaker, candidates: list[Candidate]) -> None:
        if chosen.deadline is None:
            waiting = [candidate for candidate in candidates if candidate.deadline is None]
            if chosen.client is not None:
                waiting = [candidate for candidate in waiting if candidate.client == chosen.client]
            oldest = min(candidate.since for candidate in waiting)
            assert chosen.since - oldest <= MOST_PASSED, "a later request was preferred for too long"
        else:
            playing = [
                candidate.deadline for candidate in candidates if candidate.deadline is not None and candidate.ready
            ]
            is_fair = chosen.client is not None and min(playing) < self.now
            assert chosen.deadline == min(playing) or is_fair, "another deadline is earlier"

    def _run(self, speaker: Speaker, step: Step) -> None:
        speaker.started = True
        if step.frames is None:
            work = Work("v", Kind.ENCODE, speaker.sentences[0])
        else:
            assert 0 < step.frames <= speaker.frames
            work = Work("v", Kind.DECODE, step.frames)
        took = seconds_of(work) * self.chance.uniform(1 - self.noise, 1 + self.noise)
        self.now += took
        self.costs.add(work, took)
        if step.frames is None:
            speaker.frames, speaker.chunks = round(speaker.sentences.pop(0) * FRAMES_PER_CHARACTER), 0
            return
        speaker.frames -= step.frames
        speaker.chunks += 1
        if speaker.deadline is None:
            speaker.deadline = self.now
            self.first_audio.append(self.now - speaker.since)
        elif self.now > speaker.deadline:
            if not speaker.stalled:
                speaker.underrun += self.now - speaker.deadline
            speaker.deadline = self.now
        speaker.deadline += step.frames * FRAME
        speaker.made += step.frames * FRAME
        if speaker.done:
            del self.speakers[speaker.number]
            self.completed.append(speaker)


@pytest.mark.parametrize(("load", "noise"), [(0.5, 0.0), (0.9, 0.0), (1.5, 0.0), (0.9, 0.2)])
def test_random_steps_keep_the_invariants(load: float, noise: float) -> None:
    """The voice is never idle while a request needs it, waiting times and the queue are bounded, and underruns are
    rare or absent."""
    simulation = Simulation(random.Random(f"{load} {noise}"), load, noise)
    for size in (5, 10, 20, 30, 40, 50, 64, 80, 96, 120, 150, 200, 250, 300):
        for kind in Kind:
            simulation.costs.add(Work("v", kind, size), seconds_of(Work("v", kind, size)))
    for _ in range(STEPS):
        simulation.come_and_go()
        simulation.step()
        waiting = [speaker for speaker in simulation.speakers.values() if not speaker.started]
        assert len(waiting) <= LIMITS.max_queue
    assert len(simulation.completed) > STEPS / 100
    underrun = [speaker for speaker in simulation.completed if speaker.underrun > 0]
    assert len(underrun) <= noise * len(simulation.completed) / 20
    assert simulation.expired == 0 or load > 1
    assert simulation.refused > 0 or load < 1


def test_every_request_is_served_in_the_end() -> None:
    """When no more requests arrive, all requests are completed."""
    simulation = Simulation(random.Random(1), load=1.3)
    for _ in range(2_000):
        simulation.come_and_go()
        simulation.step()
    assert simulation.speakers
    for speaker in simulation.speakers.values():
        speaker.stalled = False
    for _ in range(20_000):
        if not simulation.speakers:
            break
        simulation.step()
    assert not simulation.speakers


def test_a_full_queue_recovers_from_a_stall() -> None:
    """A stall of five seconds with a full queue causes underruns. A few minutes later, no more underruns occur."""
    simulation = Simulation(random.Random(2), load=0.9)
    for _ in range(2_000):
        simulation.come_and_go()
        simulation.step()
    simulation.now += 5.0
    while simulation.now < 400:
        simulation.come_and_go()
        simulation.step()
    simulation.completed.clear()
    for speaker in simulation.speakers.values():
        speaker.underrun = 0.0
    for _ in range(5_000):
        simulation.come_and_go()
        simulation.step()
    assert simulation.completed
    assert not [speaker for speaker in simulation.completed if speaker.underrun > 0]


def test_a_client_with_many_long_texts_does_not_keep_others_waiting() -> None:
    """While one client has 66 long texts, each request of another client gets its first audio within 6.5 seconds.

    The 66 texts need three times the voice's capacity. The other client has no underrun longer than one step.
    """
    simulation = Simulation(random.Random(3), load=1e-9)
    simulation.next_arrival = float("inf")
    for number in range(66):
        simulation.speakers[number] = Speaker(number, Priority.NORMAL, 0.0, [100] * 1000, client=0)
    for number in range(1000, 1010):
        asked = simulation.now
        other = simulation.speakers[number] = Speaker(number, Priority.NORMAL, asked, [80, 120], client=1)
        while number in simulation.speakers:
            simulation.step()
            assert other.deadline is not None or simulation.now - asked < 6.5
        assert other.underrun < seconds_of(Work("v", Kind.ENCODE, 120))
    assert sum(speaker.started for speaker in simulation.speakers.values()) > 10
