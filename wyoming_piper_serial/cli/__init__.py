"""The commands of the program. Each command is a module, and `main` runs it."""

FAILED = 1
"""Exit code of a command that failed while it ran."""

BAD_SETTINGS = 2
"""Exit code for unusable arguments or settings."""

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 plus the number of the signal SIGINT, as in a shell."""
