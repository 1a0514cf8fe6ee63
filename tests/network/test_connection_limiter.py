"""ConnectionLimiter decides which clients may connect."""

import logging
from collections import Counter
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.network.connection_limiter import MAX_REFUSED, Admission, ConnectionLimiter

_FRIEND, _OTHER, _OWN = ("192.168.1.7", 50000), ("192.168.1.8", 50000), ("127.0.0.1", 50000)


def limiter_of(*networks: str) -> ConnectionLimiter:
    return ConnectionLimiter(allow=[ip_network(network) for network in networks], max_connections=10)


def admit(limiter: ConnectionLimiter, *peers: object) -> list[str]:
    """Admit each peer, and return the results: `admitted`, `refused` (with an error) or `closed` (without a
    response)."""
    admissions = [limiter.admit(peer) for peer in peers]
    return [
        "closed" if admission is None else "refused" if admission.refusal else "admitted" for admission in admissions
    ]


@pytest.mark.parametrize(
    ("peer", "is_admitted"),
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
def test_only_the_allowed_networks_are_admitted(peer: object, is_admitted: bool) -> None:
    """Only addresses in the networks of `--allow` are admitted, for IPv4 and IPv6. A client without an address, for
    example on a Unix socket, is always admitted."""
    limiter = limiter_of("192.168.1.0/24", "fd00::/8", "fe80::/10")
    assert (limiter.admit(peer) is not None) == is_admitted
    assert limiter.not_allowed == (not is_admitted)


def test_all_are_allowed_without_a_network() -> None:
    """Without `--allow`, all addresses are admitted."""
    assert admit(limiter_of(), ("203.0.113.9", 1), ("2001:db8::1", 1, 0, 0)) == ["admitted", "admitted"]


@pytest.mark.parametrize(
    ("peer", "wyoming", "http"),
    [
        (("192.168.1.7", 1), True, False),
        (("172.30.32.2", 1), False, True),
        (("10.0.0.1", 1), False, False),
        ("", True, True),
    ],
)
def test_http_may_have_networks_of_its_own(peer: object, wyoming: bool, http: bool) -> None:
    """The networks of `--http-allow` replace those of `--allow` for HTTP, and only for HTTP."""
    limiter = ConnectionLimiter(
        allow=[ip_network("192.168.1.0/24")], http_allow=[ip_network("172.30.32.2/32")], max_connections=10
    )
    assert (limiter.admit(peer) is not None) == wyoming
    assert (limiter.admit(peer, http=True) is not None) == http


def test_http_has_the_networks_of_allow_by_default(caplog: pytest.LogCaptureFixture) -> None:
    """Without `--http-allow`, the networks of `--allow` apply to HTTP too. The log names the option that applies."""
    limiter = ConnectionLimiter(allow=[ip_network("192.168.1.0/24")], max_connections=10)
    assert limiter.admit(("10.0.0.1", 1), http=True) is None
    own = ConnectionLimiter(http_allow=[ip_network("192.168.1.0/24")], max_connections=10)
    assert own.admit(("10.0.0.1", 1)) is not None
    assert own.admit(("10.0.0.1", 1), http=True) is None
    assert caplog.messages == [
        f"Refused 10.0.0.1: not in any network given with {option}" for option in ("--allow", "--http-allow")
    ]


def test_each_address_that_is_not_allowed_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Each address that is not allowed is logged once, up to 100 addresses. Every attempt is counted."""
    limiter = limiter_of("10.0.0.0/8")
    with caplog.at_level(logging.WARNING):
        for round_ in range(3):
            for number in range(150):
                assert admit(limiter, (f"192.168.1.{number}", round_)) == ["closed"]
    assert len(caplog.messages) == 100
    assert caplog.messages[0] == "Refused 192.168.1.0: not in any network given with --allow"
    assert caplog.messages[-1].endswith("further addresses are not logged")
    assert limiter.not_allowed == 450
    assert repr(limiter) == "<ConnectionLimiter 0 open from 0 addresses, 0 refused>"


def test_one_machine_cannot_use_every_connection() -> None:
    """By default, one address can use at most half of the connections, so that other addresses are still admitted."""
    limiter = limiter_of()
    assert admit(limiter, *[_FRIEND] * 6) == ["admitted"] * 5 + ["refused"]
    assert admit(limiter, _OTHER) == ["admitted"]


@pytest.mark.parametrize("own", [_OWN, ("::1", 1, 0, 0), ("::ffff:127.0.0.1", 1, 0, 0), ""])
def test_this_machine_may_use_every_connection(own: object) -> None:
    """By default, clients on this machine can use all connections. Such a client may be a proxy for many users. Also, a
    limit would provide little protection, because a malicious local user can cause other damage."""
    assert admit(limiter_of(), *[own] * 11) == ["admitted"] * 10 + ["refused"]


def test_an_explicit_limit_counts_for_every_address() -> None:
    """`--max-connections-per-address` also applies to this machine, but not to clients without an address."""
    limiter = ConnectionLimiter(max_connections=10, max_connections_per_address=2)
    assert admit(limiter, *[_OWN] * 3) == ["admitted", "admitted", "refused"]
    assert admit(limiter, *[_FRIEND] * 3) == ["admitted", "admitted", "refused"]
    assert admit(limiter, *[""] * 3) == ["admitted", "admitted", "admitted"]


def test_two_forms_of_an_address_are_the_same_address() -> None:
    """An IPv4 address and its IPv4-mapped IPv6 form, which an IPv6 socket reports, count as one address."""
    limiter = ConnectionLimiter(max_connections=10, max_connections_per_address=1)
    assert admit(limiter, _FRIEND, ("::ffff:192.168.1.7", 1, 0, 0)) == ["admitted", "refused"]


def test_refusal_says_which_limit() -> None:
    """The error message of a refused connection states which limit was reached."""
    limiter = ConnectionLimiter(max_connections=2, max_connections_per_address=1)
    limiter.admit(_FRIEND)
    admission = limiter.admit(_FRIEND)
    assert admission is not None
    assert str(admission.refusal) == "Your address already has the maximum of 1 connections."
    limiter.admit(_OTHER)
    admission = limiter.admit(_OWN)
    assert admission is not None
    assert str(admission.refusal) == "2 connections are already open; please try again later."


@pytest.mark.unmeasured  # excluded from coverage, because faster tests cover the same lines
@given(st.lists(st.integers(0, 3) | st.integers(-20, -1), max_size=300), st.integers(1, 8), st.integers(1, 4))
def test_counts_are_right_in_any_order_of_arrivals_and_departures(steps: list[int], places: int, each: int) -> None:
    """The limits hold for any sequence of opened and closed connections, and all counts are 0 after all connections
    have been closed.

    A step is the number of an address that opens a connection, or a negative number to close a connection.
    """
    limiter = ConnectionLimiter(max_connections=places, max_connections_per_address=each)
    admissions: list[Admission] = []
    for step in steps:
        admitted = Counter(admission.address for admission in admissions if admission.refusal is None)
        refused = sum(admission.refusal is not None for admission in admissions)
        if step < 0:
            if admissions:
                limiter.leave(admissions.pop(step % len(admissions)))
            continue
        admission = limiter.admit((f"10.0.0.{step}", 1))
        if admission is None:
            assert refused == MAX_REFUSED
            continue
        if admission.refusal is None:
            assert admitted.total() < places
            assert admitted[admission.address] < each
        admissions.append(admission)
    for admission in admissions:
        limiter.leave(admission)
    assert repr(limiter) == "<ConnectionLimiter 0 open from 0 addresses, 0 refused>"


def test_each_admission_has_the_next_number() -> None:
    """Each connection that is admitted or refused gets the next number. A connection that is closed without a response
    does not get a number."""
    limiter = ConnectionLimiter(allow=[ip_network("192.168.1.7/32")], max_connections=2)
    numbers = []
    for peer in (_FRIEND, _OTHER, "", _FRIEND, ""):
        admission = limiter.admit(peer)
        numbers.append(admission and admission.number)
        if admission and peer == "":
            limiter.leave(admission)
    assert numbers == [1, None, 2, 3, 4]


@pytest.mark.parametrize(
    ("peer", "client"),
    [(_FRIEND, "http 192.168.1.7 #1"), (("::ffff:10.0.0.1", 1, 0, 0), "http 10.0.0.1 #1"), ("", "http local #1")],
)
def test_admission_names_the_client(peer: object, client: str) -> None:
    """The text for an admission's client contains the protocol, the address and the number of the connection."""
    admission = limiter_of().admit(peer)
    assert admission is not None
    assert str(admission.client("http")) == client


@pytest.mark.parametrize(
    ("peer", "port"), [(_FRIEND, 50000), (("::ffff:10.0.0.1", 50001, 0, 0), 50001), ("", None), (None, None)]
)
def test_admission_has_the_port_of_the_client(peer: object, port: int | None) -> None:
    """An admission contains the port of the client, for IPv4 and IPv6. A socket without an address has no port."""
    admission = limiter_of().admit(peer)
    assert admission is not None
    assert admission.port == port


def test_an_ipv6_network_of_64_bits_counts_as_one_address() -> None:
    """A machine that owns a whole IPv6 /64 network gets no more connections than a machine with one IPv4 address."""
    limiter = ConnectionLimiter(max_connections=10, max_connections_per_address=2)
    same = [(f"2001:db8::{number}", 1, 0, 0) for number in range(1, 4)]
    assert admit(limiter, *same) == ["admitted", "admitted", "refused"]
    assert admit(limiter, ("2001:db8:0:1::1", 1, 0, 0), ("192.168.1.7", 1)) == ["admitted", "admitted"]
    assert repr(limiter) == "<ConnectionLimiter 4 open from 3 addresses, 1 refused>"
