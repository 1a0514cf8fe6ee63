"""Worst duration of `describe` under attack, asked every 5 ms on one connection.

Each attack is repeated for a while by a process of its own. A pause without an attack comes before it: what `describe`
took meanwhile is the machine's own noise. More than 20 ms under attack on a quiet machine is a fault.

An attack is a function: see attacks.py. Add it to ATTACKS in attacks_http.py or attacks_wyoming.py.
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

_PERIOD = 0.005  # seconds between two `describe`
_FAULT = 0.020  # seconds
_DESCRIBE = b'{"type": "describe"}\n'


class Prober:
    """Asks `describe` on one connection of its own."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._length = len(self._answer(b'"info"'))

    def _answer(self, last: bytes) -> bytes:
        """The first answer, which ends when nothing more comes."""
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
        """Seconds until the whole answer has arrived. It always has the same length."""
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
        """Seconds of the slowest `describe`, asked until `goes_on` is false."""
        worst = 0.0
        while goes_on():
            worst = max(worst, self.describe())
            time.sleep(_PERIOD)
        return worst


def attack(name: str, target: Target, seconds: float) -> None:
    """Repeat an attack for `seconds`. Runs in a process of its own."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            ATTACKS[name](target)


def measure(prober: Prober, name: str, target: Target, seconds: float) -> tuple[float, float]:
    """The worst `describe` before the attack, and during it."""
    begin = time.monotonic()
    quiet = prober.worst_while(lambda: time.monotonic() < begin + seconds)
    process = multiprocessing.get_context("spawn").Process(target=attack, args=(name, target, seconds))
    process.start()
    return quiet, prober.worst_while(process.is_alive)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="duration of each attack")
    parser.add_argument("--only", default="", metavar="WORDS", help="only attacks whose name contains these words")
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
