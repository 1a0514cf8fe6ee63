"""Admission: which requests are accepted, which priority they get, and when they time out."""

from ipaddress import ip_address, ip_network

import pytest

from wyoming_piper_serial.engine.admission import NO_DEADLINES, Deadlines, expiry, priority_of, refusal
from wyoming_piper_serial.exceptions import QueueFull, QueueTimeout, RequestTimeout, ShuttingDown
from wyoming_piper_serial.settings import NetworkPriority, Priority

DEADLINES = Deadlines.after(50.0, queue_timeout=10, request_timeout=100)


def test_queue_takes_up_to_its_limit() -> None:
    """A request is accepted while fewer than `max_queue` requests are queued. The next request is refused with
    QueueFull."""
    assert refusal(queued=1, max_queue=2, ended=False) is None
    assert isinstance(refusal(queued=2, max_queue=2, ended=False), QueueFull)


def test_no_request_is_accepted_after_the_drain() -> None:
    """After the drain has started, every request is refused, even if the queue is empty."""
    assert isinstance(refusal(queued=0, max_queue=2, ended=True), ShuttingDown)


def test_deadlines_are_absolute() -> None:
    """Deadlines are absolute times: the time of the request plus the allowed seconds."""
    assert (DEADLINES.start_by, DEADLINES.end_by) == (60, 150)


def test_a_request_that_waits_too_long_ends() -> None:
    """`start_by` ends only requests that are still waiting; `end_by` ends every request."""
    assert expiry(59.9, DEADLINES, waiting=True) is None
    assert isinstance(expiry(60, DEADLINES, waiting=True), QueueTimeout)
    assert expiry(149.9, DEADLINES, waiting=False) is None
    assert isinstance(expiry(150, DEADLINES, waiting=False), RequestTimeout)


def test_messages_name_the_seconds() -> None:
    """The error message for the client contains the limit in seconds."""
    assert str(expiry(60, DEADLINES, waiting=True)) == (
        "The voice was busy for 10 seconds; please try again in a moment."
    )
    assert str(expiry(150, DEADLINES, waiting=False)) == "This request exceeded the limit of 100 seconds."


@pytest.mark.parametrize("deadlines", [NO_DEADLINES, Deadlines.after(50.0), Deadlines.after(50.0, queue_timeout=0)])
def test_a_timeout_of_zero_is_no_limit(deadlines: Deadlines) -> None:
    """A timeout that is 0 or not set never ends a request."""
    assert expiry(1e9, deadlines, waiting=True) is None
    assert expiry(1e9, deadlines, waiting=False) is None


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
    """If several rules match an address, the rule for the smallest network determines the priority."""
    rules = [
        NetworkPriority(ip_network("192.168.1.20"), Priority.HIGH),
        NetworkPriority(ip_network("192.168.1.0/24"), Priority.LOW),
        NetworkPriority(ip_network("fd00::/8"), Priority.LOW),
    ]
    client = None if address is None else ip_address(address)
    assert priority_of(client, rules) is priority
