"""The shares record how much each client has used the voice.

The tests cover how clients are identified, how their shares decay, and how many clients are remembered.
"""

from ipaddress import ip_address

import pytest

from wyoming_piper_serial.engine.shares import ClientShare, ClientShares
from wyoming_piper_serial.observe.reporter import Client


def client(address: str | None, connection: int = 1) -> Client:
    return Client(protocol="wyoming", address=address and ip_address(address), connection=connection)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.168.1.5", "192.168.1.5", True),
        ("192.168.1.5", "192.168.1.6", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        (None, None, True),
        (None, "127.0.0.1", False),
    ],
)
def test_a_client_is_an_address(one: str | None, other: str | None, same: bool) -> None:
    """All connections from one address, from one IPv6 /64 network, or without an address belong to one client."""
    shares = ClientShares()
    share = shares.of(client(one, 1))
    assert (shares.of(client(other, 2)) is share) is same
    assert share.has_address is (one is not None)


def test_an_unknown_client_is_one_without_an_address() -> None:
    """A request without a client belongs to the same client as connections without an address."""
    shares = ClientShares()
    assert shares.of(None) is shares.of(client(None))


def test_what_was_served_counts_half_after_a_minute() -> None:
    """The model time of a client adds up, and the recorded time halves every minute."""
    share = ClientShare()
    assert share.served(1e9) == 0.0
    share.add(4.0, 100.0)
    assert share.served(100.0) == 4.0
    assert share.served(160.0) == 2.0
    share.add(1.0, 160.0)
    assert share.served(220.0) == 1.5


def test_a_bounded_number_of_clients_is_remembered() -> None:
    """If there are too many clients, the client that has been idle longest is removed. Client numbers are not
    reused."""
    shares = ClientShares()
    usual = shares.of(client("10.0.0.1"))
    numbers = {usual.number}
    for number in range(3000):
        numbers.add(shares.of(client(f"10.1.{number // 250}.{number % 250}")).number)
        assert shares.of(client("10.0.0.1")) is usual
    assert len(shares) == 1024
    assert len(numbers) == 3001
