"""What is asked of both, and when their answers are the same."""

import itertools
import math
from collections.abc import Iterator
from typing import Any, Final

import orjson
from support.prometheus_data import STEP_S, STEPS

Question = tuple[str, list[tuple[str, str]]]

_OF_WINDOWS: Final = (
    *("rate", "increase", "delta", "irate", "idelta", "deriv", "changes", "resets"),
    *("avg_over_time", "min_over_time", "max_over_time", "sum_over_time", "count_over_time"),
    *("stddev_over_time", "stdvar_over_time", "last_over_time", "present_over_time"),
    *("mad_over_time", "absent_over_time", "first_over_time", "ts_of_max_over_time"),
)
_OF_VECTORS: Final = (
    *("abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sqrt", "sgn", "round", "sort"),
    *("sort_desc", "timestamp", "minute", "day_of_week", "absent", "scalar", "sin", "atanh"),
    *("histogram_count", "histogram_sum", "histogram_avg", "histogram_stddev"),
)
_AGGREGATIONS: Final = ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar")
_COUNTERS: Final = 'http_server_requests_total{job=~"web/.*"}'
_SELECTORS: Final = (
    *("http_server_requests_total", "queue_size_bytes", "utilization_ratio", "strange", "held"),
    *("ended", "rare", "request_duration_seconds_bucket", "no_sum_seconds_bucket", "rpc_time"),
    *("exp_fine_seconds", "exp_plain_seconds", "exp_coarse_seconds"),
    *("scraped_total", "newer", "up", '{"größe_meters"}', '{__name__=~"odd.*"}', "nothing"),
)
_MORE: Final = (
    "1",
    "-1.5e-7",
    "'text'",
    "time()",
    "vector(1e21)",
    "http_server_requests_total offset 2m",
    "http_server_requests_total @ start()",
    "ended offset -1m",
    "sum by (service_name, code) (rate(http_server_requests_total[5m]))",
    "sum by (le) (rate(request_duration_seconds_bucket[5m]))",
    'request_duration_seconds_bucket{le="2.5e+07"}',
    'request_duration_seconds_bucket{le="25000000"}',
    'request_duration_seconds_bucket{le=~".*0"}',
    'no_sum_seconds_bucket{le="5"}',
    'no_sum_seconds_bucket{le="5.0"}',
    'rpc_time{quantile="1"}',
    *(f"histogram_quantile({q}, request_duration_seconds_bucket)" for q in (0, 0.5, 0.99, 1, 2)),
    "histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[5m])))",
    "histogram_quantile(0.9, sum(rate(exp_fine_seconds[5m])))",
    "histogram_quantile(0.9, exp_coarse_seconds)",
    "histogram_fraction(0, 2, rate(exp_plain_seconds[3m]))",
    'histogram_quantiles(exp_plain_seconds, "q", 0, 0.5, 1)',
    "exp_fine_seconds + exp_plain_seconds",
    "sum(exp_fine_seconds) * 2",
    "rate(exp_fine_seconds[5m]) > 0",
    "http_server_requests_total / ignoring (code, http_route) group_left held",
    "http_server_requests_total / on (job) queue_size_bytes",
    "queue_size_bytes and on (job) held",
    "queue_size_bytes or held",
    "queue_size_bytes unless on (job) held{job='cart'}",
    "queue_size_bytes > bool 2",
    "topk(2, http_server_requests_total)",
    "bottomk by (job) (1, http_server_requests_total)",
    "quantile(0.3, http_server_requests_total)",
    "quantile(1e6, http_server_requests_total)",
    "count_values('v', strange)",
    "count_values('v', http_server_requests_total)",
    "label_replace(held, 'x', '$1', 'job', '(.).*')",
    "label_join(held, 'x', '-', 'job', 'service_name')",
    "max_over_time(rate(http_server_requests_total[1m])[5m:30s])",
    "sum_over_time(sum(http_server_requests_total)[3m:])",
    "predict_linear(queue_size_bytes[5m], 60)",
    "quantile_over_time(0.3, queue_size_bytes[5m])",
    "clamp(queue_size_bytes, -1, 3)",
    "limitk(2, http_server_requests_total)",
    "double_exponential_smoothing(queue_size_bytes[5m], 0.3, 0.6)",
    "rate(http_server_requests_total[5m] smoothed)",
    "increase(http_server_requests_total[5m] anchored)",
    "queue_size_bytes + fill (0) ended",
    "rate(queue_size_bytes[5m])",
    "rate(http_server_requests_total[10s])",
    "sum({__name__=~'.+',__name__!='target_info'}) by (__name__)",
    "http_server_requests_total == http_server_requests_total offset 15s",
    "sort_by_label(http_server_requests_total, 'code')",
    "-http_server_requests_total ^ 2 % 7",
    "atan2(1, 2)",
)
_BAD: Final = (
    "",
    "up{",
    "rate(up)",
    "sum(up",
    "up[5m]",
    "nonsense(up)",
    "up + 'x'",
    "{}",
    "{a=''}",
    "1 + on (a) 2",
    "up == up == bool 1",
    'up{a=~"("}',
    "topk(up, 1)",
    "a + on (b) group_left c + d",
    "up offset up",
    "label_replace(up, 'a b', '', '', '(')",
    "label_replace({__name__=~'queue_size_bytes|held'}, '__name__', 'x', '', '')",
    "held / ignoring (job, instance, service_name) held",
    "count_values('', up)",
    "sum by (1) (up)",
    "up @ x",
    "up[1x]",
    "vector('a')",
    "1 and up",
    "up unless bool up",
    "histogram_quantile(up, up)",
    "absent_over_time(up)",
    "up atan2",
    "$x",
    "up\n+\n+",
)


