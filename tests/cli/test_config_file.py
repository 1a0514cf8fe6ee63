"""The config file, and the line numbers of its values. `test_parser.py` tests the options in it."""

import io

import configargparse
import pytest

from wyoming_piper_serial.cli.config_file import ConfigFile, listed


def parse(text: str) -> tuple[ConfigFile, dict[str, object]]:
    file, stream = ConfigFile(), io.StringIO(text)
    stream.name = "server.conf"
    return file, dict(file.parse(stream))


def test_each_value_has_its_line() -> None:
    """`places` returns the file and the line number of each value. If a line contains a list, each value in the list
    has its own place."""
    file, items = parse("# kitchen\nvoice = joe\npreload = a\n\npreload = [b, c]\ndebug\n")
    assert items == {"voice": "joe", "preload": ["a", "b", "c"], "debug": "true"}
    assert file.places("voice") == ["server.conf, line 2"]
    assert file.places("preload") == ["server.conf, line 3", "server.conf, line 5", "server.conf, line 5"]


def test_line_that_cannot_be_read_is_shown() -> None:
    """If a line is not NAME = VALUE, the error contains the line and its number."""
    with pytest.raises(
        configargparse.ConfigFileParserException, match=r"^server\.conf, line 2: '= =' is not NAME = VAL"
    ):
        parse("voice = joe\n= =\n")


def test_single_value_counts_as_a_list_of_one() -> None:
    """`listed` returns a list unchanged, and puts a single value into a list."""
    assert listed("a") == ["a"]
    assert listed(["a", "b"]) == ["a", "b"]
