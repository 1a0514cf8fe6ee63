"""The command `health` exits with code 0 if the server is healthy, and with code 1 otherwise."""

import asyncio
import socket

import pytest
from wyoming.event import Event
from wyoming.info import Attribution, Info, TtsProgram

from tests.cli.serving import HANG_UP, Answer, serving
from wyoming_piper_serial.cli.health import main

_ATTRIBUTION = Attribution(name="", url="")
_SPEAKS = Info(
    tts=[TtsProgram(name="piper", attribution=_ATTRIBUTION, installed=True, description="", version="", voices=[])]
).event()


def health(healthy: bool, text: str | None = None) -> Event:
    return Event("health", {"healthy": healthy, "text": text})


async def check(capsys: pytest.CaptureFixture[str], answers: dict[str, Answer], *arguments: str) -> tuple[int, str]:
    """Run the command `health` against a fake server. Return the exit code and the line on standard error."""
    async with serving(answers) as server:
        code = await asyncio.to_thread(main, ["health", "--uri", server.uri, *arguments])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == (code != 0)
    return code, captured.err.strip()


async def test_healthy_server_is_code_0(capsys: pytest.CaptureFixture[str]) -> None:
    """If the server is healthy, the exit code is 0 and nothing is printed."""
    assert await check(capsys, {"describe": [_SPEAKS], "health": [health(True)]}) == (0, "")


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"describe": [_SPEAKS], "health": [health(False, "a step hangs")]}, "the server answered, but a step hangs"),
        ({"describe": [_SPEAKS], "health": [health(False)]}, "the server answered, but it is not healthy"),
        ({"describe": [_SPEAKS], "health": [Event("pong")]}, "the server answered, but it is not healthy"),
        ({"describe": [Info().event()]}, "the server answered, but it offers no text-to-speech"),
        ({"describe": [Event("pong")]}, "the server answered, but it offers no text-to-speech"),
        ({"describe": [HANG_UP]}, "the server closed the connection"),
        ({"describe": [b"[]\n"]}, "the answer is not in the Wyoming protocol"),
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