def questions(end_s: int) -> Iterator[Question]:
    """Paths and parameters."""
    at, start = str(end_s - 7), str(end_s - (STEPS - 4) * STEP_S)
    ranged = [("start", start), ("end", str(end_s + 600)), ("step", "37")]
    for query in expressions():
        yield "query", [("query", query), ("time", at)]
        if not query.endswith("]"):
            yield "query_range", [("query", query), *ranged]
    for query in _BAD:
        yield "query", [("query", query), ("time", at)]
        yield "query_range", [("query", query), *ranged]
    for query in (*_MORE, *_BAD, *(f"({one}) + on (job) {one}" for one in _MORE[6:])):
        yield "format_query", [("query", query)]
        yield "parse_query", [("query", query)]
    yield from _lists(start, str(end_s))
    yield from _wrong(at, start)


def expressions() -> Iterator[str]:
    for selector, call in itertools.product(_SELECTORS, _OF_WINDOWS):
        yield f"{call}({selector}[3m])"
    for selector, call in itertools.product(_SELECTORS, _OF_VECTORS):
        yield f"{call}({selector})"
    for selector, call in itertools.product(_SELECTORS, _AGGREGATIONS):
        yield f"{call} by (job) ({selector})"
        yield f"{call} without (code, le) ({selector})"
    for selector in _SELECTORS:
        yield selector
        yield f"{selector}[2m]"
    yield from _MORE
    yield from _windowless()


def _windowless() -> Iterator[str]:
    """Where `target_info` is, but not when: Prometheus makes it by requests, we by time."""
    yield "group(target_info) by (job, host_name)"
    yield "group(held * on (job) group_left (host_name) target_info) by (host_name)"


_MATCHES: Final = (
    *("http_server_requests_total", '{__name__=~".+"}', '{job="cart"}', "up", "nothing"),
    *('{le="2.5"}', '{quantile!=""}', '{job=~"web.*",code!="200"}', "target_info"),
    *("request_duration_seconds_bucket", "exp_fine_seconds", '{"größe_meters"}'),
)


def _lists(start: str, end: str) -> Iterator[Question]:
    times = [("start", start), ("end", end)]
    for match in _MATCHES:
        yield "series", [("match[]", match), *times]
        yield "labels", [("match[]", match), *times]
        yield "label/job/values", [("match[]", match), *times]
        yield "label/__name__/values", [("match[]", match), *times]
        yield "query_exemplars", [("query", match), *times]
    yield "series", [("match[]", "up"), ("match[]", "held"), *times]
    yield "series", [("match[]", "up"), *times, ("limit", "1")]
    for name in ("__name__", "le", "quantile", "code", "a_b", "nothing", "U__a_2e_b", "ünï"):
        yield f"label/{name}/values", times
    yield "labels", times
    yield "labels", [*times, ("limit", "3")]
    yield "metadata", [("metric", "nothing")]
    yield "query_exemplars", [("query", "rate(http_server_requests_total[5m])"), *times]


