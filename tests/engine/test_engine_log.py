"""The engine logs a line when a request begins and a line when it ends."""

import logging
from ipaddress import ip_address

import pytest

from tests.engine.bench import EngineBench, feed, working
from tests.fakes import failing_on
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.settings import Priority


async def test_each_request_logs_a_line_at_its_begin_and_one_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    """The two log lines contain the waiting time, the synthesis time, the number of samples and the real-time factor,
    but not the text."""
    caplog.set_level(logging.INFO)
    bench = EngineBench(on_run=lambda text: bench.clock.advance(0.152))
    async with working(bench):
        await bench.say("private words.")
    assert caplog.messages == [
        "[1]: voice en_US-fake-medium, priority normal, waiting time: 0.000s",
        "[1]: completed after 0.152s; model runs: 0.152s, audio: 0.063s (1400 samples), real-time factor: 2.394",
    ]


async def test_the_first_log_line_names_the_client(caplog: pytest.LogCaptureFixture) -> None:
    """Each log line about a request contains the request's number and client. The first line also contains the voice
    and the priority."""
    caplog.set_level(logging.INFO)
    client = Client(protocol="wyoming", address=ip_address("192.168.1.5"), connection=12)
    bench = EngineBench(on_run=failing_on("bad"))
    async with working(bench):
        utterance = bench.submit(priority=Priority.LOW, client=client)
        await feed(utterance, "a bad one.")
        with pytest.raises(SynthesisFailed):
            await anext(utterance)
    assert caplog.messages == [
        "[1] wyoming 192.168.1.5 #12: voice en_US-fake-medium, priority low, waiting time: 0.000s",
        "[1] wyoming 192.168.1.5 #12: The voice could not speak this text. (None)",
        (
            "[1] wyoming 192.168.1.5 #12: failed (synthesis-failed) after 0.000s; model runs: 0.000s, "
            "audio: 0.000s (0 samples), real-time factor: 0.000"
        ),
    ]


async def test_a_text_without_sound_is_counted_and_logged_as_others(caplog: pytest.LogCaptureFixture) -> None:
    """A request without any sentence is counted and logged like other requests, although no step is run for it."""
    caplog.set_level(logging.INFO)
    bench = EngineBench()
    bench.submit().end_text()
    snapshot = bench.engine.snapshot()
    assert (snapshot.completed, snapshot.waits.count, snapshot.first_audio.count, snapshot.steps.count) == (1, 1, 1, 0)
    assert caplog.messages == [
        "[1]: voice en_US-fake-medium, priority normal, waiting time: 0.000s",
        "[1]: completed after 0.000s; model runs: 0.000s, audio: 0.100s (2205 samples), real-time factor: 0.000",
    ]
