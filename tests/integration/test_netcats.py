"""The server works with all netcats in Debian and their common options. Netcats differ in how they handle the end of
their input, how long they wait, and when they close the connection."""

import asyncio
import subprocess
from collections.abc import Callable

import pytest

from tests.integration.conftest import ServerProcess

_SPEAK = b'{"type": "synthesize", "data": {"text": "Hello there."}}\n'

# Netcat commands. Some close the sending side after the input. With -w or -i, netcat exits after two seconds without
# data.
_NETCATS = [
    pytest.param(["nc.openbsd", "-N"], id="openbsd -N"),
    pytest.param(["nc.openbsd", "-w", "2"], id="openbsd -w"),
    pytest.param(["nc.traditional", "-w", "2"], id="traditional -w"),
    pytest.param(["nc.traditional", "-q", "2"], id="traditional -q"),
    pytest.param(["busybox", "nc"], id="busybox"),
    pytest.param(["ncat"], id="ncat"),
    pytest.param(["ncat", "--no-shutdown", "-i", "2"], id="ncat --no-shutdown"),
]


def talk(command: list[str], port: int, given: bytes) -> bytes:
    talked = subprocess.run(
        [*command, "127.0.0.1", str(port)], input=given, capture_output=True, timeout=60, check=False
    )
    return talked.stdout


@pytest.mark.parametrize("command", _NETCATS)
async def test_netcats_are_all_answered(
    small_server: ServerProcess, program: Callable[[str], str], command: list[str]
) -> None:
    """Each netcat receives complete responses: audio for `synthesize`, `info` for `describe`, and one error for invalid
    input. `info` contains the word `piper`, which health checks search for."""
    command = [program(command[0]), *command[1:]]
    spoken, info, garbage = await asyncio.gather(
        *(
            asyncio.to_thread(talk, command, small_server.port, given)
            for given in (b"\n" + _SPEAK, b'{ "type": "describe" }\n', b"hello?\n")
        )
    )
    assert spoken.count(b'"type": "audio-start"') == spoken.count(b'"type": "audio-stop"') == 1
    assert len(spoken) > 22050
    assert b"piper" in info
    assert garbage.count(b'"bad-event"') == 1
