"""Who is let into the queue, with which priority, and who has waited too long. Pure."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

from wyoming_piper_serial.exceptions import (
    PiperSerialError,
    QueueFull,
    QueueTimeout,
    RequestTimeout,
    ShuttingDown,
)
from wyoming_piper_serial.settings import Limits, NetworkPriority, Priority


def refusal(*, queued: int, max_queue: int, draining: bool) -> PiperSerialError | None:
    """Why a new utterance is not let in, or `None` if it is."""
    if draining:
        return ShuttingDown()
    if queued >= max_queue:
        return QueueFull(f"{queued} requests are already waiting for the voice; please try again in a moment.")
    return None


def expiry(*, waited: float | None, age: float, limits: Limits) -> PiperSerialError | None:
    """Why an utterance must end now, or `None`.

    `waited` is how long it has waited for its first step, `None` once it has had it or while it has no
    text; `age` how long ago it was let in. Seconds.
    """
    if limits.queue_timeout and waited is not None and waited >= limits.queue_timeout:
        return QueueTimeout(f"The voice was busy for {waited:.0f} seconds; please try again in a moment.")
    if limits.request_timeout and age >= limits.request_timeout:
        return RequestTimeout(f"This request has taken {age:.0f} seconds, which is as long as one may take.")
    return None


def priority_of(client: IPv4Address | IPv6Address | None, rules: Iterable[NetworkPriority]) -> Priority:
    """The priority of a client's address: that of the narrowest network it is in, else normal."""
    matching = [rule for rule in rules if client is not None and client in rule.network]
    return max(matching, key=lambda rule: rule.network.prefixlen).priority if matching else Priority.NORMAL
