"""Colors and bold text for terminals."""

import os
from collections.abc import Mapping
from enum import Enum
from typing import TextIO


class Color(Enum):
    """The parameters of the escape sequences (ECMA-48, SGR) for colors and bold text."""

    BOLD = "1"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    CYAN = "36"


def is_terminal(stream: TextIO | None) -> bool:
    """Returns whether `stream` is a terminal. `stream` is `None` if it was closed before the program started."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # raised if the stream has been closed since the program started
        return False


def has_colors(stream: TextIO | None, environment: Mapping[str, str] = os.environ) -> bool:
    """Returns whether text for `stream` may contain colors.

    The stream must be a terminal that supports colors, and `NO_COLOR` (no-color.org) must be unset or empty.
    """
    return is_terminal(stream) and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def painted(text: str, color: Color, stream: TextIO | None) -> str:
    """Returns `text` in `color` if `stream` supports colors, and unchanged otherwise."""
    return f"\x1b[{color.value}m{text}\x1b[0m" if has_colors(stream) else text
