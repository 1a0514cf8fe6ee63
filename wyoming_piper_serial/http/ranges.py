"""Parses the header `Range` (RFC 9110, section 14). Does no I/O."""

import re
from dataclasses import dataclass

from wyoming_piper_serial.exceptions import UnreachableRange

_ONE_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


@dataclass(frozen=True)
class ByteRange:
    """One range of bytes. `first` or `last` may be missing, but not both."""

    first: int | None
    last: int | None
    """Position of the last byte. If `first` is missing, this is the number of bytes at the end instead."""

    def within(self, size: int) -> range:
        """Returns the positions of the bytes in a body of `size` bytes. Raises UnreachableRange if there are none."""
        if self.first is None:
            found = range(max(0, size - (self.last or 0)), size)
        else:
            found = range(self.first, size if self.last is None else min(size, self.last + 1))
        if not found:
            raise UnreachableRange(size)
        return found


def part_of(header: str | None) -> ByteRange | None:
    """Returns the part of the body that `header` requests.

    Returns `None` if the whole body must be sent: if the header is missing or invalid, contains several ranges, or is
    `bytes=0-`.
    """
    match = _ONE_RANGE.fullmatch((header or "").strip())
    if match is None or match[0] == "bytes=-":
        return None
    first, last = (int(digits) if digits else None for digits in match.groups())
    if (first == 0 and last is None) or (first is not None and last is not None and last < first):
        return None
    return ByteRange(first, last)
