"""The command `health` exits with code 0 if the server is healthy, and with code 1 otherwise."""

import asyncio
import socket

import pytest
from wyoming.event import Event
from wyoming.info import Attribution, Info, TtsProgram, TtsVoice

from tests.cli.serving import HANG_UP, Answer, serving
from wyoming_piper_serial.cli.health import main

_ATTRIBUTION = Attribution(name="", url="")


def info(*voices: str, version: str | None = None) -> Event:
    """Return the `info` event of a server with these voices."""
    offered = [
        TtsVoice(name=name, attribution=_ATTRIBUTION, installed=True, description="", version="", languages=["en"])
        for name in voices
    ]
    program = TtsProgram(
        name="piper", attribution=_ATTRIBUTION, installed=True, description="", version=version, voices=offered
    )
    return Info(tts=[program]).event()


_SPEAKS = info("joe")


def health(healthy: bool, text: str | None = None) -> Event:
    return Event("health", {"healthy": healthy, "text": text})


async def check(capsys: pytest.CaptureFixture[str], answers: dict[str, Answer], *arguments: str) -> tuple[int, str]:
    """Run the command `health` against a fake server. Return the exit code and the line that it prints: on standard
    output if the code is 0, otherwise on standard error. `URI` stands for the address of the server."""
    async with serving(answers) as server:
        code = await asyncio.to_thread(main, ["health", "--uri", server.uri, *arguments])
    captured = capsys.readouterr()
    silent, line = (captured.err, captured.out) if code == 0 else (captured.out, captured.err)
    assert silent == ""
    assert line.count("\n") <= 1
    return code, line.strip().replace(server.uri, "URI")


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (info("joe", version="1.0"), "healthy: URI can speak with 1 voice: joe, version 1.0"),
        (info("a", "b", "c", "d"), "healthy: URI can speak with 4 voices: a, b, c and 1 more"),
        (info(), "healthy: URI can speak with no voice"),
    ],
)
async def test_healthy_server_is_code_0(capsys: pytest.CaptureFixture[str], answer: Event, line: str) -> None:
    """If the server is healthy, the exit code is 0 and one line says what it offers. With `--quiet`, nothing is
    printed."""
    assert await check(capsys, {"describe": [answer], "health": [health(True)]}) == (0, line)
    assert await check(capsys, {"describe": [answer], "health": [health(True)]}, "--quiet") == (0, "")


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"describe": [_SPEAKS], "health": [health(False, "a step hangs")]}, "the server answered, but a step hangs"),
        ({"describe": [_SPEAKS], "health": [health(False)]}, "the server answered, but it is not healthy"),
        ({"describe": [_SPEAKS], "health": [Event("pong")]}, "the server answered, but it is not healthy"),
        ({"describe": [Info().event()]}, "the server answered, but it offers no text-to-speech"),
        ({"describe": [Event("pong")]}, "the server answered, but it offers no text-to-speech"),
        (
            {"describe": [HANG_UP]},
            (
                "the server at URI closed the connection. "
                "Is this its Wyoming port, and does its --allow option permit this machine?"
            ),
        ),
        (
            {"describe": [b"[]\n"]},
            "the response from URI is not a Wyoming event. Is this the port of the web page?",
        ),
    ],
)
async def test_any_other_server_is_code_1(
    capsys: pytest.CaptureFixture[str], answers: dict[str, Answer], reason: str
) -> None:
    """If the server is not healthy or does not speak Wyoming, the exit code is 1 and one line with the reason is
    printed."""
    assert await check(capsys, answers) == (1, f"health: {reason}")


async def test_server_that_does_not_answer_is_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    """If the server does not answer within `--timeout`, the exit code is 1."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        code = await asyncio.to_thread(main, ["health", "--uri", uri, "--timeout", "0"])
    assert code == 1
    assert capsys.readouterr() == ("", f"health: no answer from {uri}\n")
