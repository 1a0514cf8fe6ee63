"""The manifests in `packaging/kubernetes` are valid and consistent with each other and with the server."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import kubernetes_validate
import pytest
import yaml

from tests.packaging.queries import PACKAGING, faults, snapshot
from wyoming_piper_serial.cli.parser import parse_settings
from wyoming_piper_serial.http import operations
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.settings import Settings

_FOLDER = PACKAGING / "kubernetes"
_NOT_MANIFESTS = {"kustomization.yaml", "prometheus-adapter-values.yaml"}
_OLDEST = "1.30"
"""The oldest version of Kubernetes in which `preStop` can be `sleep` without a feature gate."""

_CLOSING = 3
"""Maximum seconds from the end of `--drain-timeout` to the end of the process; see docs/behaviour.md."""

Manifest = dict[str, Any]


def manifests() -> list[Manifest]:
    """Return all Kubernetes objects in the folder."""
    files = sorted(file for file in _FOLDER.rglob("*.yaml") if file.name not in _NOT_MANIFESTS)
    return [one for file in files for one in yaml.safe_load_all(file.read_text(encoding="utf-8"))]


def only(kind: str) -> Manifest:
    """Return the only Kubernetes object of the given kind."""
    (found,) = (one for one in manifests() if one["kind"] == kind)
    return found


def pod() -> Manifest:
    spec: Manifest = only("Deployment")["spec"]["template"]["spec"]
    return spec


def container() -> Manifest:
    (found,) = pod()["containers"]
    return cast("Manifest", found)


def check(manifest: Manifest) -> None:
    """Raise ValidationError if an object does not match the API schema or has fields that are not in the schema."""
    for version in (_OLDEST, kubernetes_validate.latest_version()):
        kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("manifest", manifests(), ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_manifests_match_the_api(manifest: Manifest) -> None:
    """Each object matches the schemas of the oldest and the newest supported version of Kubernetes."""
    check(manifest)


@pytest.mark.parametrize(
    "change",
    [{"spec": {"replica": 3}}, {"spec": {"replicas": "3"}}, {"metadata": {"name": "x", "label": {}}}],
)
def test_the_check_finds_faults(change: Manifest) -> None:
    """A misspelled field and a value of the wrong type are detected."""
    good = only("Deployment")
    with pytest.raises(kubernetes_validate.ValidationError):
        check({**good, **{key: {**good[key], **value} for key, value in change.items()}})


def test_every_manifest_is_applied() -> None:
    """Each file is listed in the `kustomization.yaml` of its folder, and each listed file exists."""
    for folder in (_FOLDER / "base", _FOLDER / "autoscaling"):
        named = set(yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))["resources"])
        assert named == {file.name for file in folder.glob("*.yaml")} - _NOT_MANIFESTS


def rendered(example: Path = _FOLDER / "overlays" / "example") -> list[Manifest]:
    """Return the objects in the example, rendered by Kustomize."""
    for command in (["kustomize", "build"], ["kubectl", "kustomize"]):
        program = shutil.which(command[0])
        if program is None:
            continue
        arguments = [program, *command[1:], str(example)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)  # noqa: S603 -- fixed arguments
        assert done.returncode == 0, done.stderr
        return list(yaml.safe_load_all(done.stdout))
    pytest.skip("neither kustomize nor kubectl is installed")


def test_the_example_can_be_rendered() -> None:
    """Kustomize renders the example to valid objects. The image comes from the configured registry, all objects are in
    one namespace, and only the autoscaler sets the number of servers."""
    seen = rendered()
    for manifest in seen:
        check(manifest)
    assert sorted(one["kind"] for one in seen) == sorted(one["kind"] for one in manifests())
    assert {one["metadata"]["namespace"] for one in seen} == {"speech"}
    (deployment,) = (one for one in seen if one["kind"] == "Deployment")
    assert "replicas" not in deployment["spec"]
    (server,) = deployment["spec"]["template"]["spec"]["containers"]
    assert server["image"].startswith("registry.example.org/wyoming-piper-serial:")


def test_the_patch_of_the_example_works(tmp_path: Path) -> None:
    """If the patch in the example is uncommented, the network policy allows another network."""
    shutil.copytree(_FOLDER, tmp_path, dirs_exist_ok=True)
    example = tmp_path / "overlays" / "example"
    text = (example / "kustomization.yaml").read_text(encoding="utf-8")
    before, mark, patch = text.partition("# patches:\n")
    patch = re.sub("^# ", "", mark + patch, flags=re.MULTILINE)
    (example / "kustomization.yaml").write_text(before + patch, encoding="utf-8")
    (policy,) = (one for one in rendered(example) if one["kind"] == "NetworkPolicy")
    check(policy)
    assert policy["spec"]["ingress"][-1]["from"] == [{"ipBlock": {"cidr": "10.0.0.0/8"}}]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return the settings of a server in a pod. Fail if the server does not accept one of the variables."""
    for variable in container()["env"]:
        monkeypatch.setenv(variable["name"], variable["value"])
    return parse_settings([])


def test_variables_are_options_of_the_server(settings: Settings) -> None:
    """The server reads its options from the environment variables. Each variable has an effect, which shows that its
    name is correct."""
    assert (settings.uri, settings.http.uri) == ("tcp://0.0.0.0:10200", "tcp://0.0.0.0:10280")
    assert settings.downloads.offline
    assert settings.limits.max_queue_per_address == settings.limits.max_queue
    assert settings.limits.max_connections_per_address == settings.limits.max_connections
    assert settings.logging.format == "json"
    assert settings.drain_timeout > Settings().drain_timeout
    assert len(container()["env"]) == 7


