"""Tests the endpoints with schemathesis, which generates valid and invalid requests from `/openapi.json`."""

import subprocess
import sys
from pathlib import Path

from tests.integration.conftest import Start

_CONFIG = """
# schemathesis compares numbers in JSON as floats. It therefore treats a seed slightly above the maximum as valid.
[[operations]]
include-name = "POST /v1/audio/speech"
checks.positive_data_acceptance.enabled = false

[[operations]]
include-name = "PUT /api/voices/presets/{name}"
checks.positive_data_acceptance.enabled = false

# A schema cannot describe which files are a voice, and which lines a lexicon can contain.
[[operations]]
include-name = "PUT /api/voices/{name}/config"
checks.positive_data_acceptance.enabled = false

[[operations]]
include-name = "PUT /api/voices/{name}/model"
checks.positive_data_acceptance.enabled = false

[[operations]]
include-name = "PUT /api/voices/lexicon"
checks.positive_data_acceptance.enabled = false

# No download server can be reached, which is error 503 for the sample of a voice.
[[operations]]
include-name = "GET /api/voices/{name}/sample"
checks.not_a_server_error.enabled = false
"""


def test_every_endpoint_does_what_it_promises(start: Start, small_voice: tuple[str, ...], tmp_path: Path) -> None:
    """Every response matches its description in `/openapi.json`. Valid requests are accepted, and invalid requests are
    refused.

    The requests are the same in every run.
    """
    # The requests change voices, so the server gets a separate folder for changes.
    changes = ("--download-dir", str(tmp_path / "changes"), "--voices-url", "http://127.0.0.1:9")
    server = start(*small_voice, "--http-uri", "tcp://127.0.0.1:0", *changes)
    (tmp_path / "schemathesis.toml").write_text(_CONFIG)
    tried = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "run", f"{server.http}openapi.json"),
            *("--phases", "coverage,fuzzing"),
            *("--max-examples", "5", "--generation-deterministic", "--no-color"),
        ],
        cwd=tmp_path,  # schemathesis reads its settings and writes its files in the current folder
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "30 selected / 30 total" in tried.stdout, tried.stdout
    assert "Traceback" not in server.log
