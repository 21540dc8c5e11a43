"""Grafana's own Prometheus data source over a real server: what its pages get to see."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from support.grafana import Grafana, grafana
from support.grafana_data import RULE, SHOP, STEP_S, TRACE_ID, measured
from support.server import GoldeneyeProcess

pytestmark = [pytest.mark.foreign, pytest.mark.slow]

LIMIT: Final = 40_000


class Source:
    """The data source by one HTTP method, over points that end at `end_s`."""

    def __init__(self, asked: Grafana, end_s: int) -> None:
        self.asked, self.end_s = asked, end_s

    def query(self, expr: str, **model: Any) -> list[dict[str, Any]]:
        """The frames of a query over the last five minutes, as a panel sends it."""
        sent = {
            "refId": "A",
            "expr": expr,
            "editorMode": "code",
            "legendFormat": "__auto",
            "intervalMs": STEP_S * 1000,
            "maxDataPoints": 1000,
            "interval": "",
            "utcOffsetSec": 7200,
            "datasource": {"type": "prometheus", "uid": "goldeneye"},
        }
        answer = self.asked.query(self.end_s - 300, self.end_s, [sent | model])["A"]
        assert answer["status"] == 200, answer
        frames: list[dict[str, Any]] = answer["frames"]
        return frames

    def between(self) -> dict[str, int]:
        return {"start": self.end_s - 3600, "end": self.end_s + 60}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GoldeneyeProcess, int]]:
    with measured(tmp_path_factory.mktemp("grafana")) as found:
        yield found


@pytest.fixture(scope="module", params=["GET", "POST"])
def source(
    request: pytest.FixtureRequest, server: tuple[GoldeneyeProcess, int]
) -> Iterator[Source]:
    url = f"{server[0].api_url}/prometheus"
    with grafana(url, request.param, "reader") as asked:
        yield Source(asked, server[1])


def _columns(frame: dict[str, Any]) -> list[list[Any]]:
    found: list[list[Any]] = frame["data"]["values"]
    return found


def _labels(frame: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = frame["schema"]["fields"][1].get("labels", {})
    return found


def test_save_and_test_succeeds(source: Source) -> None:
    assert source.asked.health() == {
        "status": "OK",
        "message": "Successfully queried the Prometheus API.",
        "details": {"application": "Prometheus", "features": {"rulerApiEnabled": False}},
    }
    assert source.asked.heuristics()["application"] == "Prometheus"


def test_save_and_test_tells_that_a_token_lacks(server: tuple[GoldeneyeProcess, int]) -> None:
    with grafana(f"{server[0].api_url}/prometheus", "POST", "unknown") as asked:
        found = asked.health()
    assert (found["status"], found["message"].split(" - ")[0]) == ("ERROR", "401 Unauthorized")


def test_a_range_with_the_rate_interval(source: Source) -> None:
    """Four points lie in its minute; 3 (and 6) each 15 s are 0.2 (and 0.4) a second."""
    frames = source.query("sum by (code) (rate(http_requests_total[$__rate_interval]))", range=True)
    told = frames[0]["schema"]["meta"]["executedQueryString"]
    assert told == "Expr: sum by (code) (rate(http_requests_total[1m0s]))\nStep: 15s"
    times = [(source.end_s - 300 + number * STEP_S) * 1000 for number in range(21)]
    for frame, code, rate in zip(frames, ("200", "500"), (0.2, 0.4), strict=True):
        assert _labels(frame) == {"code": code}
        assert _columns(frame)[0] == times
        assert _columns(frame)[1] == pytest.approx([rate] * 21)


def test_a_range_by_a_step_of_its_own(source: Source) -> None:
    (frame,) = source.query("queue_depth", range=True, interval="1m")
    assert _labels(frame) == {"__name__": "queue_depth", "queue": "orders", **SHOP}
    minutes = [(source.end_s - 60 * ago) * 1000 for ago in (5, 4, 3, 2, 1, 0)]
    assert _columns(frame) == [minutes, [20, 24, 28, 32, 36, 40]]


def test_at_one_time(source: Source) -> None:
    vector, scalar = source.query("queue_depth", instant=True), source.query("6*7", instant=True)
    assert vector[0]["schema"]["meta"]["custom"]["resultType"] == "vector"
    assert _columns(vector[0]) == [[source.end_s * 1000], [40]]
    assert scalar[0]["schema"]["meta"]["custom"]["resultType"] == "scalar"
    assert _columns(scalar[0]) == [[source.end_s * 1000], [42]]


def test_both_at_once_as_explore_asks(source: Source) -> None:
    frames = source.query("count(http_requests_total)", instant=True, range=True)
    assert [_columns(frame)[1] for frame in frames] == [[2], [2] * 21]


def test_exemplars_lie_beside_their_series(source: Source) -> None:
    """Of 1, 2 and 1 new ones in the buckets half lie below the middle of the second, 0.3."""
    expr = "histogram_quantile(0.5, sum by (le) (rate(latency_seconds_bucket[$__rate_interval])))"
    quantile, exemplars = source.query(expr, range=True, exemplar=True)
    assert _columns(quantile)[1] == pytest.approx([0.3] * 21)
    assert exemplars["schema"]["meta"]["custom"]["resultType"] == "exemplar"
    names = [field["name"] for field in exemplars["schema"]["fields"]]
    found = {name: column for name, (column,) in zip(names, _columns(exemplars), strict=True)}
    assert found == {
        "Time": (source.end_s - 150) * 1000,
        "Value": 0.3,
        "__name__": "latency_seconds_bucket",
        "le": "0.5",
        "trace_id": TRACE_ID,
        **SHOP,
    }


def test_a_heatmap_of_native_histograms(source: Source) -> None:
    (frame,) = source.query("sum(sizes_seconds)", range=True, interval="5m", format="heatmap")
    assert frame["schema"]["meta"]["type"] == "heatmap-cells"
    names = [field["name"] for field in frame["schema"]["fields"]]
    found = dict(zip(names, _columns(frame), strict=True))
    begin, end = (source.end_s - 300) * 1000, source.end_s * 1000
    assert found["xMax"] == [begin, begin, end, end]
    assert found["yMin"] == [1, 2, 1, 2]
    assert found["yMax"] == [2, 4, 2, 4]
    assert found["count"] == [20, 40, 40, 80]


def test_what_is_wrong_with_a_query(source: Source) -> None:
    sent = {"refId": "A", "expr": "rate(", "range": True, "intervalMs": 15_000}
    answer = source.asked.query(source.end_s - 300, source.end_s, [sent])["A"]
    assert answer["status"] == 400
    assert "parse error: unclosed left parenthesis" in answer["error"]


def test_the_label_browser(source: Source) -> None:
    names = source.asked.resource("label/__name__/values", limit=LIMIT, **source.between())
    assert names == [
        "http_requests_total",
        *("latency_seconds_bucket", "latency_seconds_count", "latency_seconds_sum"),
        *("queue_depth", "sizes_seconds"),
    ]
    chosen = {"match[]": '{__name__="queue_depth"}', "limit": LIMIT, **source.between()}
    keys = ["__name__", "job", "queue", "service_name"]
    assert source.asked.resource("labels", **chosen) == keys
    assert source.asked.resource("label/queue/values", **chosen) == ["orders"]
    whole = [{"__name__": "queue_depth", "queue": "orders", **SHOP}]
    assert source.asked.resource("series", **chosen) == whole


def test_the_query_builder(source: Source) -> None:
    """Types tell it which functions to offer; recording rules it would write out."""
    types = source.asked.resource("metadata", limit=LIMIT)
    assert types["http_requests_total"][0]["type"] == "counter"
    assert types["queue_depth"] == [{"type": "gauge", "help": "what queue.depth is", "unit": ""}]
    assert types["latency_seconds"][0]["type"] == "histogram"
    (rule,) = source.asked.resource("rules")["groups"][0]["rules"]
    told = [rule[name] for name in ("type", "name", "query", "labels")]
    assert told == ["recording", "code:rate", RULE["expr"], RULE["labels"]]
    assert source.asked.resource("status/buildinfo")["version"].startswith("3.")


def test_it_sees_that_there_are_exemplars(source: Source) -> None:
    """It asks for them in milliseconds at first, and shows none where that fails."""
    asked = {"query": "test", "start": (source.end_s - 1800) * 1000, "end": source.end_s * 1000}
    assert source.asked.resource("query_exemplars", **asked) == []


def test_suggestions_for_the_filters_of_a_dashboard(source: Source) -> None:
    asked = {
        "queries": ["rate(http_requests_total[$__rate_interval])"],
        "adhocFilters": [{"key": "code", "operator": "not-equals", "value": "500"}],
        "limit": LIMIT,
        **{name: str(value) for name, value in source.between().items()},
    }
    assert source.asked.suggestions(asked) == ["__name__", "code", "job", "service_name"]
    assert source.asked.suggestions(asked | {"labelName": "code"}) == ["200"]
