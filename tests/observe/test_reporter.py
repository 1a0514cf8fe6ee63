"""Errors sent to clients are logged and counted."""

import logging
from ipaddress import ip_address

import pytest

from wyoming_piper_serial.exceptions import QueueFull, VoiceFileError
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.reporter import Client, Reporter, RequestLabel

_CLIENT = Client(protocol="wyoming", address=ip_address("192.168.1.5"), connection=12)
_LOCAL = Client(protocol="wyoming", connection=3)


@pytest.mark.parametrize(
    ("numbers", "client", "text", "fields"),
    [
        ((7,), _CLIENT, "[7] wyoming 192.168.1.5 #12", {"request": 7, "client": "wyoming 192.168.1.5 #12"}),
        ((7,), _LOCAL, "[7] wyoming local #3", {"request": 7, "client": "wyoming local #3"}),
        ((7,), None, "[7]", {"request": 7}),
        ((7, 8), None, "[7, 8]", {"requests": (7, 8)}),
        ((), _CLIENT, "wyoming 192.168.1.5 #12", {"client": "wyoming 192.168.1.5 #12"}),
        ((), None, "unknown client", {}),
    ],
)
def test_label_names_request_and_client(
    numbers: tuple[int, ...], client: Client | None, text: str, fields: dict[str, object]
) -> None:
    """A label identifies the requests and the client, if known, both as text and as JSON fields."""
    label = RequestLabel(numbers, client)
    assert str(label) == text
    assert label.log_fields() == fields


def test_error_is_one_line_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """An error is logged in one line with the request, the client, the code and the option, and is counted by code."""
    metrics = Metrics()
    error = QueueFull("Try again later.")
    error.option, error.request_number = "--max-queue 8", 7
    with caplog.at_level(logging.INFO):
        Reporter(metrics).error_sent(error, _CLIENT)
    assert caplog.messages == ["[7] wyoming 192.168.1.5 #12: error sent: queue-full (Try again later.; --max-queue 8)"]
    assert metrics.snapshot().errors == {"queue-full": 1}


def test_broken_voice_is_a_warning_with_its_detail(caplog: pytest.LogCaptureFixture) -> None:
    """The detail of a VoiceFileError is not sent to the client. It is logged as a warning before the line about the
    error."""
    with caplog.at_level(logging.INFO):
        Reporter(Metrics()).error_sent(VoiceFileError("amy", "/voices/amy.onnx: not a model"))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "Voice amy cannot be used: /voices/amy.onnx: not a model"),
        (
            "INFO",
            "unknown client: error sent: voice-broken (The voice amy cannot be used: its files are missing or broken.)",
        ),
    ]
