"""Whatever is asked, the server answers, or says what is wrong with the question."""

import json
import logging
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from support.backend import Backend, add_attributes, backend, spans_request
from support.called_spans import span
from support.fake_decoder import START_NS
from support.log_records import logs_request, record
from support.metric_requests import counter, gauge, metric_request, point

from goldeneye import api
from query.api import routers

GENERATED: Final[Any] = {"deadline": None, "database": None, "phases": [Phase.generate]}
# Of each route, and more for each of its parameters.
EXAMPLES, EXAMPLES_MORE = 3, 3
LONGEST_S: Final = 35.0
PROMETHEUS: Final = "/prometheus/"
TRACE: Final = "01" * 16
# 408 and 422 are of questions beyond limits, 503 of those that name a time that is too short.
STATUSES: Final = {200, 400, 404, 408, 422}
TIMES = [
    *[
        "now",
        "now-1h",
        "now+1h",
        "now-1x",
        "now-999999999w",
        "0",
        "-1",
        "1e9",
        "5680281600",
    ],
    *["-2208988800", "-9223372036", "1677-09-21T00:12:43.145224193Z", "2026-02-30T00:00:00Z"],
    *["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999999-23:59", "2026-01-01T00:00:00Z"],
]
DURATIONS = ["0s", "1ns", "300", "1.5h", "-1s", "1h30m", "1e300s", "99999999999h", "1000w", "1ｓ"]
FILTERS = [
    *["k", "k=", "=v", "k exists", "k !exists", "size>1", "size>1e999", "size<NaN", 'k="', '""=x'],
    *[
        "k~(",
        "k~a{1001}",
        "k!~^a",
        "k~\\",
        '"\\ud800"=1',
        "$x=1",
        "/x=1",
        "*=1",
        "a'b=1",
        "k\x00=1",
    ],
    *["service.version=1", "attributes.=1", "resource_attributes.service.name~s.op"],
]
WORDS = [
    *["error", "severity>=warn", "severity>=x", "-", "NOT NOT a", "OR a", "(a", "()", '"a', "/(/"],
    *["//", "k:*", "k:/a{1001}/", "k>NaN", "trace_id:zz", "body:", "*:1", '"\\ud800"', "(" * 2000],
    *[" OR ".join("a" * 65), "a" * 4097, "a\x00b", "İ"],
]
PROMQL = [
    *["up", "up{", "rate(up[5m])", "up @ 1e308", "up @ -9e15", "up offset 290000000y", "up[290y]"],
    *["max_over_time(up[1y:1ms])", r'label_replace(up, "a", "\xff", "", "")', r'"\xff"', "(" * 500],
    *[
        "topk(NaN, up)",
        '{__name__=~"("}',
        '{__name__=~".+"}',
        "1 / 0",
        "-2 ^ NaN",
        "year(up * Inf)",
    ],
    *[
        "quantile(-1, up)",
        "predict_linear(up[1h], 1e308)",
        'count_values("", up)',
        "orders_total % 0",
    ],
]
NONSENSE = [
    *[
        "",
        "0",
        "-1",
        "1",
        "1.5",
        "NaN",
        "-inf",
        "1e400",
        "9223372036854775808",
        "9" * 40,
        "٣",
        "true",
    ],
    *[
        "\x00",
        "a\x00b",
        "ü☃𝒳",
        "\ufffe",
        "'",
        '"',
        "\\",
        "%",
        "{}",
        "{{place}}",
        "$start",
        "?",
        "--",
    ],
    *["\n", " 1 ", "1_000", "0x10", "../../etc/passwd", "//", "*", "a" * 5000],
]
COUNTS = ["0", "1", "1000", "10001"]
RELEASES = ["1", "2"]
LIKELY: Final[Mapping[str, list[str]]] = {
    **dict.fromkeys(("start", "end", "time", "baseline_start", "baseline_end"), TIMES),
    **dict.fromkeys(("step", "compare", "min_duration", "max_duration"), DURATIONS),
    **dict.fromkeys(("max_clock_skew", "lookback_delta"), DURATIONS),
    **dict.fromkeys(("attribute", "baseline_attribute"), FILTERS),
    **dict.fromkeys(("limit", "max_traces"), COUNTS),
    **dict.fromkeys(("version", "baseline_version"), RELEASES),
    "query": WORDS,
    "match[]": ["up", "{", '{__name__=~".+"}', '{a=~"a{1001}"}', "rate(up[5m])"],
    "service": ["shop", "nobody"],
    "operation": ["pay"],
    "kind": ["server", "client"],
    "status": ["error", "unset"],
    "group_by": ["service_name", "version", "size", "$x", "*"],
    "value": ["size", "*"],
    "metric": ["queue", "orders"],
    "q": ["0", "0.5", "1", "1.1"],
    "method": ["exact", "bucketed"],
    "order": ["newest", "oldest", "slowest", "count"],
    "min_severity": ["warn", "24", "25"],
    "trace_id": [TRACE],
    "of": ["value", "rate", "mean"],
    "format": ["json", "otlp"],
    "state": ["open", "regressed"],
    "tolerance": ["0", "0.5", "1", "1e-320"],
}
PLACES: Final[Mapping[str, list[str]]] = {
    "trace_id": [TRACE, "0" * 32, "g" * 32, "1"],
    "service": ["shop", "nobody", "%00", "%2F", "%ff", "☃"],
    "name": ["queue", "orders", "__name__", "%00", "%ff"],
    "fingerprint": ["0" * 16, "..", "%00"],
}


def _routes() -> dict[str, list[str]]:
    """What can be asked, with the names of its parameters; the tail has no end."""
    application = api.app(dict, lambda: None, routers(None))  # type: ignore[arg-type]
    return {
        path: [one["name"] for one in methods["get"].get("parameters", []) if one["in"] == "query"]
        for path, methods in application.openapi()["paths"].items()
        if "get" in methods and not path.endswith("/tail")
    }


