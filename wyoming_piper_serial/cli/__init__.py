"""The commands of the program. Each command is a module that is run by `main`."""

FAILED = 1
"""Exit code of a command that fails while it runs."""

BAD_SETTINGS = 2
"""Exit code for invalid arguments or settings."""

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 plus the number of SIGINT, as in a shell."""
