"""The log lines that tell users how to reach the server."""

import pytest

from wyoming_piper_serial.network.address import Address, parse_uri
from wyoming_piper_serial.network.directions import directions
from wyoming_piper_serial.network.interfaces import Surroundings

_HOME_ASSISTANT = "Home Assistant: Settings, Devices & services, Add integration, Wyoming Protocol; host"
_TWO = Surroundings(program="piper", addresses=("192.168.1.5", "10.0.0.5"))


def lines(uri: str, *pages: str, around: Surroundings = _TWO) -> list[str]:
    found: list[Address] = [parse_uri(page) for page in pages]
    return list(directions(parse_uri(uri), found, around))


def test_server_on_the_loopback_interface_is_for_this_machine() -> None:
    """If only this machine can connect to the server, a log line names the option that allows other machines to
    connect."""
    assert lines("tcp://127.0.0.1:7", "tcp://127.0.0.1:8") == [
        'Try it: piper say "Hello there." --uri tcp://127.0.0.1:7',
        "Only this machine can connect. To allow other machines, such as Home Assistant: --uri tcp://0.0.0.0:7",
        "Page: http://127.0.0.1:8/",
    ]


def test_server_on_all_interfaces_is_shown_with_usable_addresses() -> None:
    """The log lines contain the actual addresses of the machine instead of `0.0.0.0`, to which clients cannot
    connect."""
    assert lines("tcp://0.0.0.0:7", "tcp://0.0.0.0:8") == [
        'Try it: piper say "Hello there." --uri tcp://127.0.0.1:7',
        "Other machines can connect to tcp://192.168.1.5:7, tcp://10.0.0.5:7",
        f"{_HOME_ASSISTANT} 192.168.1.5 or 10.0.0.5, port 7",
        "Page: http://127.0.0.1:8/",
        "Page: http://192.168.1.5:8/",
        "Page: http://10.0.0.5:8/",
    ]


@pytest.mark.parametrize(
    ("uri", "around", "last"),
    [
        ("tcp://pi.local:7", _TWO, f"{_HOME_ASSISTANT} pi.local, port 7"),
        ("tcp://[::]:7", Surroundings(), f"{_HOME_ASSISTANT} the address of this machine, port 7"),
        (
            "tcp://0.0.0.0:7",
            Surroundings(in_container=True),
            (f"{_HOME_ASSISTANT} the address of the machine that runs this container, port 7 or the published port"),
        ),
        (
            "tcp://0.0.0.0:7",
            Surroundings(in_container=True, addresses=("172.17.0.2",)),
            (
                f"{_HOME_ASSISTANT} the address of the machine that runs this container (in the container's network: "
                "172.17.0.2), port 7 or the published port"
            ),
        ),
        ("unix:///run/piper", _TWO, 'Try it: piper say "Hello there." --uri unix:///run/piper'),
    ],
)
def test_last_line_says_what_to_enter(uri: str, around: Surroundings, last: str) -> None:
    """The last log line states the host and port to enter in Home Assistant, as far as the server can determine
    them."""
    assert lines(uri, around=around)[-1] == last


def test_standard_streams_need_no_directions() -> None:
    """With `stdio://`, no directions are logged, because no other client can connect."""
    assert lines("stdio://") == []
