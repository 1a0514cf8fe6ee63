"""Colors on terminals."""

import io

import pytest

from wyoming_piper_serial.cli.terminal import Color, has_colors, is_terminal, painted


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colors"),
    [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_terminal_has_colors_unless_they_are_switched_off(environment: dict[str, str], colors: bool) -> None:
    """Colors are used on a terminal, unless `NO_COLOR` is set and not empty, or the terminal does not support them."""
    assert has_colors(Terminal(), environment) == colors


def test_other_streams_have_no_colors(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file, a pipe, a closed stream and a missing stream get plain text."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("TERM", raising=False)
    closed = io.StringIO()
    closed.close()
    for stream in (io.StringIO(), closed, None):
        assert not is_terminal(stream)
        assert painted("text", Color.RED, stream) == "text"
    assert painted("text", Color.RED, Terminal()) == "\x1b[31mtext\x1b[0m"
