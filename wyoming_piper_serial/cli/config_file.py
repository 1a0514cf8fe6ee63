"""Reads a config file for the server's parser, and records the line number of each value."""

from typing import Any, TextIO

import configargparse


class ConfigFile(configargparse.DefaultConfigFileParser):  # type: ignore[misc]  # the library has no types
    """Parses a config file with one NAME = VALUE per line. If an option has several values, each is on its own line, or
    they are in a list, as in `NAME = [A, B]`."""

    def __init__(self) -> None:
        super().__init__()
        self._places: dict[str, list[str]] = {}

    def parse(self, stream: TextIO) -> dict[str, str | list[Any]]:
        items: dict[str, str | list[Any]] = {}
        try:
            for number, line in enumerate(stream, start=1):
                for name, value in self._parse_line(stream.name, number, line).items():
                    items[name] = listed(items[name]) + listed(value) if name in items else value
                    place = f"{stream.name}, line {number}"
                    self._places.setdefault(name, []).extend(place for _ in listed(value))
        except ValueError as error:
            raise configargparse.ConfigFileParserException(f"--config {stream.name}: {error}") from error
        return items

    def places(self, name: str) -> list[str]:
        """Returns the place of each value of the option `name`: the file and the line number."""
        return self._places[name]

    def _parse_line(self, path: str, number: int, line: str) -> dict[str, str | list[Any]]:
        try:
            items: dict[str, str | list[Any]] = super().parse([line])
        except configargparse.ConfigFileParserException as error:
            message = f"{path}, line {number}: {line.strip()!r:.80} is not NAME = VALUE"
            raise configargparse.ConfigFileParserException(message) from error
        return items


def listed(value: str | list[Any]) -> list[Any]:
    return value if isinstance(value, list) else [value]
