"""Attacks on the Wyoming port, which are run by `stalls` and `soak`."""

import contextlib

from attacks import Attack, Target, ask_on, connected, many

_IDLE = 430  # number of idle connections


def _by_wyoming(data: bytes) -> Attack:
    def attack(target: Target) -> None:
        with connected(target.wyoming) as connection:
            connection.settimeout(1)
            ask_on(connection, data)

    return attack


def _health(target: Target) -> None:
    """Send `health` repeatedly on one connection while many other connections are idle."""
    with many(target.wyoming, _IDLE), connected(target.wyoming) as connection:
        for _ in range(100):
            with contextlib.suppress(ConnectionError, TimeoutError):
                connection.sendall(b'{"type": "health"}\n')
                connection.recv(1 << 16)


ATTACKS: dict[str, Attack] = {
    "health beside 430 connections": _health,
    "event of brackets": _by_wyoming(b'{"type": "x", "data_length": 480000}\n' + b"[" * 240_000 + b"]" * 240_000),
    "event of numbers": _by_wyoming(b'{"type": "x", "data_length": 480002}\n[' + b"1e9," * 120_000 + b"1"),
    "events": _by_wyoming(b'{"type": "x"}\n' * 20_000),
}
