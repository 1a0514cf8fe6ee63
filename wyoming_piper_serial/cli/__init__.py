"""The commands of the program, one module each; `main` starts them."""

FAILED = 1
"""Exit code for what went wrong while a command ran."""

BAD_SETTINGS = 2
"""Exit code for arguments that cannot be used."""

INTERRUPTED = 130
"""Exit code for Ctrl-C, as a shell reports it."""
