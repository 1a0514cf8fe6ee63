"""The dashboard in `packaging/grafana` can be imported, and uses only metrics that the server provides."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.packaging.queries import PACKAGING, faults, selectors, served

_DASHBOARD: dict[str, Any] = json.loads((PACKAGING / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
_PANELS: list[dict[str, Any]] = [panel for panel in _DASHBOARD["panels"] if panel["type"] != "row"]
_VARIABLES = {one["name"]: one for one in _DASHBOARD["templating"]["list"]}


def losses(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of values in `before` that are missing or different in `after`. Empty values may be missing."""
    if isinstance(before, dict):
        for key, value in before.items():
            if value not in ([], {}, "", None, False):
                yield from losses(value, after.get(key), f"{path}/{key}") if isinstance(after, dict) else [path]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from losses(one, other, f"{path}/{number}")
    elif before != after:
        yield path


def loaded_by_grafana(dashboard: Any) -> Any:
    """Convert a dashboard to the model of Grafana's library and back. This drops fields that Grafana does not know."""
    register_default_plugins()
    return json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))


def test_the_dashboard_is_one_of_grafana() -> None:
    """Grafana's own library can load the dashboard, and knows all fields of the dashboard."""
    assert list(losses(_DASHBOARD, loaded_by_grafana(_DASHBOARD))) == []


def test_fields_that_grafana_lacks_are_found() -> None:
    """A misspelled field of the dashboard, a panel or a query is detected."""
    panel = {**_PANELS[0], "titel": "x", "targets": [{**_PANELS[0]["targets"][0], "exprr": "up"}]}
    wrong = {**_DASHBOARD, "refrehs": "1m", "panels": [panel]}
    found = list(losses(wrong, loaded_by_grafana(wrong)))
    assert sorted(found) == ["/panels/0/targets/0/exprr", "/panels/0/titel", "/refrehs"]


def filled_in(query: str) -> str:
    """Replace the dashboard variables and Grafana's built-in variables in a query with values."""
    values = {"job": "piper-serial", "instance": "one|two", "__rate_interval": "1m", "datasource": "x"}
    return re.sub(r"\$\{?(\w+)\}?", lambda match: values[match[1]], query)


def queries() -> Iterator[tuple[str, str]]:
    for panel in _PANELS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(("title", "query"), list(queries()))
def test_panels_ask_for_what_the_server_has(title: str, query: str) -> None:
    """Each query can be parsed, its metrics, labels and label values exist, and it selects the chosen servers."""
    assert faults(filled_in(query)) == []
    for one in selectors(filled_in(query)):
        assert one.labels["job"] == ("piper-serial",), title
        assert one.labels["instance"] == ("one", "two"), title


def test_variables_ask_for_what_the_server_has() -> None:
    """The dashboard finds jobs and servers by a metric that every server provides. All variables in the queries exist,
    and all queries use the chosen data source."""
    for name in ("job", "instance"):
        match = re.fullmatch(r"label_values\((.*), (\w+)\)", _VARIABLES[name]["query"]["query"])
        assert match
        assert faults(filled_in(match[1])) == []
        assert match[2] == name
    used = set(re.findall(r"\$\{?(\w+)\}?", json.dumps([panel["targets"] for panel in _PANELS])))
    assert used == {*_VARIABLES, "__rate_interval"}
    sources = [panel["datasource"] for panel in _PANELS]
    sources += [target["datasource"] for panel in _PANELS for target in panel["targets"]]
    assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)


def test_labels_of_legends_exist() -> None:
    """Each label in the legend of a panel is a label of the query result."""
    for panel in _PANELS:
        for target in panel["targets"]:
            kept = re.search(r"(?:by|group_left) \(([^)]*)\)", target["expr"])
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                by = {"instance"} if kept is None or "group_left" in kept[0] else set()
                assert label in by | set(kept[1].split(", ") if kept else ()), panel["title"]


def test_panels_do_not_overlap() -> None:
    """Panels have unique IDs, fit in the 24 columns of the dashboard, and do not overlap."""
    panels = _DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in itertools.combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above


def test_every_metric_of_the_server_is_shown() -> None:
    """The dashboard shows every metric of the server, directly or as a recorded metric."""
    shown = {one.name for _, query in queries() for one in selectors(filled_in(query))}
    families = {
        re.sub(r"_(bucket|sum|count|total)$", "", name) for name in served() if name.startswith("piper_serial_")
    }
    recorded = {"piper_serial_workers"}  # shown as part of the recorded metric piper_serial:busy_share
    assert families - {re.sub(r"_(bucket|sum|count|total)$", "", name) for name in shown} - recorded == {
        # Not shown, because it is an average since the start; the panel computes the current value.
        "piper_serial_real_time_factor"
    }


def test_every_panel_is_described() -> None:
    """Each panel has a title, and a description that consists of full sentences."""
    assert all(panel["title"] and panel["description"].endswith(".") for panel in _PANELS)
