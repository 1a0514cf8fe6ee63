"""Bounds for a client's JSON, which are checked before it is parsed. Pure.

Python's parser takes some 20 ms for half a megabyte of small numbers, and it cannot be interrupted.
"""

import re

MAX_TOKENS = 10_000
"""Brackets, commas and colons outside strings: they are parsed within 2 ms. A request has about ten."""

MAX_DEPTH = 32
"""Levels of lists and objects. Events have three, and Python's parser fails at about 1000."""

# Matches up to and including the next bracket, comma or colon outside a string, or up to the end. Possessive, so that a
# string without an end takes linear time.
_TOKEN = re.compile(rb'(?:[^"\[\]{},:]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"?+)*+([\[\]{},:]|\Z)', re.DOTALL)
_SIGNS = b"[]{},:"


def json_fault(raw: bytes) -> str | None:
    """Why JSON must not be parsed, such as `is nested more than 32 deep`; `None` if it can be. It may be invalid."""
    if sum(map(raw.count, b"[{")) <= MAX_DEPTH and sum(map(raw.count, _SIGNS)) <= MAX_TOKENS:
        return None  # usual, and much faster than to search for strings
    depth = 0
    for count, match in enumerate(_TOKEN.finditer(raw)):
        sign = match[1]
        if not sign:
            return None
        if count >= MAX_TOKENS:
            return f"has more than {MAX_TOKENS} brackets, commas and colons"
        depth += (sign in b"[{") - (sign in b"]}")
        if depth > MAX_DEPTH:
            return f"is nested more than {MAX_DEPTH} deep"
    return None
