"""SIGHUP makes a running server read its options again."""

import asyncio
import signal
from pathlib import Path

import httpx
from wyoming.tts import SynthesizeVoice

from tests.integration.conftest import SMALL_VOICE, Start
from tests.integration.peers import one_shot


def status(base: str, token: str) -> int:
    """Request speech with a token, and return the status of the response."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{base}api/text-to-speech?text=Hello", headers=headers, trust_env=False, timeout=60).status_code


def test_hang_up_changes_options_from_files(start: Start, small_voice: tuple[str, ...], tmp_path: Path) -> None:
    """After SIGHUP, the server uses the new token and the new presets. If the config file is invalid or the token is
    missing, nothing changes, and the server continues to run."""
    token, config = tmp_path / "token", tmp_path / "config"
    token.write_text("one\n")
    config.write_text("length-scale = 1\n")
    server = start(
        *small_voice, "--http-uri", "tcp://127.0.0.1:0", "--config", str(config), "--http-token-file", str(token)
    )
    assert (status(server.http, "one"), status(server.http, "two")) == (200, 401)
    token.write_text("two\n")
    config.write_text(f"preset = quick={SMALL_VOICE},length_scale=0.5\n")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for_lines("SIGHUP: changed: --preset, --length-scale, --http-token\n")
    server.wait_for_lines("New: quick\n")
    assert (status(server.http, "one"), status(server.http, "two")) == (401, 200)
    spoken = asyncio.run(one_shot(server.uri, "Hello.", voice=SynthesizeVoice(name="quick")))
    assert spoken.events[-1] == "audio-stop"
    config.write_text("length-scale = long\n")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for_lines(f"SIGHUP: the settings remain unchanged: {config}, line 1 (--length-scale)")
    token.unlink()
    config.write_text("")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for_lines("SIGHUP: the settings remain unchanged: --http-token-file")
    assert status(server.http, "two") == 200
    assert server.stop() == 0
    assert "Traceback" not in server.log
