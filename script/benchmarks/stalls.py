"""Measures the slowest reply to `describe` during attacks.

On one connection, `describe` is sent repeatedly, 5 ms after each reply. A separate process repeats each attack for
several seconds. Before each attack, `describe` is measured for the same time without an attack, which shows the noise
of the machine. On an otherwise idle machine, a `describe` that takes more than 20 ms during an attack is a defect.

An attack is a function (see attacks.py). To add one, add it to ATTACKS in attacks_http.py or attacks_wyoming.py.
"""

import argparse
import contextlib
import multiprocessing
import socket
import time
from collections.abc import Callable

import attacks_http
import attacks_wyoming
from attacks import Attack, Target, connected
from report import milliseconds, show
from servers import Server, free_port, ours

ATTACKS: dict[str, Attack] = {**attacks_http.ATTACKS, **attacks_wyoming.ATTACKS}

_PERIOD = 0.005  # Seconds between a reply and the next `describe`.
_FAULT = 0.020  # A `describe` that takes longer than this time in seconds is marked in the table.
_DESCRIBE = b'{"type": "describe"}\n'


class Prober:
    """Sends `describe` on its own connection and measures the time to the complete reply."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._length = len(self._answer(b'"info"'))

    def _answer(self, last: bytes) -> bytes:
        """Send `describe` and return the complete reply. The reply is complete when it contains `last` and no more data
        has arrived for 0.5 seconds."""
        self._connection.sendall(_DESCRIBE)
        answer = b""
        while last not in answer:
            answer += self._connection.recv(1 << 20)
        self._connection.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            while True:
                answer += self._connection.recv(1 << 20)
        self._connection.settimeout(60)
        return answer

    def describe(self) -> float:
        """Send `describe`. Return the time in seconds until the complete reply has arrived. All replies have the same
        length."""
        begin = time.perf_counter()
        self._connection.sendall(_DESCRIBE)
        missing = self._length
        while missing > 0:
            data = self._connection.recv(missing)
            if not data:
                raise ConnectionResetError("the server has closed the connection")
            missing -= len(data)
        return time.perf_counter() - begin

    def worst_while(self, goes_on: Callable[[], bool]) -> float:
        """Send `describe` repeatedly until `goes_on` returns false. Return the duration of the slowest `describe` in
        seconds."""
        worst = 0.0
        while goes_on():
            worst = max(worst, self.describe())
            time.sleep(_PERIOD)
        return worst


def attack(name: str, target: Target, seconds: float) -> None:
    """Repeat an attack for `seconds`. This function is run in a separate process."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            ATTACKS[name](target)


def measure(prober: Prober, name: str, target: Target, seconds: float) -> tuple[float, float]:
    """Return the duration of the slowest `describe` before the attack and during the attack, in seconds. Each phase
    lasts about `seconds`."""
    begin = time.monotonic()
    quiet = prober.worst_while(lambda: time.monotonic() < begin + seconds)
    process = multiprocessing.get_context("spawn").Process(target=attack, args=(name, target, seconds))
    process.start()
    return quiet, prober.worst_while(process.is_alive)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="duration of each attack")
    parser.add_argument("--only", default="", metavar="WORDS", help="run only attacks whose name contains these words")
    args = parser.parse_args()
    http = free_port()
    with ours("--http-uri", f"tcp://127.0.0.1:{http}") as server:
        rows = measure_all(server, http, args.only, args.seconds)
    show(
        f"worst describe while an attack is repeated for {args.seconds:g} s",
        ("attack", "before", "during", ""),
        [
            [name, milliseconds(quiet), milliseconds(worst), "slow" if worst > _FAULT else ""]
            for name, quiet, worst in rows
        ],
    )


def measure_all(server: Server, http: int, words: str, seconds: float) -> list[tuple[str, float, float]]:
    target = Target(wyoming=server.port, http=http)
    rows = []
    with connected(server.port) as connection:
        prober = Prober(connection)
        for name in ATTACKS:
            if words in name:
                rows.append((name, *measure(prober, name, target, seconds)))
                print(f"{name}: {milliseconds(rows[-1][1])}, {milliseconds(rows[-1][2])}", flush=True)
    return rows


if __name__ == "__main__":
    main()
