"""Who may come in."""

import logging
from collections import Counter
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.network.limiter import TOLD_AT_ONCE, Admission, ConnectionLimiter

_FRIEND, _OTHER, _OWN = ("192.168.1.7", 50000), ("192.168.1.8", 50000), ("127.0.0.1", 50000)


def home(*networks: str) -> ConnectionLimiter:
    return ConnectionLimiter(allow=[ip_network(network) for network in networks], max_connections=10)


def admit(limiter: ConnectionLimiter, *peers: object) -> list[str]:
    """What each is told: nothing (`in`), to go (`told`), or not even that (`closed`)."""
    guests = [limiter.admit(peer) for peer in peers]
    return ["closed" if admission is None else "told" if admission.refusal else "in" for admission in guests]


@pytest.mark.parametrize(
    ("peer", "is_in"),
    [
        (("192.168.1.7", 1), True),
        (("192.168.2.7", 1), False),
        (("::ffff:192.168.1.7", 1, 0, 0), True),
        (("::ffff:192.168.2.7", 1, 0, 0), False),
        (("fd00::1", 1, 0, 0), True),
        (("fe80::1%eth0", 1, 0, 2), True),
        (("2001:db8::1", 1, 0, 0), False),
        (("127.0.0.1", 1), False),
        (("::1", 1, 0, 0), False),
        ("", True),
        (None, True),
    ],
)
def test_only_the_allowed_networks_come_in(peer: object, is_in: bool) -> None:
    """In both families, and IPv4 that came in by an IPv6 socket; a socket without a network address always."""
    limiter = home("192.168.1.0/24", "fd00::/8", "fe80::/10")
    assert (limiter.admit(peer) is not None) == is_in
    assert limiter.not_allowed == (not is_in)


def test_all_are_allowed_without_a_network() -> None:
    """The option is there to close, and it is closed by not listening otherwise."""
    assert admit(home(), ("203.0.113.9", 1), ("2001:db8::1", 1, 0, 0)) == ["in", "in"]


def test_each_address_that_is_not_allowed_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """And at most a hundred of them; all are counted."""
    limiter = home("10.0.0.0/8")
    with caplog.at_level(logging.WARNING):
        for round_ in range(3):
            for number in range(150):
                assert admit(limiter, (f"192.168.1.{number}", round_)) == ["closed"]
    assert len(caplog.messages) == 100
    assert caplog.messages[0] == "192.168.1.0 is turned away: it is in no --allow network"
    assert caplog.messages[-1].endswith("more such addresses are not named")
    assert limiter.not_allowed == 450
    assert repr(limiter) == "<ConnectionLimiter 0 inside from 0 addresses, 0 being told to go>"


def test_one_machine_cannot_take_every_place() -> None:
    """Half of them by default; another machine still comes in."""
    limiter = home()
    assert admit(limiter, *[_FRIEND] * 6) == ["in"] * 5 + ["told"]
    assert admit(limiter, _OTHER) == ["in"]


@pytest.mark.parametrize("own", [_OWN, ("::1", 1, 0, 0), ("::ffff:127.0.0.1", 1, 0, 0), ""])
def test_this_machine_may_take_every_place(own: object) -> None:
    """Proxies run on it, and who is on it can do worse."""
    assert admit(home(), *[own] * 11) == ["in"] * 10 + ["told"]


def test_a_number_counts_for_every_address() -> None:
    """This machine's own included; but where there is no address there is none to count."""
    limiter = ConnectionLimiter(max_connections=10, max_connections_per_address=2)
    assert admit(limiter, *[_OWN] * 3) == ["in", "in", "told"]
    assert admit(limiter, *[_FRIEND] * 3) == ["in", "in", "told"]
    assert admit(limiter, *[""] * 3) == ["in", "in", "in"]


def test_same_address_in_two_writings_is_one() -> None:
    """An IPv6 socket takes IPv4 connections, too."""
    limiter = ConnectionLimiter(max_connections=10, max_connections_per_address=1)
    assert admit(limiter, _FRIEND, ("::ffff:192.168.1.7", 1, 0, 0)) == ["in", "told"]


def test_refusal_says_which_limit() -> None:
    """In words for the one who is refused."""
    limiter = ConnectionLimiter(max_connections=2, max_connections_per_address=1)
    limiter.admit(_FRIEND)
    admission = limiter.admit(_FRIEND)
    assert admission is not None
    assert str(admission.refusal) == "No more than 1 connections may come from your address."
    limiter.admit(_OTHER)
    admission = limiter.admit(_OWN)
    assert admission is not None
    assert str(admission.refusal) == "2 connections are open already; please try again later."


@given(st.lists(st.integers(0, 3) | st.integers(-20, -1), max_size=300), st.integers(1, 8), st.integers(1, 4))
def test_counts_are_right_whoever_comes_and_goes(steps: list[int], places: int, each: int) -> None:
    """A number from 0 is a knock from that address, a negative one lets an earlier guest leave."""
    limiter = ConnectionLimiter(max_connections=places, max_connections_per_address=each)
    guests: list[Admission] = []
    for step in steps:
        inside = Counter(admission.address for admission in guests if admission.refusal is None)
        told = sum(admission.refusal is not None for admission in guests)
        if step < 0:
            if guests:
                limiter.leave(guests.pop(step % len(guests)))
            continue
        admission = limiter.admit((f"10.0.0.{step}", 1))
        if admission is None:
            assert told == TOLD_AT_ONCE
            continue
        if admission.refusal is None:
            assert inside.total() < places
            assert inside[admission.address] < each
        guests.append(admission)
    for admission in guests:
        limiter.leave(admission)
    assert repr(limiter) == "<ConnectionLimiter 0 inside from 0 addresses, 0 being told to go>"
