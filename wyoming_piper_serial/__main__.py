"""`python -m wyoming_piper_serial` is the command `wyoming-piper-serial`."""

import sys

from wyoming_piper_serial.cli import main

if __name__ == "__main__":
    sys.exit(main())
