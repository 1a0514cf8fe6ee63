"""The endpoints against /openapi.json, tested by schemathesis with valid and invalid requests."""

import subprocess
import sys
from pathlib import Path

from tests.integration.conftest import ServerProcess

_CONFIG = """
# It compares numbers in JSON as floats, and so takes a seed a little above the largest for the largest.
[[operations]]
include-name = "POST /v1/audio/speech"
checks.positive_data_acceptance.enabled = false
"""


def test_every_endpoint_does_what_it_promises(small_server: ServerProcess, tmp_path: Path) -> None:
    """Every response fits its description, and exactly the valid requests are accepted. Each run is the same."""
    (tmp_path / "schemathesis.toml").write_text(_CONFIG)
    tried = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "run", f"{small_server.http}openapi.json"),
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
    assert "11 selected / 11 total" in tried.stdout, tried.stdout
    assert "Traceback" not in small_server.log
