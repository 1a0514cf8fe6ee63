"""The files in `packaging/prometheus` use only metrics that the server provides, and the alerts fire when they
should."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packaging.queries import PACKAGING, faults, rules, selectors

_FOLDER = PACKAGING / "prometheus"
_JOB = "piper-serial"


def load(name: str) -> Any:
    return yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the folder `packaging/prometheus`. In this copy, the configuration for Kubernetes lists an
    address instead of pods, because Debian builds promtool without Kubernetes support."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    copy = tmp_path_factory.mktemp("prometheus")
    shutil.copytree(_FOLDER, copy, dirs_exist_ok=True)
    config = load("prometheus-kubernetes.yml")
    for job in config["scrape_configs"]:
        assert job.pop("kubernetes_sd_configs") == [{"role": "pod"}]
        job["static_configs"] = [{"targets": ["127.0.0.1:10280"]}]
    (copy / "prometheus-kubernetes.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return copy


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "config", "prometheus-kubernetes.yml"),
        ("test", "rules", "rules_test.yml"),
    ],
)
def test_promtool_accepts_the_files(folder: Path, arguments: tuple[str, ...]) -> None:
    """promtool accepts the configurations and the rules, and the unit tests of the rules pass."""
    program = shutil.which("promtool")
    assert program
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 -- fixed arguments
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.get("alert") or rule["record"])
def test_rules_ask_for_what_the_server_has(rule: dict[str, Any]) -> None:
    """Each rule can be parsed, and its metrics, labels and error codes exist."""
    assert faults(rule["expr"]) == []


def test_every_alert_is_tested() -> None:
    """For each alert, the unit tests contain a case in which it fires."""
    fired = {
        case["alertname"]
        for test in load("rules_test.yml")["tests"]
        for case in test.get("alert_rule_test", ())
        if case["exp_alerts"]
    }
    assert fired == {rule["alert"] for rule in rules() if "alert" in rule}


@pytest.mark.parametrize("name", ["prometheus.yml", "prometheus-kubernetes.yml"])
def test_servers_are_scraped_under_the_name_that_the_rules_select(name: str) -> None:
    """Both configurations scrape the servers as the job that the rules select. The rules do not apply to other
    programs, although these also have metrics such as `process_open_fds`."""
    config = load(name)
    assert config["rule_files"] == ["rules.yml"]
    assert [job["job_name"] for job in config["scrape_configs"]] == [_JOB]
    for rule in rules():
        for one in selectors(rule["expr"]):
            assert ":" in one.name or one.labels["job"] == (_JOB,), rule
