"""The progress of an utterance is recorded in the metrics, the timeline and the log."""

import logging

import pytest

from tests.engine.bench import EngineBench, working
from tests.fakes import failing_on, ids_of
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.observe.outcome import Progress


async def test_a_request_is_logged_at_its_begin_and_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    """The first log line of a request contains the voice, the priority and the waiting time. The last one contains the
    outcome and the duration of the audio."""
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


@pytest.mark.parametrize(("delay", "foreseen"), [(0.0, True), (0.3, True), (0.6, False)])
async def test_an_underrun_is_foreseen_unless_steps_were_too_slow(
    delay: float, foreseen: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """An underrun counts as foreseen if it is longer than the delay caused by steps that were slower than expected."""
    bench = EngineBench()
    utterance = bench.submit()
    utterance.record.delay = delay
    with caplog.at_level(logging.INFO):
        bench.engine._records.progress(utterance, Progress(underrun=0.5))
    found = bench.metrics.snapshot()
    assert (found.underruns, found.foreseen_underruns) == (1, foreseen)
    assert ("foreseen" in caplog.text) == foreseen


async def test_a_slow_step_delays_all_utterances_of_its_worker() -> None:
    """While a step takes longer than expected, the other listeners of the worker wait as well."""
    bench = EngineBench()
    async with working(bench):
        other = bench.submit()
        await other.feed(ids_of("first."))
        await anext(other)
        bench.engine._note_delay(bench.engine._workers[0], 0.25)
        assert other.record.delay == 0.25
        await other.feed(ids_of("second."))
        await anext(other)
        assert other.record.delay == 0.0
