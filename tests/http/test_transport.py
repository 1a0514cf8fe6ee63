"""The transport that is passed to uvicorn's protocols."""

import asyncio
import contextlib
import socket
import struct

import pytest

from tests.http.fake_transport import FakeTransport
from wyoming_piper_serial.http.transport import Hold, HttpTransport


class Owner:
    """A fake owner of a transport that records the transport's calls. `may_pause_reading` returns `pausable`."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.pausable = True

    def close_requested(self) -> None:
        self.asked.append("close")

    def may_pause_reading(self) -> bool:
        return self.pausable

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.asked.append(protocol)


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def inner() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def transport(inner: FakeTransport, owner: Owner) -> HttpTransport:
    return HttpTransport(inner, owner)


def test_bytes_that_have_left_are_counted(transport: HttpTransport, inner: FakeTransport) -> None:
    """`taken` is the number of written bytes that have left the transport."""
    transport.write(b"abc")
    transport.writelines([b"de", bytearray(b"f")])
    assert (transport.backlog, transport.taken) == (6, 0)
    inner.backlog = 2
    assert (transport.backlog, transport.taken) == (2, 4)
    assert transport.get_write_buffer_size() == 2
    assert inner.sent == b"abcdef"


def test_held_output_is_not_sent(transport: HttpTransport, inner: FakeTransport, owner: Owner) -> None:
    """Within `hold`, calls to `write` and `close` are recorded but have no effect. After `hold`, new calls take effect
    at once.
    """
    with transport.hold() as held:
        transport.write(b"abc")
        transport.close()
    assert held == [b"abc", b""]
    assert inner.sent == b""
    assert owner.asked == []
    transport.write(b"def")
    transport.close()
    assert inner.sent == b"def"
    assert owner.asked == ["close"]


def test_output_is_sent_after_a_hold_that_failed(transport: HttpTransport, inner: FakeTransport) -> None:
    """If an exception is raised within `hold`, the collected writes are dropped. New writes are sent."""
    with contextlib.suppress(ZeroDivisionError), transport.hold():
        transport.write(b"abc")
        raise ZeroDivisionError
    transport.write(b"def")
    assert inner.sent == b"def"


def test_close_calls_the_owner_until_it_closes_the_transport(
    transport: HttpTransport, inner: FakeTransport, owner: Owner
) -> None:
    """`close` only calls the transport's owner. It has no effect after the owner has closed the transport."""
    transport.close()
    assert owner.asked == ["close"]
    assert not transport.is_closing()
    transport.finish()
    transport.close()
    assert owner.asked == ["close"]
    assert transport.is_closing()
    assert inner.state() == "closing"


def test_lingering_transport_reads_but_sends_no_more(
    transport: HttpTransport, inner: FakeTransport, owner: Owner
) -> None:
    """After `linger`, the transport still reads, but sends nothing more until `finish` closes it."""
    transport.pause_reading()
    transport.linger()
    transport.write(b"late")
    transport.close()
    assert (inner.state(), inner.reading, inner.sent) == ("lingering", True, b"")
    assert owner.asked == []
    assert transport.is_closing()
    assert transport.lingering
    transport.finish()
    assert inner.state() == "closing"
    assert not transport.lingering


def test_nothing_is_written_to_a_transport_that_is_closing(transport: HttpTransport, inner: FakeTransport) -> None:
    """A write has no effect while the event loop's transport is closing."""
    inner.closing = True
    transport.write(b"late")
    assert transport.is_closing()
    assert inner.sent == b""


def test_owner_may_keep_reading(transport: HttpTransport, inner: FakeTransport, owner: Owner) -> None:
    """`pause_reading` pauses reading only if the transport's owner allows this."""
    owner.pausable = False
    transport.pause_reading()
    assert transport.is_reading()
    owner.pausable = True
    transport.pause_reading()
    assert not inner.reading
    transport.resume_reading()
    assert inner.reading


def test_reading_begins_when_the_last_hold_is_released(transport: HttpTransport, inner: FakeTransport) -> None:
    """Reading stays paused until every reason for the pause has been released."""
    transport.hold_reading(Hold.TURN)
    transport.hold_reading(Hold.HEAD)
    transport.pause_reading()
    for reason in (Hold.HEAD, Hold.PROTOCOL, Hold.TURN):
        assert not inner.reading
        transport.release_reading(reason)
    assert inner.reading


def test_gathered_output_is_sent_together(transport: HttpTransport, inner: FakeTransport) -> None:
    """All writes within `gather` are sent together when the context ends."""
    with transport.gather():
        transport.write(b"abc")
        transport.write(b"def")
        assert inner.sent == b""
    assert inner.take() == b"abcdef"
    with transport.gather():
        pass
    assert inner.sent == b""


@pytest.mark.parametrize("end", ["finish", "linger"])
def test_gathered_output_is_sent_before_the_end(transport: HttpTransport, inner: FakeTransport, end: str) -> None:
    """If the connection is closed within `gather`, the bytes written so far are sent first."""
    with transport.gather():
        transport.write(b"bye")
        getattr(transport, end)()
        assert inner.sent == b"bye"
    assert inner.sent == b"bye"


def test_detached_transport_does_not_call_owner(transport: HttpTransport, inner: FakeTransport, owner: Owner) -> None:
    """After `detach`, the transport no longer calls its owner."""
    transport.detach()
    transport.close()
    transport.pause_reading()
    transport.set_protocol(asyncio.Protocol())
    assert owner.asked == []
    assert inner.reading


def test_set_protocol_calls_the_owner(transport: HttpTransport, owner: Owner) -> None:
    """`set_protocol` calls the transport's owner, and does not change the protocol of the event loop's transport."""
    protocol = asyncio.Protocol()
    transport.set_protocol(protocol)
    assert owner.asked == [protocol]


def test_reset_is_a_reset_even_if_all_was_sent(owner: Owner) -> None:
    """`reset` sets the linger time of the socket to 0 (SO_LINGER), so that closing the socket sends RST."""
    with socket.socket() as link:
        inner = FakeTransport(socket=link)
        HttpTransport(inner, owner).reset()
        option = link.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
    assert struct.unpack("ii", option) == (1, 0)
    assert inner.state() == "aborted"


def test_other_methods_are_passed_to_the_event_loops_transport(transport: HttpTransport) -> None:
    """Calls for addresses and buffer limits are forwarded to the event loop's transport."""
    assert transport.get_extra_info("peername") == ("127.0.0.1", 50000)
    assert transport.get_extra_info("sslcontext", "none") == "none"
    transport.set_write_buffer_limits(high=4, low=3)
    assert transport.get_write_buffer_limits() == (3, 4)
    assert not transport.can_write_eof()
