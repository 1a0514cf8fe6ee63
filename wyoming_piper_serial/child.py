"""The command line of a child process that runs a module of this package."""

import sys

# The child process uses the import path of this process. With the option `-I`, Python ignores its environment variables
# and the current folder, which may be writable by other users.
_PROGRAM = """
import sys
from importlib import import_module
sys.path[:] = sys.argv[3:]
import_module(sys.argv[1]).main(sys.argv[2])
"""


def child_command(module: str, argument: str) -> list[str]:
    """Returns the command line of a Python process that calls the function `main` of `module` with `argument`."""
    no_bytecode = ["-B"] if sys.dont_write_bytecode else []
    return [sys.executable, "-I", *no_bytecode, "-c", _PROGRAM, module, argument, *sys.path]
