"""The header `Range` is parsed (RFC 9110, section 14)."""

import pytest

from wyoming_piper_serial.exceptions import UnreachableRange
from wyoming_piper_serial.http.ranges import ByteRange, part_of


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-1", range(2)),
        (" bytes=5-", range(5, 10)),
        ("bytes=5-100", range(5, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-30", range(10)),
        ("bytes=0-0", range(1)),
    ],
)
def test_part_of_ten_bytes(header: str, expected: range) -> None:
    """A range selects the bytes between two positions, the bytes from one position on, or the last bytes."""
    part = part_of(header)
    assert part is not None
    assert part.within(10) == expected


@pytest.mark.parametrize(
    "header", [None, "", "bytes=0-", "bytes=-", "bytes=2-1", "bytes=0-1,3-4", "bytes=a-b", "items=0-1", "bytes=0-1;"]
)
def test_whole_is_sent_otherwise(header: str | None) -> None:
    """A missing or invalid header, several ranges and a range of all bytes select the whole body."""
    assert part_of(header) is None


@pytest.mark.parametrize("part", [ByteRange(10, None), ByteRange(10, 12), ByteRange(None, 0)])
def test_range_without_bytes_is_an_error(part: ByteRange) -> None:
    """If a range is outside the body, the error contains the size of the body."""
    with pytest.raises(UnreachableRange) as caught:
        part.within(10)
    assert caught.value.size == 10
