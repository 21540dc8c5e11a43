"""Maps reckoned by hand, over HTTP: each side of a call in a file or hot."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.backend import Backend, backend, spans_request
from support.called_spans import MS, span
from support.fake_decoder import START_NS

HALF = "ot=th:8"
QUARTER = "ot=th:c"
# Times of the ranges in which the tests below have their spans; far enough from one another.
HOUR_NS = 3_600_000 * MS


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Each test puts its spans into a range of its own."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        yield made


class Hour:
    """A range of time for one test; callers are flushed, answers hot."""

    def __init__(self, whole: Backend, number: int) -> None:
        self.whole = whole
        self.start_ns = START_NS - number * HOUR_NS
        self.end_ns = self.start_ns + HOUR_NS // 2
        self.at_ns = self.start_ns + HOUR_NS // 4

    def callers(self, service: str, *spans: Any) -> None:
        self.whole.send(spans_request(spans, service))
        self.whole.flush()

    def answers(self, service: str, *spans: Any) -> None:
        self.whole.send(spans_request(spans, service))

    def map(self, **params: Any) -> dict[str, Any]:
        times = {"start": self.start_ns / 1e9, "end": self.end_ns / 1e9}
        found = self.whole.get("/api/v1/service-map", {**times, **params})
        assert isinstance(found, dict)
        return found

    def edges(self, **params: Any) -> dict[tuple[str, str, str], Any]:
        return {
            (one["client"], one["server"], one["connection_type"]): one
            for one in self.map(**params)["edges"]
        }

    def nodes(self, **params: Any) -> dict[str, str]:
        return {one["name"]: one["type"] for one in self.map(**params)["nodes"]}


@pytest.fixture
def hour(shared: Backend, request: pytest.FixtureRequest) -> Hour:
    number = 2 * (1 + getattr(shared, "hours", 0))
    shared.hours = number // 2  # type: ignore[attr-defined]
    return Hour(shared, number)


def test_client_and_server_of_one_trace(hour: Hour) -> None:
    """Of three calls of which two failed, one on either side."""
    at = hour.at_ns
    hour.callers(
        "web",
        *(span("client", f"c{n}", "r", at_ns=at, ms=10 * n, error=n == 1) for n in (1, 2, 3)),
    )
    hour.answers(
        "cart", *(span("server", f"s{n}", f"c{n}", at_ns=at, ms=n, error=n == 2) for n in (1, 2, 3))
    )
    (edge,) = hour.map()["edges"]
    assert (edge["client"], edge["server"], edge["connection_type"]) == ("web", "cart", "")
    assert (edge["count"], edge["span_count"], edge["error_count"]) == (3, 3, 2)
    assert edge["rate"] == 3 / 1800
    assert edge["error_ratio"] == 2 / 3
    expected = {"p50_ns": 2, "p95_ns": 2.9, "p99_ns": 2.98}
    for name, ms in expected.items():
        assert edge[name] == pytest.approx(ms * MS, rel=0.01084)
        assert edge[f"client_{name}"] == pytest.approx(10 * ms * MS, rel=0.01084)
    assert hour.nodes() == {"cart": "service", "web": "service"}


def test_ids_of_another_trace_are_no_pair(hour: Hour) -> None:
    hour.callers("web", span("client", "c", "r", trace="one", at_ns=hour.at_ns))
    hour.answers("cart", span("server", "s", "c", trace="two", at_ns=hour.at_ns))
    assert hour.map()["edges"] == []


def test_only_callers_and_answerers_make_edges(hour: Hour) -> None:
    """A server below an internal span, or an internal span below a client, is none."""
    hour.callers(
        "web",
        span("internal", "i", "r", at_ns=hour.at_ns),
        span("client", "c", "r", at_ns=hour.at_ns),
    )
    hour.answers(
        "cart",
        span("server", "s", "i", at_ns=hour.at_ns),
        span("internal", "x", "c", at_ns=hour.at_ns),
    )
    assert hour.map()["edges"] == []


def test_consumer_below_its_producer(hour: Hour) -> None:
    hour.callers("orders", span("producer", "p", "r", at_ns=hour.at_ns, ms=2))
    hour.answers("mail", span("consumer", "k", "p", at_ns=hour.at_ns, ms=30, error=True))
    edges = hour.edges()
    assert list(edges) == [("orders", "mail", "messaging_system")]
    edge = edges["orders", "mail", "messaging_system"]
    assert (edge["count"], edge["error_ratio"]) == (1, 1)
    assert edge["p50_ns"] == pytest.approx(30 * MS, rel=0.01084)
    assert edge["client_p50_ns"] == pytest.approx(2 * MS, rel=0.01084)


def test_consumer_linked_to_its_producers(hour: Hour) -> None:
    """A batch of two messages is two calls; a link to what is also the parent is not one more."""
    at = hour.at_ns
    hour.callers(
        "orders",
        span("producer", "p1", "r", trace="one", at_ns=at),
        span("producer", "p2", "r", trace="two", at_ns=at),
        span("client", "c", "r", trace="three", at_ns=at),
    )
    hour.answers(
        "mail",
        span(
            "consumer",
            "k",
            "p1",
            trace="one",
            at_ns=at,
            links=[("one", "p1"), ("two", "p2"), ("two", "p2"), ("three", "c"), ("lost", "lost")],
        ),
    )
    edges = hour.edges()
    assert list(edges) == [("orders", "mail", "messaging_system")]
    assert edges["orders", "mail", "messaging_system"]["count"] == 2


def test_message_that_nobody_took_goes_to_its_broker(hour: Hour) -> None:
    hour.callers(
        "orders", span("producer", "p", "r", at_ns=hour.at_ns, server__address="kafka.internal")
    )
    hour.answers(
        "mail", span("consumer", "k", trace="two", at_ns=hour.at_ns, network__peer__address="::1")
    )
    assert list(hour.edges()) == [
        ("::1", "mail", "messaging_system"),
        ("orders", "kafka.internal", "messaging_system"),
    ]
    assert hour.nodes() == {
        "::1": "messaging",
        "kafka.internal": "messaging",
        "mail": "service",
        "orders": "service",
    }


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ({"db.namespace": "shop", "db.system.name": "postgresql"}, "shop"),
        ({"db.name": "old", "db.system": "mysql"}, "old"),
        ({"db.system": "redis", "db.system.name": "valkey"}, "redis"),
        ({"db.system.name": "sqlite"}, "sqlite"),
        ({"db.system": "mysql", "server.address": "db1", "peer.service": "main"}, "main"),
        ({"db.system": "mysql", "server.address": "db1", "network.peer.address": "::1"}, "db1"),
        (
            {"db.system": "mysql", "network.peer.address": "10.0.0.1", "network.peer.port": 3306},
            "10.0.0.1:3306",
        ),
        ({"db.namespace": "shop", "network.peer.address": "10.0.0.1"}, "10.0.0.1"),
        ({"db.namespace": "", "db.system": "mysql", "peer.service": ""}, "mysql"),
    ],
    ids=["namespace", "name", "system", "system-name", "peer", "server", "port", "host", "empty"],
)
def test_database_by_what_names_it(hour: Hour, attributes: dict[str, Any], name: str) -> None:
    """Seen by the client alone, whose durations are those of either side."""
    hour.callers("cart", span("client", "q", "r", at_ns=hour.at_ns, ms=4, **attributes))
    (edge,) = hour.map()["edges"]
    assert (edge["client"], edge["server"]) == ("cart", name)
    assert edge["connection_type"] == "database"
    assert edge["p50_ns"] == edge["client_p50_ns"] == pytest.approx(4 * MS, rel=0.01084)
    assert hour.nodes() == {"cart": "service", name: "database"}


def test_who_sends_no_spans_is_a_virtual_node(hour: Hour) -> None:
    """A client that names nobody makes no edge."""
    hour.callers(
        "web",
        span("client", "c1", "r", at_ns=hour.at_ns, server__address="api.example.com", error=True),
        span("client", "c2", "r", at_ns=hour.at_ns),
    )
    hour.answers(
        "cart",
        span("server", "s1", trace="u", at_ns=hour.at_ns, server__address="cart.example.com"),
        span("server", "s2", trace="v", at_ns=hour.at_ns, peer__service="partner"),
        span("server", "s3", "lost", trace="w", at_ns=hour.at_ns),
    )
    edges = hour.edges()
    assert list(edges) == [
        ("partner", "cart", "virtual_node"),
        ("user", "cart", "virtual_node"),
        ("web", "api.example.com", "virtual_node"),
    ]
    assert edges["web", "api.example.com", "virtual_node"]["error_count"] == 1
    assert edges["web", "api.example.com", "virtual_node"]["p95_ns"] is None
    assert edges["user", "cart", "virtual_node"]["client_p95_ns"] is None
    assert edges["user", "cart", "virtual_node"]["count"] == 1
    assert {name for name, kind in hour.nodes().items() if kind == "virtual"} == {
        "api.example.com",
        "partner",
        "user",
    }


def test_one_that_sends_spans_is_a_service_whatever_others_call_it(hour: Hour) -> None:
    hour.callers("web", span("client", "c", "r", at_ns=hour.at_ns, peer__service="cart"))
    hour.answers("cart", span("server", "s", trace="u", at_ns=hour.at_ns))
    assert hour.nodes() == {"cart": "service", "user": "virtual", "web": "service"}


def test_sampled_spans_stand_for_several(hour: Hour) -> None:
    """Both sides of one trace are there where the scarcer one is; of two, by chance of each."""
    at = hour.at_ns
    hour.callers(
        "web",
        span("client", "c1", "r", at_ns=at, trace_state=HALF),
        span("client", "c2", "r", at_ns=at, error=True),
        span("client", "q", "r", at_ns=at, trace_state=QUARTER, db__system="mysql"),
        span("producer", "p", "r", trace="sent", at_ns=at, trace_state=HALF),
    )
    hour.answers(
        "cart",
        span("server", "s1", "c1", at_ns=at, trace_state=QUARTER),
        span("server", "s2", "c2", at_ns=at),
        span("server", "s3", trace="u", at_ns=at, trace_state=HALF),
        span("consumer", "k", trace="took", at_ns=at, trace_state=QUARTER, links=[("sent", "p")]),
    )
    edges = hour.edges()
    assert {key: one["count"] for key, one in edges.items()} == {
        ("user", "cart", "virtual_node"): 2,
        ("web", "cart", ""): 5,
        ("web", "cart", "messaging_system"): 8,
        ("web", "mysql", "database"): 4,
    }
    assert edges["web", "cart", ""]["error_ratio"] == 1 / 5
    assert edges["web", "cart", ""]["span_count"] == 2


def test_a_call_belongs_to_the_range_in_which_its_client_starts(hour: Hour) -> None:
    """Of calls over either end of the range; what is 5 minutes out of it is not seen."""
    start, end, minute = hour.start_ns, hour.end_ns, 60_000 * MS
    times = {
        "before": (start - 1, start),
        "first": (start, start - 4 * minute),
        "last": (end - 1, end + 5 * minute - 1),
        "far": (end - 1, end + 5 * minute),
        "after": (end, end - 1),
    }
    for name, (client_ns, server_ns) in times.items():
        hour.callers(f"{name}-client", span("client", name, "r", trace=name, at_ns=client_ns))
        hour.answers(f"{name}-server", span("server", "s", name, trace=name, at_ns=server_ns))
    hour.answers("root", span("server", "s", trace="u", at_ns=end))
    assert [key[:2] for key in hour.edges()] == [
        ("first-client", "first-server"),
        ("last-client", "last-server"),
    ]


def test_one_service_and_its_neighbours(hour: Hour) -> None:
    at = hour.at_ns
    hour.callers(
        "web",
        span("client", "c1", "r", at_ns=at),
        span("client", "x", "r", at_ns=at, peer__service="y"),
    )
    hour.answers("cart", span("server", "s1", "c1", at_ns=at), span("client", "c2", "s1", at_ns=at))
    hour.answers("stock", span("server", "s2", "c2", at_ns=at))
    found = hour.edges(service="cart")
    assert [key[:2] for key in found] == [("cart", "stock"), ("web", "cart")]
    assert [key[:2] for key in hour.edges(service="y")] == [("web", "y")]
    assert set(hour.nodes(service="cart")) == {"cart", "stock", "web"}


def test_nodes_of_a_known_service_without_calls_and_of_an_unknown_one(tmp_path: Path) -> None:
    with backend(tmp_path) as whole:
        whole.send(spans_request([span("internal", "i")], "lonely"))
        found = whole.get("/api/v1/service-map", {"service": "lonely"})
        assert found["edges"] == []
        assert found["nodes"] == [{"name": "lonely", "type": "service"}]
        assert found["start"] == "2025-12-31T23:00:00.000000000Z"
        problem = whole.problem("/api/v1/service-map", {"service": "lonly"}, status=404)
        assert "'lonely'" in problem or "lonely" in problem
        assert whole.get("/api/v1/service-map")["nodes"] == []


@pytest.mark.parametrize(
    "params", [{"servise": "x"}, {"start": "now", "end": "now-1h"}, {"start": "soon"}]
)
def test_a_wrong_question_is_a_problem(shared: Backend, params: dict[str, str]) -> None:
    assert next(iter(params)) in shared.problem("/api/v1/service-map", params)
