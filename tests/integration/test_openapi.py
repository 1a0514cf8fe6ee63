"""The endpoints are tested by schemathesis, which generates valid and invalid requests from `/openapi.json`."""

import subprocess
import sys
from pathlib import Path

from tests.integration.conftest import Start

_CONFIG = """
# schemathesis compares numbers in JSON as floats. It therefore treats a seed slightly above the maximum as valid.
[[operations]]
include-name = "POST /v1/audio/speech"
checks.positive_data_acceptance.enabled = false
"""


def test_every_endpoint_does_what_it_promises(start: Start, small_voice: tuple[str, ...], tmp_path: Path) -> None:
    """Every response matches its description in `/openapi.json`. Valid requests are accepted, and invalid requests are
    refused.

    The requests are the same in each run.
    """
    # The requests change voices, so the server has its own folder for changes.
    changes = tmp_path / "changes"
    server = start(*small_voice, "--http-uri", "tcp://127.0.0.1:0", "--download-dir", str(changes), "--offline")
    (tmp_path / "schemathesis.toml").write_text(_CONFIG)
    tried = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "run", f"{server.http}openapi.json"),
            *("--phases", "coverage,fuzzing"),
            *("--max-examples", "5", "--generation-deterministic", "--no-color"),
        ],
        cwd=tmp_path,  # schemathesis reads its settings and writes its files here
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "14 selected / 14 total" in tried.stdout, tried.stdout
    assert "Traceback" not in server.log
