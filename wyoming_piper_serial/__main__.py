"""Makes `python -m wyoming_piper_serial` equivalent to the command `wyoming-piper-serial`."""

from wyoming_piper_serial.cli.main import run

if __name__ == "__main__":
    run()
