"""The frontend of Grafana's data source over its backend over a real server: what a user sees."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.grafana import grafana
from support.grafana_data import RULE, SHOP, STEP_S, TRACE_ID, measured
from support.grafana_pages import installed, shown
from support.server import GoldeneyeProcess

pytestmark = [pytest.mark.foreign, pytest.mark.slow]

Shown = tuple[dict[str, Any], int]
METRICS = [
    "http_requests_total",
    *("latency_seconds_bucket", "latency_seconds_count", "latency_seconds_sum"),
    *("queue_depth", "sizes_seconds"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GoldeneyeProcess, int]]:
    installed()
    with measured(tmp_path_factory.mktemp("grafana")) as found:
        yield found


@pytest.fixture(scope="module", params=["GET", "POST"])
def seen(request: pytest.FixtureRequest, server: tuple[GoldeneyeProcess, int]) -> Shown:
    """What is seen, and the second of the last points."""
    started, end_s = server
    with grafana(f"{started.api_url}/prometheus", request.param, "reader") as asked:
        return shown(asked, request.param, end_s), end_s


def test_save_and_test_is_green(seen: Shown) -> None:
    assert seen[0]["tested"] == {
        "status": "success",
        "message": "Successfully queried the Prometheus API.",
    }


def test_what_it_learns_when_it_is_opened(seen: Shown) -> None:
    assert seen[0]["exemplarsAvailable"] is True
    assert seen[0]["rules"] == {"code:rate": [{"query": RULE["expr"], "labels": RULE["labels"]}]}
    assert seen[0]["metrics"] == METRICS
    assert seen[0]["histograms"] == ["latency_seconds_bucket"]


def test_types_of_the_metrics_explorer(seen: Shown) -> None:
    """It makes those of the series of a histogram from the histogram's."""
    found = seen[0]["metadata"]
    assert found["queue_depth"]["help"] == "what queue.depth is"
    types = [found[name]["type"] for name in (*METRICS[:2], "latency_seconds", "queue_depth")]
    assert types == ["counter", "counter", "histogram", "gauge"]


def test_the_metrics_browser_and_the_query_builder(seen: Shown) -> None:
    assert seen[0]["keys"] == ["__name__", "job", "queue", "service_name"]
    assert seen[0]["values"] == ["orders"]
    assert seen[0]["typed"] == METRICS[1:4]
    assert seen[0]["series"] == [{"__name__": "queue_depth", "queue": "orders", **SHOP}]


def test_filters_of_a_dashboard(seen: Shown) -> None:
    """The label that is filtered already is not offered again."""
    assert seen[0]["tagKeys"] == ["__name__", "job", "service_name"]
    assert seen[0]["tagValues"] == seen[0]["suggested"] == ["200"]


def test_variables(seen: Shown) -> None:
    found, end_s = seen
    own = 'queue_depth{job="shop",queue="orders",service_name="shop"}'
    assert found["variables"] == {
        "label_names()": ["__name__", "code", "job", "le", "queue", "service_name"],
        "label_values(http_requests_total, code)": ["200", "500"],
        "metrics(queue.*)": ["queue_depth"],
        "query_result(queue_depth)": [f"{own} 40 {end_s}000"],
        "queue_depth": [own],
    }


def test_a_panel_with_its_table_and_exemplars(seen: Shown) -> None:
    found, end_s = seen
    graph, table, _, exemplars = found["panel"]
    times = [(end_s - 300 + number * STEP_S) * 1000 for number in range(21)]
    assert (graph["visualisation"], graph["columns"]["Time"]) == ("graph", times)
    assert graph["columns"]["Value"] == pytest.approx([0.3] * 21)
    assert table["visualisation"] == "rawPrometheus"
    assert table["columns"]["Value"] == pytest.approx([0.3])
    assert exemplars["topic"] == "annotations"
    assert exemplars["columns"]["trace_id"] == [TRACE_ID]
    assert exemplars["links"] == ["http://127.0.0.1:8317/api/v1/traces/${__value.raw}"]


def test_a_heatmap_takes_each_bucket_from_the_next(seen: Shown) -> None:
    """Of the n-th point there are n, 2 n and n measurements in the buckets."""
    columns = seen[0]["panel"][2]["columns"]
    numbers = list(range(20, 41))
    assert columns["0.1"] == columns["+Inf"] == numbers
    assert columns["0.5"] == [2 * number for number in numbers]
