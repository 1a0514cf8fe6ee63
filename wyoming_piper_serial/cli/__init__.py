"""The commands of the program, one module each. `main` runs them."""

FAILED = 1
"""Exit code of a command that failed while it ran."""

BAD_SETTINGS = 2
"""Exit code for unusable arguments or settings."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as a shell reports it."""
