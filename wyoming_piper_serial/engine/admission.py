"""Decides whether a request is accepted, which priority it gets, and when it times out. All functions are pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Self

from wyoming_piper_serial.engine.shares import ClientShare
from wyoming_piper_serial.exceptions import (
    PiperSerialError,
    QueueFull,
    QueueTimeout,
    RequestTimeout,
    ShuttingDown,
)
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.settings import NetworkPriority, Priority
from wyoming_piper_serial.wording import counted


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """The times at which a request times out, on the engine's clock."""

    start_by: float | None = None
    """Time from which the request times out if it waits for its voice or its first step, or `None` for no limit."""

    end_by: float | None = None
    """Time from which the request times out if it has not ended, or `None` for no limit."""

    queue_timeout: float = 0.0
    """Time limit in seconds that `start_by` is based on, for the error message."""

    request_timeout: float = 0.0
    """Time limit in seconds that `end_by` is based on, for the error message."""

    @classmethod
    def after(cls, now: float, *, queue_timeout: float = 0.0, request_timeout: float = 0.0) -> Self:
        """Returns deadlines `queue_timeout` and `request_timeout` seconds after `now`; 0 means no limit."""
        return cls(
            start_by=now + queue_timeout if queue_timeout else None,
            end_by=now + request_timeout if request_timeout else None,
            queue_timeout=queue_timeout,
            request_timeout=request_timeout,
        )


NO_DEADLINES = Deadlines()


@dataclass(frozen=True, kw_only=True)
class QueueEntry:
    """The number, priority, deadlines and client of a request in the queue."""

    number: int
    """Number of the request. Later requests have higher numbers."""

    priority: Priority = Priority.NORMAL
    deadlines: Deadlines = NO_DEADLINES
    client: Client | None = None
    """The client, as named in log lines, or `None` if it is not known."""

    share: ClientShare = field(default_factory=ClientShare)
    """The share that records the client's recent model time."""


def refusal(
    *, queued: int, max_queue: int, of_address: int = 0, max_of_address: int | None = None, ended: bool
) -> PiperSerialError | None:
    """Returns the error for a new request that must be refused, or `None` if the request is accepted.

    `queued` is the number of queued requests, and `max_queue` is its limit. `of_address` is the number of queued
    requests from the client's address or IPv6 /64 network, and `max_of_address` is its limit (`None` for no limit).
    `ended` is true while the server is shutting down.
    """
    if ended:
        return ShuttingDown()
    if queued >= max_queue:
        return QueueFull(f"The voice already has {counted(queued, 'waiting request')}; please try again in a moment.")
    if max_of_address is not None and of_address >= max_of_address:
        error = QueueFull(
            f"Your address already has {counted(of_address, 'waiting request')}; please try again in a moment."
        )
        error.option = f"--max-queue-per-address {max_of_address}"
        return error
    return None


def expiry(now: float, deadlines: Deadlines, *, waiting: bool) -> PiperSerialError | None:
    """Returns the error for a request that has reached a time limit, or `None` if the request may continue.

    `waiting` is true if the request has text but its first step has not started.
    """
    if waiting and deadlines.start_by is not None and now >= deadlines.start_by:
        return QueueTimeout(
            f"The voice was busy for {deadlines.queue_timeout:g} seconds; please try again in a moment."
        )
    if deadlines.end_by is not None and now >= deadlines.end_by:
        return RequestTimeout(f"This request exceeded the limit of {deadlines.request_timeout:g} seconds.")
    return None


def priority_of(client: IPv4Address | IPv6Address | None, rules: Iterable[NetworkPriority]) -> Priority:
    """Returns the priority of the smallest network in `rules` that contains `client`, or normal priority if there is
    none."""
    matching = [rule for rule in rules if client is not None and client in rule.network]
    return max(matching, key=lambda rule: rule.network.prefixlen).priority if matching else Priority.NORMAL