def test_a_pod_has_time_to_drain(settings: Settings) -> None:
    """The termination grace period covers the pause before SIGTERM, the drain timeout, and the time to close
    connections."""
    pause = container()["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod()["terminationGracePeriodSeconds"] >= pause + settings.drain_timeout + _CLOSING


def test_probes_ask_for_paths_that_exist(settings: Settings) -> None:
    """The probes request existing paths on the HTTP port. The startup probe gives the server enough time to load its
    voice."""
    context = cast("HttpContext", SimpleNamespace(snapshot=snapshot, provider="CPU"))
    paths = {getattr(route, "path", None) for route in operations.router(context).routes}
    ports = {port["name"]: port["containerPort"] for port in container()["ports"]}
    assert ports == {"wyoming": _port(settings.uri), "http": _port(settings.http.uri)}
    probes = [container()[name] for name in ("startupProbe", "readinessProbe", "livenessProbe")]
    assert {probe["httpGet"]["path"] for probe in probes} <= paths
    assert {probe["httpGet"]["port"] for probe in probes} == {"http"}
    assert probes[0]["periodSeconds"] * probes[0]["failureThreshold"] >= settings.limits.load_timeout


def _port(uri: str | None) -> int:
    return int((uri or "").rpartition(":")[2])


def test_a_hang_is_noticed_by_the_server_first(settings: Settings) -> None:
    """The server reports a hung step after `--step-timeout`. The liveness probe tolerates short pauses."""
    probe = container()["livenessProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] < settings.limits.step_timeout


def test_pods_are_restricted() -> None:
    """The pods meet the Kubernetes security standard `restricted`, have a read-only file system, and have resource
    limits."""
    assert pod()["securityContext"]["runAsNonRoot"] is True
    assert pod()["securityContext"]["runAsUser"] > 0
    assert pod()["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod()["automountServiceAccountToken"] is False
    assert pod()["enableServiceLinks"] is False
    assert set(container()["resources"]) == {"requests", "limits"}
    assert set(container()["resources"]["limits"]) == {"cpu", "memory"}


def _selectors(manifest: Manifest) -> Iterator[Manifest]:
    """Yield the labels with which an object selects pods."""
    spec, kind = manifest["spec"], manifest["kind"]
    if kind == "Service":
        yield spec["selector"]
    elif kind == "NetworkPolicy":
        yield spec["podSelector"]["matchLabels"]
    elif kind in {"Deployment", "PodDisruptionBudget"}:
        yield spec["selector"]["matchLabels"]
    if kind == "Deployment":
        for spread in pod()["topologySpreadConstraints"]:
            yield spread["labelSelector"]["matchLabels"]


def test_all_objects_select_the_pods_and_no_others() -> None:
    """All objects select the server pods by a label. An empty selector would select all pods."""
    labels = only("Deployment")["spec"]["template"]["metadata"]["labels"]
    found = [selector for manifest in manifests() for selector in _selectors(manifest)]
    assert len(found) == 7
    assert all(selector == labels for selector in found)


def test_ports_have_names_that_the_pods_know() -> None:
    """Services and the network policy refer to existing ports of the pods."""
    ports = {port["name"] for port in container()["ports"]}
    for manifest in manifests():
        if manifest["kind"] == "Service":
            assert {port["targetPort"] for port in manifest["spec"]["ports"]} == ports
    policy = only("NetworkPolicy")["spec"]
    assert {port["port"] for rule in policy["ingress"] for port in rule["ports"]} == ports


def test_servers_open_no_connections() -> None:
    """The network policy allows no connections from the pods."""
    policy = only("NetworkPolicy")["spec"]
    assert "Egress" in policy["policyTypes"]
    assert policy["egress"] == []


def test_a_node_can_be_drained() -> None:
    """The disruption budget allows one server to be evicted, so draining a node does not block forever."""
    assert only("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
    assert only("HorizontalPodAutoscaler")["spec"]["minReplicas"] > 1


def test_the_autoscaler_reads_metrics_that_the_adapter_offers() -> None:
    """For each metric used by the autoscaler, the adapter has a rule whose queries use recorded metrics."""
    autoscaler = only("HorizontalPodAutoscaler")["spec"]
    values = yaml.safe_load((_FOLDER / "autoscaling" / "prometheus-adapter-values.yaml").read_text(encoding="utf-8"))
    offered = {rule["name"]["as"]: rule for rule in values["rules"]["custom"]}
    assert {metric["pods"]["metric"]["name"] for metric in autoscaler["metrics"]} == set(offered)
    for rule in offered.values():
        assert faults(rule["seriesQuery"]) == []
        series = re.match(r"[\w:]+", rule["seriesQuery"])
        assert series
        query = rule["metricsQuery"].replace("<<.Series>>", series[0]).replace("<<.GroupBy>>", "pod")
        assert faults(query.replace("<<.LabelMatchers>>", 'namespace="speech",pod=~"a|b"')) == []
    target = autoscaler["scaleTargetRef"]
    deployment = only("Deployment")
    assert (target["apiVersion"], target["name"]) == (deployment["apiVersion"], deployment["metadata"]["name"])
