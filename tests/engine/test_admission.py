"""Who is let in, with which priority, and who has waited too long."""

from ipaddress import ip_address, ip_network

import pytest

from wyoming_piper_serial.engine.admission import expiry, priority_of, refusal
from wyoming_piper_serial.exceptions import QueueFull, QueueTimeout, RequestTimeout, ShuttingDown
from wyoming_piper_serial.settings import Limits, NetworkPriority, Priority

LIMITS = Limits(queue_timeout=10, request_timeout=100)


def test_queue_takes_up_to_its_limit() -> None:
    """The last place is given away, the one behind it is not."""
    assert refusal(queued=1, max_queue=2, draining=False) is None
    assert isinstance(refusal(queued=2, max_queue=2, draining=False), QueueFull)


def test_draining_takes_nobody() -> None:
    """A server that ends lets no one in, however empty the queue."""
    assert isinstance(refusal(queued=0, max_queue=2, draining=True), ShuttingDown)


def test_who_waits_too_long_is_told() -> None:
    """The queue's limit is for those who wait, the request's for all."""
    assert expiry(waited=9.9, age=9.9, limits=LIMITS) is None
    assert isinstance(expiry(waited=10, age=10, limits=LIMITS), QueueTimeout)
    assert expiry(waited=None, age=99, limits=LIMITS) is None
    assert isinstance(expiry(waited=None, age=100, limits=LIMITS), RequestTimeout)


def test_timeouts_of_zero_are_for_ever() -> None:
    """Zero turns a timeout off, as everywhere."""
    limits = Limits(queue_timeout=0, request_timeout=0)
    assert expiry(waited=1e9, age=1e9, limits=limits) is None


@pytest.mark.parametrize(
    ("address", "priority"),
    [
        ("192.168.1.20", Priority.HIGH),
        ("192.168.1.21", Priority.LOW),
        ("10.0.0.1", Priority.NORMAL),
        ("fd00::7", Priority.LOW),
        (None, Priority.NORMAL),
    ],
)
def test_the_narrowest_network_decides(address: str | None, priority: Priority) -> None:
    """One satellite can be put before the rest of its network."""
    rules = [
        NetworkPriority(ip_network("192.168.1.20"), Priority.HIGH),
        NetworkPriority(ip_network("192.168.1.0/24"), Priority.LOW),
        NetworkPriority(ip_network("fd00::/8"), Priority.LOW),
    ]
    client = None if address is None else ip_address(address)
    assert priority_of(client, rules) is priority
