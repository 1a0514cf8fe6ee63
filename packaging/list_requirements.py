"""Prints the requirements of the package with the given extras, one per line.

Usage: python list_requirements.py EXTRA,EXTRA

Reads setup.cfg in the current folder. The container image has a separate layer for the dependencies, but pip cannot
install the requirements of a package without the package itself.
"""

import configparser
import sys


def main(extras: str) -> None:
    """Prints the requirements of the package, one per line. Raises KeyError for an unknown extra."""
    config = configparser.ConfigParser()
    config.read("setup.cfg", encoding="utf-8")
    listed = [config["options"]["install_requires"]]
    listed += [config["options.extras_require"][extra] for extra in extras.split(",") if extra]
    print("\n".join(line for text in listed for line in text.splitlines() if line))


if __name__ == "__main__":
    main(sys.argv[1])
