"""The program's commands. Each command is a module of this package, which `main` runs."""

from collections.abc import Mapping
from types import MappingProxyType

PROGRAM = "wyoming-piper-serial"

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "say": "speak a text with a running server: play it, or write a file",
        "health": "check whether a running server answers and can speak",
        "voices": "list, show, check, download and remove voices",
        "phonemes": "show how text is spoken: its sentences, spoken forms and phonemes",
        "completion": "print a script that completes commands and options in a shell",
    }
)
"""The commands and their descriptions. Each command is a module of this package with a function `main`.

If the first argument is not one of these names, the module `serve` runs.
"""

FAILED = 1
"""Exit code of a command that fails while it runs."""

BAD_SETTINGS = 2
"""Exit code for invalid arguments or settings."""

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 plus the number of SIGINT, as in a shell."""
