"""Parsing PROXY protocol headers."""

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.network.proxy_header import (
    MAX_HEADER,
    InvalidProxyHeader,
    ProxyHeader,
    parse_proxy_header,
    starts_proxy_header,
)

START = b"\r\n\r\n\x00\r\nQUIT\n"
_PORTS = st.integers(0, 65535)
_PAIRS = st.tuples(st.ip_addresses(v=4), st.ip_addresses(v=4)) | st.tuples(st.ip_addresses(v=6), st.ip_addresses(v=6))


def version_2(command: int, family: int, rest: bytes) -> bytes:
    """Return a PROXY protocol header of version 2."""
    return START + struct.pack("!BBH", command, family, len(rest)) + rest


def headers(pair: tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address], ports: tuple[int, int]) -> list[bytes]:
    """Return PROXY protocol headers of version 1 and version 2 for a connection between two addresses and ports."""
    source, destination = pair
    version = source.version
    text = f"PROXY TCP{version} {source} {destination} {ports[0]} {ports[1]}\r\n"
    rest = source.packed + destination.packed + struct.pack("!HH", *ports)
    return [text.encode(), version_2(0x21, 0x11 if version == 4 else 0x21, rest)]


@given(_PAIRS, st.tuples(_PORTS, _PORTS), st.binary(max_size=50))
def test_client_of_a_header_is_found(
    pair: tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address], ports: tuple[int, int], following: bytes
) -> None:
    """Both versions of the header provide the address and port of the client. An incomplete header is not accepted, and
    bytes after the header are ignored."""
    for header in headers(pair, ports):
        assert parse_proxy_header(header + following) == ProxyHeader(len(header), (pair[0], ports[0]))
        assert all(parse_proxy_header(header[:end]) is None for end in range(len(header)))


@given(st.ip_addresses(), st.binary(max_size=300))
def test_additional_fields_are_skipped(address: IPv4Address | IPv6Address, fields: bytes) -> None:
    """In version 2 of the PROXY protocol, bytes after the addresses belong to the header and are skipped."""
    plain = headers((address, address), (5, 6))[1]
    header = version_2(0x21, plain[13], plain[16:] + fields)
    assert parse_proxy_header(header + b"{}") == ProxyHeader(len(header), (address, 5))


@pytest.mark.parametrize(
    "header",
    [
        b"PROXY UNKNOWN\r\n",
        b"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
        version_2(0x20, 0x00, b""),
        version_2(0x20, 0x11, b"\x7f\x00\x00\x01" * 3),
        version_2(0x21, 0x00, b""),
        version_2(0x21, 0x00, b"\x04\x00\x02ab"),
        version_2(0x21, 0x31, bytes(216)),
    ],
    ids=["unknown", "unknown with addresses", "local", "local with addresses", "unspecified", "only fields", "unix"],
)
def test_header_without_an_ip_address(header: bytes) -> None:
    """Headers for connections of the proxy itself, and for clients without an IP address, provide no client address."""
    assert parse_proxy_header(header + b"GET") == ProxyHeader(len(header), None)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b'{"type": "describe"}\n',
        b"PROXY\tTCP4 1.2.3.4 1.2.3.4 1 1\r\n",
        b"PROXY \r\n",
        b"PROXY TCP4\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 1 1 \r\n",
        b"PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n",
        b"PROXY TCP4 1.2.3.4 ::1 1 1\r\n",
        b"PROXY TCP6 1.2.3.4 1.2.3.4 1 1\r\n",
        b"PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n",
        b"PROXY TCP4 1.2.3.04 1.2.3.4 1 1\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 65536 1\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 -1 1\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 1 1_0\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 ١ 1\r\n".encode(),
        b"PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n",
        b"PROXY UNKNOWN" + b" " * 93 + b"\r\n",
        version_2(0x22, 0x11, bytes(12)),
        version_2(0x11, 0x11, bytes(12)),
        version_2(0x21, 0x11, bytes(11)),
        version_2(0x21, 0x21, bytes(35)),
        version_2(0x21, 0x31, bytes(215)),
        version_2(0x21, 0x41, bytes(300)),
        version_2(0x21, 0x11, bytes(MAX_HEADER)),
    ],
)
def test_invalid_header_is_refused(data: bytes) -> None:
    """Bytes that are not a header, and headers with an invalid field, are refused with an explanation."""
    with pytest.raises(InvalidProxyHeader, match=r"^The .*\.$"):
        parse_proxy_header(data)


@pytest.mark.parametrize("start", [b"PROXY TCP4 1.2.3.4", START])
def test_header_never_needs_more_than_its_limit(start: bytes) -> None:
    """The parser needs at most MAX_HEADER bytes."""
    with pytest.raises(InvalidProxyHeader):
        parse_proxy_header((start + b"!" * MAX_HEADER)[: MAX_HEADER + 1])


@given(st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", b"PROXY TCP6 ::1 ", START, START + b"\x21\x11"]), st.binary())
def test_any_bytes_give_a_header_a_refusal_or_a_request_for_more(start: bytes, rest: bytes) -> None:
    """For any input, the parser raises no error except InvalidProxyHeader, and a parsed header is no longer than the
    input or MAX_HEADER."""
    try:
        header = parse_proxy_header(start + rest)
    except InvalidProxyHeader:
        return
    if header is not None:
        assert 0 < header.length <= min(len(start + rest), MAX_HEADER)
        assert header.client is None or ip_address(str(header.client[0])) == header.client[0]


def test_first_bytes_of_a_header_are_recognized() -> None:
    """`starts_proxy_header` recognizes the first bytes of both header versions, and no other bytes."""
    assert starts_proxy_header(b"PROXY TCP4 1.2.3.4")
    assert starts_proxy_header(bytearray(START))
    assert not any(map(starts_proxy_header, (b"", b"PROXY", b"PROXYING", b"\r\n\r\n", b"GET / HTTP/1.1\r\n")))