def _wrong(at: str, start: str) -> Iterator[Question]:
    up = [("query", "up")]
    for time in ("x", "1e400", "-1", "2026-01-01", "2026-01-01T00:00:00Z"):
        yield "query", [*up, ("time", time)]
    for value in ("x", "-1", "0", "1s", "1y2"):
        yield "query", [*up, ("time", at), ("lookback_delta", value)]
        yield "query", [*up, ("time", at), ("limit", value)]
    yield "query", [*up, ("time", at), ("timeout", "1y2")]
    ends = [("start", start), ("end", at)]
    for step in ("x", "0", "-1", "", "0.001", "1m", "1e10", "1e400"):
        yield "query_range", [*up, *ends, ("step", step)]
    yield "query_range", [*up, ("start", at), ("end", start), ("step", "1")]
    yield "query_range", [*up, ("start", "x"), ("end", at), ("step", "1")]
    yield "query_range", [*up, ("start", start), ("end", "x"), ("step", "1")]
    yield "query_range", [*up, ("start", start), ("step", "1")]
    yield "query_range", [*up]
    for path in ("series", "labels", "label/job/values"):
        for match in ("up[5m]", "{}", "up{", "up offset 5m", "rate(up[5m])", '{a=""}', "1"):
            yield path, [("match[]", match)]
        yield path, [("match[]", "up"), ("start", "x")]
        yield path, [("match[]", "up"), ("end", "x")]
        yield path, [("match[]", "up"), ("limit", "x")]
        yield path, [("match[]", "up"), ("limit", "-1")]
        yield path, [("match[]", "up"), ("start", "20"), ("end", "10")]
    yield "series", []
    yield "label/a b/values", []
    yield "label/0/values", []
    yield "query_exemplars", [("query", "up{"), *ends]
    yield "query_exemplars", [("query", "up"), ("start", at), ("end", start)]
    yield "query_exemplars", []
    yield "metadata", [("limit", "x")]
    yield "metadata", [("limit_per_metric", "x")]


def difference(theirs: Any, ours: Any) -> str:
    """Empty where the answers are the same: the order of series and the last three digits of what
    libraries of mathematics reckon are left to each."""
    theirs, ours = _comparable(theirs), _comparable(ours)
    for name in sorted({*theirs, *ours}):
        found = _difference(theirs.get(name), ours.get(name), name)
        if found:
            return found
    return ""


def _comparable(document: Any) -> Any:
    data = document.get("data")
    if isinstance(data, dict) and data.get("resultType") == "vector":
        data = {**data, "result": sorted(data["result"], key=_labels)}
    if isinstance(data, list):
        # A family's name is known before it is known that no point of it has a sum.
        data = [one for one in data if "no_sum_seconds_sum" not in (one, _name(one))]
        data = sorted(data, key=orjson.dumps)
    notes = {name: sorted(document.get(name, ())) for name in ("warnings", "infos")}
    return {**document, **notes, "data": data}


def _name(one: Any) -> Any:
    return one.get("__name__") if isinstance(one, dict) else None


def _labels(one: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted(one["metric"].items())


def _difference(theirs: Any, ours: Any, place: str) -> str:
    if theirs == ours or _near(theirs, ours):
        return ""
    parts: list[tuple[Any, Any, Any]] = []
    if isinstance(theirs, dict) and isinstance(ours, dict) and theirs.keys() == ours.keys():
        parts = [(key, theirs[key], ours[key]) for key in theirs]
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        parts = [(at, *pair) for at, pair in enumerate(zip(theirs, ours, strict=True))]
    found = (_difference(one, other, f"{place}/{key}") for key, one, other in parts)
    told = "" if parts else f"{place}: Prometheus {theirs}, Goldeneye {ours}"
    return next((one for one in found if one), told)


def _near(theirs: Any, ours: Any) -> bool:
    try:
        return math.isclose(float(theirs), float(ours), rel_tol=1e-13)
    except (TypeError, ValueError):
        return False