ROUTES: Final = _routes()
# What routes that take a form need, and what they take.
NEEDED: Final[Mapping[str, Mapping[str, str]]] = {
    "query": {"query": "up"},
    "query_range": {"query": "up", "start": "1767222000", "end": "1767225600", "step": "60"},
    "query_exemplars": {"query": "up", "start": "0", "end": "1767225600"},
    "series": {"match[]": "up"},
}
FORM: Final = ["query", "query", "query", "time", "start", "end", "step", "lookback_delta"]
LISTS: Final = ["start", "end", "limit", "match[]"]
# 64 bits end there, and what is asked about a little before.
ENDS_OF_TIME: Final = [
    {"start": "-2208988800", "end": "5680281600"},
    {"start": "-2208988800"},
    {"end": "5680281600"},
    {"end": "-2208988800"},
    {"end": "-9223372036"},
    {"start": "now-1h", "end": "9223372036.854775807"},
]


class Complaints(logging.Handler):
    """What the server logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as made:
        for release in ("1", "2"):
            made.send(*_telemetry(release))
            if release == "1":
                made.flush()
        yield made


def _telemetry(release: str) -> list[Any]:
    root = span("server", "pay", trace=release, ms=3, error=True, size=3)
    root.events.add(name="exception", time_unix_nano=root.start_time_unix_nano)
    add_attributes(root.events[0].attributes, {"exception.type": "E", "exception.message": "m"})
    calls = span("client", "call", "pay", release, db__system="sql")
    root.trace_id = calls.trace_id = bytes([int(release)] * 16)
    points = [point(START_NS - n * 10**9, float(n)) for n in range(3)]
    metrics = [gauge("queue", points), gauge("up", points, ""), counter("orders", points)]
    return [
        spans_request([root, calls], service__version=release),
        logs_request([record("error 1", -60, trace=1), record("", -50, 0, "WARN")]),
        *(metric_request(metric) for metric in metrics),
    ]


@pytest.fixture(scope="module")
def cursors(whole: Backend) -> list[str]:
    """Of several lists, and some that none has."""
    found = [
        whole.get(f"/api/v1/{path}", {"limit": 1}).get("next_cursor")
        for path in ("traces", "logs", "metrics", "services/shop/operations")
    ]
    assert all(found)
    return [*found, found[0][:-1], "W10", "bnVsbA", "!"]


@pytest.fixture(scope="module")
def complaints() -> Iterator[list[str]]:
    handler = Complaints()
    logging.getLogger().addHandler(handler)
    yield handler.told
    logging.getLogger().removeHandler(handler)


def _refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is no JSON")


@st.composite
def _questions(draw: st.DrawFn, path: str, cursors: list[str]) -> tuple[str, list[tuple[str, str]]]:
    """An address and few parameters, most of them nearly right: else one hides the others."""
    places = {name: draw(st.sampled_from(PLACES[name])) for name in PLACES if f"{{{name}}}" in path}
    names = _names(path)
    likely = {**LIKELY, "cursor": cursors}
    if path.startswith(PROMETHEUS):
        likely["query"] = PROMQL
    asked = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3)) if names else []
    pairs = [(name, draw(_value(likely.get(name)))) for name in asked]
    needed = NEEDED.get(path.removeprefix(f"{PROMETHEUS}api/v1/"), {})
    pairs += [(name, value) for name, value in needed.items() if name not in asked]
    if draw(st.integers(0, 15)) == 0:
        pairs.append((draw(st.sampled_from(NONSENSE)), "x"))
    return path.format(**places), pairs


def _names(path: str) -> list[str]:
    if ROUTES[path] or not path.startswith(PROMETHEUS):
        return ROUTES[path]
    return FORM if "query" in path else LISTS


def _value(likely: list[str] | None) -> st.SearchStrategy[str]:
    known = st.sampled_from(likely or NONSENSE)
    return st.one_of(*[known] * 8, st.sampled_from(NONSENSE), st.text(max_size=20))


@pytest.mark.parametrize("path", ROUTES)
def test_no_question_breaks_it(
    whole: Backend, cursors: list[str], complaints: list[str], path: str
) -> None:
    number = EXAMPLES + EXAMPLES_MORE * len(_names(path))

    @settings(max_examples=number, derandomize=True, **GENERATED)
    @given(_questions(path, cursors))
    def ask(question: tuple[str, list[tuple[str, str]]]) -> None:
        _ask(whole, complaints, *question)

    ask()


@pytest.mark.parametrize("path", [path for path, names in ROUTES.items() if "end" in names])
def test_neither_do_the_ends_of_time(whole: Backend, complaints: list[str], path: str) -> None:
    places = {name: PLACES[name][0] for name in PLACES}
    for window in ENDS_OF_TIME:
        status = _ask(whole, complaints, path.format(**places), list(window.items()))
        assert status != 422


def _ask(whole: Backend, complaints: list[str], address: str, pairs: list[tuple[str, str]]) -> int:
    complaints.clear()
    began_s = time.monotonic()
    response = whole.client.get(address, params=_encodable(pairs), follow_redirects=True)
    assert time.monotonic() - began_s < LONGEST_S
    assert response.status_code in STATUSES, response.text
    if response.status_code != 200 and not address.startswith(PROMETHEUS):
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["detail"]
    elif "json" in response.headers["content-type"]:
        json.loads(response.content, parse_constant=_refuse)
    assert not complaints
    return response.status_code


def _encodable(pairs: list[tuple[str, str]]) -> Any:
    return [(name, value.encode("utf-8", "replace").decode()) for name, value in pairs]
