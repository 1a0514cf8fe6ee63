"""A simulation of several servers behind a load balancer. Simulated users listen to one utterance after another. Like
`machines`, this module uses neither a real clock nor a voice."""

import math
import random
from dataclasses import dataclass, field
from enum import Enum

from tests.engine.machines import PACE, Listener, Machine, Simulation

SILENCE = 1.0  # Seconds between the end of an utterance and the same user's next request.
TEXTS = (36, 101, 155, 268)  # Lengths in characters. Each text is one sentence.
_SLICE = 0.1  # Seconds of simulated time between updates of the balancer's request counts.


class Balance(Enum):
    """How the balancer chooses the server for a request."""

    LEAST = "fewest open requests"
    RANDOM = "at random"


@dataclass
class _Person:
    asks_at: float
    texts: list[int] = field(default_factory=list)
    """The remaining texts to request before all texts are shuffled again."""

    request: Listener | None = None


@dataclass(frozen=True)
class Speech:
    """A completely synthesized utterance. All times are in seconds."""

    asked: float
    wait: float
    """Time from the request to the first audio."""

    silence: float
    """Time without audio after the first audio."""

    seconds: float
    """Duration of the audio."""


class Fleet:
    """Simulated servers of equal speed, and simulated users who request speech until the simulation ends."""

    def __init__(
        self,
        machine: Machine,
        *,
        servers: int,
        people: int,
        balance: Balance,
        chance: random.Random,
        spread: float = 5.0,
    ) -> None:
        """`people` is the number of users. All of them send their first request within the first `spread` seconds."""
        self._chance = chance
        self._balance = balance
        self._open: list[list[Listener]] = [[] for _ in range(servers)]
        self._servers = [
            Simulation(machine, requests, machine.measured(), random.Random(chance.random())) for requests in self._open
        ]
        self._people = [_Person(spread * (number + 1) / people) for number in range(people)]
        self._asked = 0
        self._now = 0.0
        self.speeches: list[Speech] = []

    def run(self, seconds: float) -> None:
        """Run the simulation for `seconds` of simulated time."""
        end = self._now + seconds
        while self._now < end:
            until = self._now + _SLICE
            for person in sorted(self._people, key=lambda one: one.asks_at):
                if person.request is None and person.asks_at <= until:
                    self._ask(person)
            for server in self._servers:
                server.run(until)
            for person in self._people:
                if person.request is not None and person.request.done:
                    self._hear(person, person.request)
            for requests in self._open:
                requests[:] = [one for one in requests if not one.done]
            self._now = until

    @property
    def busy(self) -> float:
        """Fraction of the time during which the servers have run the model."""
        return sum(sum(server.served.values()) for server in self._servers) / len(self._servers) / self._now

    def _ask(self, person: _Person) -> None:
        if not person.texts:
            person.texts = list(TEXTS)
            self._chance.shuffle(person.texts)
        self._asked += 1
        person.request = Listener(self._asked, person.asks_at, [person.texts.pop()], client=id(person))
        self._choose().append(person.request)

    def _choose(self) -> list[Listener]:
        if self._balance is Balance.RANDOM:
            return self._chance.choice(self._open)
        return min(self._open, key=lambda requests: (len(requests), self._chance.random()))

    def _hear(self, person: _Person, request: Listener) -> None:
        """Record a complete utterance. The user sends the next request after the end of playback."""
        if request.began is None or request.deadline is None:
            raise RuntimeError("the audio of a complete request was not released")
        seconds = request.deadline - request.began - request.silence
        self.speeches.append(Speech(request.since, request.began - request.since, request.silence, seconds))
        person.request = None
        person.asks_at = request.deadline + SILENCE


@dataclass(frozen=True)
class Figures:
    """Statistics about the speech that the users of a fleet have heard. All times are in seconds."""

    gaps: int
    speeches: int
    median: float
    """Median time to the first audio."""

    late: float
    """99th percentile of the time to the first audio."""

    worst: float
    playing: float
    """Average number of people who were listening at the same time."""

    busy: float

    def served(self, patience: float) -> bool:
        """Return whether at most one utterance in 50 had a gap, and at most one request in 100 waited longer than
        `patience` seconds. A few slow requests are allowed, because the slowest request of a larger fleet is slower."""
        return self.gaps <= self.speeches / 50 and self.late <= patience


_AUDIBLE = 0.005  # Minimum duration in seconds of a silence that counts as a gap.
_WARM = 10.0  # Initial seconds of a simulation in which waits are ignored; gaps always count.
_LONGEST = max(TEXTS) * PACE + SILENCE  # Maximum seconds from the start of playback until the utterance is recorded.


def simulate(
    machine: Machine,
    *,
    servers: int,
    people: int,
    balance: Balance = Balance.LEAST,
    seed: int = 0,
    seconds: float = 60.0,
    spread: float = 5.0,
) -> Figures:
    """Simulate a fleet for `seconds` of simulated time, which must be at least 40.

    All people send their first request within `spread` seconds. Waits during the first ten seconds are ignored.
    """
    chance = random.Random(seed)
    fleet = Fleet(machine, servers=servers, people=people, balance=balance, chance=chance, spread=spread)
    fleet.run(seconds)
    begin, end = _WARM, seconds - _LONGEST
    warm = [one for one in fleet.speeches if one.asked >= begin]
    waits = sorted(one.wait for one in warm)
    playing = 0.0
    for one in fleet.speeches:
        heard = one.asked + one.wait
        playing += max(0.0, min(heard + one.seconds + one.silence, end) - max(heard, begin))
    return Figures(
        gaps=sum(one.silence > _AUDIBLE for one in fleet.speeches),
        speeches=len(fleet.speeches),
        median=waits[len(waits) // 2],
        late=waits[math.ceil(0.99 * len(waits)) - 1],
        worst=waits[-1],
        playing=playing / (end - begin),
        busy=fleet.busy,
    )


def factor_alone(machine: Machine) -> float:
    """Return how many seconds of work a second of audio needs with a single listener, including the encoder and the
    small first chunks."""
    listeners = [Listener(number, 100.0 * number, [text]) for number, text in enumerate(TEXTS)]
    Simulation(machine, listeners, machine.measured()).run()
    return sum(one.work for one in listeners) / (sum(TEXTS) * PACE)


def capacity(machine: Machine, *, servers: int, balance: Balance, patience: float = 3.0) -> int:
    """Return the largest number of users that `servers` servers can serve, accurate to about 5 %. The number is found
    by bisection.
    """
    low, high = 0, math.ceil(1.5 * servers / machine.real_time_factor)
    while high - low > max(1, low // 20):
        people = (low + high) // 2
        if simulate(machine, servers=servers, people=people, balance=balance).served(patience):
            low = people
        else:
            high = people
    return low


def servers_for(people: float, *, factor: float, use: float) -> int:
    """Return how many servers are needed for `people` simultaneous listeners, plus a spare one for failures and
    restarts.

    `factor` is a server's real-time factor with a single listener. `use` is the planned fraction of the time during
    which a server runs its model.
    """
    return math.ceil(people * factor / use) + 1
