"""Lexicon entries that apply to a single request, so a user can test them before saving them."""

from typing import Any

from wyoming_piper_serial.exceptions import BadRequest
from wyoming_piper_serial.text.lexicon import Lexicon
from wyoming_piper_serial.text.lexicon_lines import parse_lexicon

MAX_TRIED = 2000
"""Maximum length of all entries in characters. A request usually contains only one."""

LINE: dict[str, Any] = {"pattern": "^([A-Za-z]{1,50} = [A-Za-z]{1,50})?$"}
"""The pattern of the most common lines, for the OpenAPI description. All valid lexicon lines are accepted."""

TRIED = "Lines of a lexicon, such as `Geis = guys`, that are used for this request only."
"""The description of the parameter."""


def tried_entries(lines: str | None) -> Lexicon | None:
    """Returns the entries in `lines`, which have the format of `lexicon.txt`, or `None` if there are none. Raises
    BadRequest."""
    if not lines:
        return None
    found = parse_lexicon(lines.encode(errors="replace"), "lexicon")
    if found.faults:
        raise BadRequest(f"lexicon, line {found.faults[0].line}: {found.faults[0].reason}.")
    return Lexicon([found])
