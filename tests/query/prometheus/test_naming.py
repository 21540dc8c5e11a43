"""Names and labels by other settings than the default."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.metric_requests import counter, metric_request, point

from query.promql.naming.settings import Naming
from query.promql.naming.strategy import Strategy

ROOT = "/prometheus/api/v1"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    naming = Naming(
        strategy=Strategy.NO_TRANSLATION,
        promote_all_resource_attributes=True,
        ignore_resource_attributes=frozenset({"host.name"}),
        keep_identifying_resource_attributes=True,
    )
    with backend(tmp_path_factory.mktemp("data")) as made:
        made.service.promql = replace(made.service.promql, naming=naming)
        metric = counter("http.requests", [point(START_NS, 3, http__route="/")])
        made.send(metric_request(metric, "shop", host__name="h", service__version="2"))
        yield made


def test_names_stay_as_they_were_sent(whole: Backend) -> None:
    asked = {"query": '{"http.requests", "http.route"="/"}', "time": START_NS // 10**9}
    (found,) = whole.get(f"{ROOT}/query", asked)["data"]["result"]
    assert found["metric"] == {
        "__name__": "http.requests",
        "http.route": "/",
        "job": "shop",
        "service.name": "shop",
        "service.version": "2",
    }


def test_target_info_keeps_what_identifies(whole: Backend) -> None:
    asked = {"query": "target_info", "time": START_NS // 10**9}
    (found,) = whole.get(f"{ROOT}/query", asked)["data"]["result"]
    assert found["metric"] == {
        "__name__": "target_info",
        "host.name": "h",
        "job": "shop",
        "service.name": "shop",
        "service.version": "2",
    }


def test_a_label_is_asked_for_by_its_escaped_name(whole: Backend) -> None:
    assert whole.get(f"{ROOT}/label/U__http_2e_route/values")["data"] == ["/"]
