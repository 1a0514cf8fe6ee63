"""Signals end or reload the server."""

import asyncio
import io
import os
import pty
import signal
import sys

import pytest

from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.signals import Signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_first_signal_begins_the_shutdown(number: signal.Signals) -> None:
    """SIGINT or SIGTERM begins the shutdown, and a second SIGTERM changes nothing."""
    shutdown = Shutdown()
    signals = Signals(shutdown)
    os.kill(os.getpid(), number)
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(10):
        await shutdown.wait()
    assert not signals.reload.is_set()


@pytest.mark.parametrize("stdin", [None, io.StringIO(), "closed"])
async def test_hang_up_reloads(monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO | str | None) -> None:
    """SIGHUP requests a reload if the server was not started in a terminal."""
    if stdin == "closed":
        stdin = io.StringIO()
        stdin.close()
    monkeypatch.setattr(sys, "stdin", stdin)
    shutdown = Shutdown()
    signals = Signals(shutdown)
    os.kill(os.getpid(), signal.SIGHUP)
    async with asyncio.timeout(10):
        await signals.reload.wait()
    assert not shutdown.begun


async def test_hang_up_of_a_closed_terminal_begins_the_shutdown(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGHUP reloads a server in a terminal as long as the terminal exists. When the terminal is closed, SIGHUP begins
    the shutdown."""
    master, slave = pty.openpty()
    with os.fdopen(slave) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        shutdown = Shutdown()
        signals = Signals(shutdown)
        os.kill(os.getpid(), signal.SIGHUP)
        async with asyncio.timeout(10):
            await signals.reload.wait()
            assert not shutdown.begun
            os.close(master)
            os.kill(os.getpid(), signal.SIGHUP)
            await shutdown.wait()
