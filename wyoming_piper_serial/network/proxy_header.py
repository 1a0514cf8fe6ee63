"""Parses PROXY protocol headers, in which a proxy sends the address of its client. Pure.

The protocol is specified in https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt. Version 1 is a line of text,
and version 2 is binary. The optional fields of version 2 (TLVs) are skipped.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

MAX_HEADER = 2048
"""Maximum length of a header in bytes. A header with the common TLVs (TLS details, host name, unique ID) has a few
hundred bytes."""

_V1_START = b"PROXY "
_V1_MAX = 107  # maximum length of a version 1 header in bytes, including the line end
_V1_UNKNOWN = "UNKNOWN"
_V1_TYPES: dict[str, type[IPv4Address | IPv6Address]] = {"TCP4": IPv4Address, "TCP6": IPv6Address}
_V2_START = b"\r\n\r\n\x00\r\nQUIT\n"
# Number of bytes before the addresses in a version 2 header: signature, version and command, address family, and length
# of the remaining header.
_V2_HEAD = 16
_V2_LOCAL, _V2_PROXY = 0x20, 0x21
_V2_LENGTHS = {0x1: 12, 0x2: 36, 0x3: 216}  # total length in bytes of both addresses and both ports, by address family


@dataclass(frozen=True)
class ProxyHeader:
    """A parsed PROXY protocol header."""

    length: int
    """Length of the header in bytes. The data of the client follows it."""

    client: tuple[IPv4Address | IPv6Address, int] | None
    """Address and port of the client, or `None` if the header names no client with an IP address. In this case, the
    proxy has opened the connection for itself, for example for a health check, or the address is unknown or is not an
    IP address."""


class InvalidProxyHeader(ValueError):
    """The bytes are not a valid header. The message is a sentence that gives the reason."""


UNEXPECTED = "a PROXY protocol header, but no --proxy-from network contains the address of its sender"
"""Text for error messages about a header from an address that is not in `--proxy-from`."""


def starts_proxy_header(data: bytes | bytearray) -> bool:
    """Returns whether `data`, the first bytes of a connection, begins like a PROXY header."""
    return data.startswith((_V1_START, _V2_START))


def parse_proxy_header(data: bytes) -> ProxyHeader | None:
    """Parses the header at the start of a connection. Returns `None` if more bytes are needed.

    Raises InvalidProxyHeader. Never needs more than `MAX_HEADER` bytes.
    """
    if data.startswith(_V1_START):
        return _parse_v1(data)
    if data.startswith(_V2_START):
        return _parse_v2(data)
    if _V1_START.startswith(data) or _V2_START.startswith(data):
        return None
    raise InvalidProxyHeader("The connection does not begin with a PROXY protocol header.")


def _parse_v1(data: bytes) -> ProxyHeader | None:
    line, end, _ = data[:_V1_MAX].partition(b"\r\n")
    if not end:
        if len(data) >= _V1_MAX:
            raise InvalidProxyHeader(f"The PROXY protocol line is longer than {_V1_MAX} bytes.")
        return None
    length = len(line) + len(end)
    try:
        _, kind, *fields = line.decode("ascii").split(" ")
        if kind == _V1_UNKNOWN:
            return ProxyHeader(length, None)
        source, destination, source_port, destination_port = fields
        address_type = _V1_TYPES[kind]
        client = _address(address_type, source), _port(source_port)
        _address(address_type, destination)
        _port(destination_port)
    except (KeyError, ValueError) as error:
        raise InvalidProxyHeader("The PROXY protocol line is not valid.") from error
    return ProxyHeader(length, client)


def _address(address_type: type[IPv4Address | IPv6Address], text: str) -> IPv4Address | IPv6Address:
    if "%" in text:  # refuses a scope ID (a network interface), which Python accepts after an IPv6 address
        raise ValueError(text)
    return address_type(text)


def _port(text: str) -> int:
    number = int(text)
    if text != str(number) or not 0 <= number <= 0xFFFF:
        raise ValueError(text)
    return number


def _parse_v2(data: bytes) -> ProxyHeader | None:
    if len(data) < _V2_HEAD:
        return None
    command, family = data[12], data[13] >> 4
    length = _V2_HEAD + int.from_bytes(data[14:16])
    if command not in {_V2_LOCAL, _V2_PROXY}:
        raise InvalidProxyHeader("The PROXY protocol header has an unknown version or command.")
    if length > MAX_HEADER:
        raise InvalidProxyHeader(f"The PROXY protocol header is longer than {MAX_HEADER} bytes.")
    addresses = data[_V2_HEAD:length]
    if command == _V2_PROXY and family and length - _V2_HEAD < _V2_LENGTHS.get(family, length):
        raise InvalidProxyHeader("The PROXY protocol header has an unknown address family or an incomplete address.")
    if len(data) < length:
        return None
    if command == _V2_PROXY and family == 0x1:
        return ProxyHeader(length, (IPv4Address(addresses[:4]), int.from_bytes(addresses[8:10])))
    if command == _V2_PROXY and family == 0x2:
        return ProxyHeader(length, (IPv6Address(addresses[:16]), int.from_bytes(addresses[32:34])))
    return ProxyHeader(length, None)
