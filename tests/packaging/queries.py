"""Functions that compare PromQL queries with the server's `/metrics`."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import promql_parser
import yaml
from prometheus_client.parser import text_string_to_metric_families

from wyoming_piper_serial import exceptions
from wyoming_piper_serial.observe.metrics import Metrics, Snapshot
from wyoming_piper_serial.observe.outcome import CANCELLED, COMPLETED, Ending, Outcome
from wyoming_piper_serial.observe.prometheus import Exposition
from wyoming_piper_serial.settings import Priority

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"

_TARGET_LABELS = {"job", "instance", "namespace", "pod"}
"""Labels that Prometheus adds when it scrapes."""

_BY_PROMETHEUS = {"up": set[str]()}
"""Metrics that Prometheus records about each server, with their own labels."""


@dataclass(frozen=True)
class Selector:
    """A metric in a query, with the values that it selects for each label."""

    name: str
    labels: Mapping[str, tuple[str, ...]]


def selectors(query: str) -> list[Selector]:
    """Return the metrics in a PromQL query. Raises ValueError if the query cannot be parsed."""
    found: list[Selector] = []

    def visit(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            labels = {one.name: tuple(one.value.split("|")) for one in node.matchers.matchers}
            found.append(Selector(node.name or "", labels))

    promql_parser.walk(promql_parser.parse(query), visit)
    return found


def snapshot() -> Snapshot:
    """Return a snapshot of a server with requests of every outcome and an error."""
    metrics = Metrics()
    metrics.error_sent("queue-full")
    outcomes = {COMPLETED, CANCELLED, Outcome.failed("synthesis-failed"), Outcome.refused("queue-full")}
    return replace(metrics.snapshot(), requests=dict.fromkeys(outcomes, 1))


@functools.cache
def served() -> dict[str, dict[str, set[str]]]:
    """Return the name of each sample in `/metrics`, with the values that each label can have."""
    body, _ = Exposition(snapshot, version="1", provider="CPU").text()
    found: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    for labels in found.values():
        if "code" in labels:
            labels["code"] = _codes()
        if "outcome" in labels:
            labels["outcome"] = {ending.value for ending in Ending}
        if "priority" in labels:
            labels["priority"] = {priority.value for priority in Priority}
    return found


def _codes() -> set[str]:
    errors = [error for error in vars(exceptions).values() if isinstance(error, type)]
    return {"", *(error.code for error in errors if issubclass(error, exceptions.PiperSerialError))}


def rules() -> list[dict[str, Any]]:
    """Return all rules of `packaging/prometheus/rules.yml`."""
    groups = yaml.safe_load((PACKAGING / "prometheus" / "rules.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def faults(query: str, *, recorded: bool = True) -> list[str]:
    """Return the metrics, labels and label values in a query that do not exist.

    If `recorded` is true, the query may use metrics recorded by the rules.
    """
    known = {name: set(labels) for name, labels in served().items()} | _BY_PROMETHEUS
    if recorded:
        known |= {rule["record"]: set[str]() for rule in rules() if "record" in rule}
    found = []
    for one in selectors(query):
        if one.name not in known:
            found.append(f"there is no metric {one.name}")
            continue
        for label, values in one.labels.items():
            possible = served().get(one.name, {}).get(label, set())
            if label not in known[one.name] | _TARGET_LABELS:
                found.append(f"{one.name} has no label {label}")
            elif label not in _TARGET_LABELS:
                found += [f"{one.name}: {label} is never {value}" for value in values if value not in possible]
    return found


def names(text: str) -> set[str]:
    """Return the words in `text` that look like the server's metrics or recorded metrics."""
    return set(re.findall(r"\bpiper_serial[_:][a-z0-9_:]*[a-z0-9]\b", text))
