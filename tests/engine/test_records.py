"""The progress of an utterance is recorded in the metrics, the timeline and the log."""

import logging

import pytest

from tests.engine.bench import EngineBench, working
from tests.fakes import failing_on
from wyoming_piper_serial.exceptions import SynthesisFailed


async def test_a_request_is_logged_at_its_begin_and_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    """The first line contains the voice, the priority and the waiting time. The last line contains the outcome and the
    duration of the audio."""
    with caplog.at_level(logging.INFO):
        async with working(EngineBench()) as bench:
            await bench.say("some words.")
    first, last = (message for message in caplog.messages if message.startswith("[1]"))
    assert first == "[1]: voice en_US-fake-medium, priority normal, waiting time: 0.000s"
    assert last.startswith("[1]: completed after 0.000s; model runs: 0.000s, audio: ")
    assert bench.metrics.snapshot().waits.count == 1


async def test_a_failed_step_is_logged_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """An error in a step is logged as a warning that names the request. The timeline and the metrics contain the error
    code."""
    bench = EngineBench(on_run=failing_on("words"))
    async with working(bench):
        with pytest.raises(SynthesisFailed):
            await bench.say("some words.")
    (failure,) = (record for record in caplog.records if record.levelno >= logging.WARNING)
    assert failure.getMessage().startswith("[1]: The voice could not speak this text.")
    (activity,) = bench.engine.activity().utterances
    assert str(activity.outcome) == "synthesis-failed"


async def test_an_unexpected_exception_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """If a step raises an unexpected exception, the client gets `synthesis-failed` without the message of the
    exception, and the traceback is logged."""

    def fail(text: str) -> None:
        raise ZeroDivisionError(text)

    async with working(EngineBench(on_run=fail)) as bench:
        with pytest.raises(SynthesisFailed, match="could not speak"):
            await bench.say("some words.")
    (failure,) = (record for record in caplog.records if record.levelno >= logging.ERROR)
    assert failure.exc_info is not None
    assert failure.exc_info[0] is ZeroDivisionError
