"""The line on the terminal that shows the progress of a request."""

import io

from tests.cli.test_terminal import Terminal
from tests.fakes import FakeClock
from wyoming_piper_serial.cli.progress import Progress


def test_line_is_updated_in_place() -> None:
    """The line shows what the command is waiting for, and then the amount of received audio. A shorter text overwrites
    a longer one completely. The line is updated at most ten times per second, and is removed at the end."""
    stream, clock = Terminal(), FakeClock()
    progress = Progress(stream, clock)
    progress.wait("waiting for the server, which takes a long time to answer")
    clock.advance(0.25)
    progress.add(0.5)
    clock.advance(0.25)
    progress.add(1.0)
    clock.advance(0.05)
    progress.add(1.0)
    progress.end()
    waiting, first, second, removed, last = stream.getvalue().split("\r")[1:]
    assert waiting == "waiting for the server, which takes a long time to answer"
    assert first == f"{'   0.5 s of speech, first sound after 0.25 s':{len(waiting)}}"
    assert second == "   1.5 s of speech, first sound after 0.25 s"
    assert removed == " " * len(second)
    assert last == ""
    assert progress.seconds == 2.5


def test_each_request_has_its_own_first_sound() -> None:
    """The time to the first sound is measured from the start of the request."""
    stream, clock = Terminal(), FakeClock()
    progress = Progress(stream, clock)
    progress.add(1.0)
    clock.advance(5.0)
    progress.begin()
    clock.advance(0.5)
    progress.add(1.0)
    assert stream.getvalue().endswith("   2.0 s of speech, first sound after 0.50 s")


def test_nothing_is_shown_elsewhere() -> None:
    """If the output is a file or a pipe, no line is written, but the audio is still counted."""
    stream = io.StringIO()
    progress = Progress(stream)
    progress.wait("waiting")
    progress.add(0.5)
    progress.end()
    assert stream.getvalue() == ""
    assert progress.seconds == 0.5
