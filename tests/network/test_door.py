"""Who may come in."""

import logging
from collections import Counter
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.network.door import TOLD_AT_ONCE, Door, Guest

_FRIEND, _OTHER, _OWN = ("192.168.1.7", 50000), ("192.168.1.8", 50000), ("127.0.0.1", 50000)


def home(*networks: str) -> Door:
    return Door(allow=[ip_network(network) for network in networks], max_connections=10)


def knock(door: Door, *peers: object) -> list[str]:
    """What each is told: nothing (`in`), to go (`told`), or not even that (`closed`)."""
    guests = [door.knock(peer) for peer in peers]
    return ["closed" if guest is None else "told" if guest.refusal else "in" for guest in guests]


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
    door = home("192.168.1.0/24", "fd00::/8", "fe80::/10")
    assert (door.knock(peer) is not None) == is_in
    assert door.not_allowed == (not is_in)


def test_all_are_allowed_without_a_network() -> None:
    """The option is there to close, and it is closed by not listening otherwise."""
    assert knock(home(), ("203.0.113.9", 1), ("2001:db8::1", 1, 0, 0)) == ["in", "in"]


def test_each_address_that_is_not_allowed_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """And at most a hundred of them; all are counted."""
    door = home("10.0.0.0/8")
    with caplog.at_level(logging.WARNING):
        for round_ in range(3):
            for number in range(150):
                assert knock(door, (f"192.168.1.{number}", round_)) == ["closed"]
    assert len(caplog.messages) == 100
    assert caplog.messages[0] == "192.168.1.0 is turned away: it is in no --allow network"
    assert caplog.messages[-1].endswith("more such addresses are not named")
    assert door.not_allowed == 450
    assert repr(door) == "<Door 0 inside from 0 addresses, 0 being told to go>"


def test_one_machine_cannot_take_every_place() -> None:
    """Half of them by default; another machine still comes in."""
    door = home()
    assert knock(door, *[_FRIEND] * 6) == ["in"] * 5 + ["told"]
    assert knock(door, _OTHER) == ["in"]


@pytest.mark.parametrize("own", [_OWN, ("::1", 1, 0, 0), ("::ffff:127.0.0.1", 1, 0, 0), ""])
def test_this_machine_may_take_every_place(own: object) -> None:
    """Proxies run on it, and who is on it can do worse."""
    assert knock(home(), *[own] * 11) == ["in"] * 10 + ["told"]


def test_a_number_counts_for_every_address() -> None:
    """This machine's own included; but where there is no address there is none to count."""
    door = Door(max_connections=10, max_connections_per_address=2)
    assert knock(door, *[_OWN] * 3) == ["in", "in", "told"]
    assert knock(door, *[_FRIEND] * 3) == ["in", "in", "told"]
    assert knock(door, *[""] * 3) == ["in", "in", "in"]


def test_same_address_in_two_writings_is_one() -> None:
    """An IPv6 socket takes IPv4 connections, too."""
    door = Door(max_connections=10, max_connections_per_address=1)
    assert knock(door, _FRIEND, ("::ffff:192.168.1.7", 1, 0, 0)) == ["in", "told"]


def test_refusal_says_which_limit() -> None:
    """In words for the one who is refused."""
    door = Door(max_connections=2, max_connections_per_address=1)
    door.knock(_FRIEND)
    guest = door.knock(_FRIEND)
    assert guest is not None
    assert str(guest.refusal) == "No more than 1 connections may come from your address."
    door.knock(_OTHER)
    guest = door.knock(_OWN)
    assert guest is not None
    assert str(guest.refusal) == "2 connections are open already; please try again later."


@given(st.lists(st.integers(0, 3) | st.integers(-20, -1), max_size=300), st.integers(1, 8), st.integers(1, 4))
def test_counts_are_right_whoever_comes_and_goes(steps: list[int], places: int, each: int) -> None:
    """A number from 0 is a knock from that address, a negative one lets an earlier guest leave."""
    door = Door(max_connections=places, max_connections_per_address=each)
    guests: list[Guest] = []
    for step in steps:
        inside = Counter(guest.address for guest in guests if guest.refusal is None)
        told = sum(guest.refusal is not None for guest in guests)
        if step < 0:
            if guests:
                door.leave(guests.pop(step % len(guests)))
            continue
        guest = door.knock((f"10.0.0.{step}", 1))
        if guest is None:
            assert told == TOLD_AT_ONCE
            continue
        if guest.refusal is None:
            assert inside.total() < places
            assert inside[guest.address] < each
        guests.append(guest)
    for guest in guests:
        door.leave(guest)
    assert repr(door) == "<Door 0 inside from 0 addresses, 0 being told to go>"
