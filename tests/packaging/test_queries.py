"""The functions that check PromQL queries detect faults."""

import pytest

from tests.packaging.queries import Selector, faults, selectors


def test_all_metrics_of_a_query_are_found() -> None:
    """Metrics are found in ranges, functions, comparisons and subqueries, with the selected label values."""
    query = 'sum by (job) (rate(a{code=~"x|y"}[5m])) > 2 * b offset 1d and on (job) max_over_time((c + 1)[1h:1m])'
    assert selectors(query) == [Selector("a", {"code": ("x", "y")}), Selector("b", {}), Selector("c", {})]


def test_a_broken_query_is_an_error() -> None:
    """A query that Prometheus cannot parse raises an error."""
    with pytest.raises(ValueError, match="unclosed"):
        selectors("sum(a")


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("piper_serial_nothing", "there is no metric piper_serial_nothing"),
        ('piper_serial_playing{priority="low"}', "piper_serial_playing has no label priority"),
        ('piper_serial_errors_total{code=~"queue-full|no"}', "piper_serial_errors_total: code is never no"),
        ('piper_serial_requests_total{outcome="lost"}', "piper_serial_requests_total: outcome is never lost"),
        ('piper_serial_queue_depth{priority="urgent"}', "piper_serial_queue_depth: priority is never urgent"),
        ('piper_serial_step_seconds_bucket{le="0.11"}', "piper_serial_step_seconds_bucket: le is never 0.11"),
        ("piper_serial:busy_share", "there is no metric piper_serial:busy_share"),
    ],
)
def test_what_does_not_exist_is_a_fault(query: str, fault: str) -> None:
    """A query for a metric, a label or a label value that the server never provides is a fault."""
    assert faults(f"{query} > 0 and up", recorded=False) == [fault]


def test_queries_for_what_exists_have_no_faults() -> None:
    """Metrics of the server, labels added by Prometheus, and recorded metrics are accepted."""
    assert faults('piper_serial:busy_share > 0 and piper_serial_playing{instance="a"}') == []
