"""Percentiles of a metric: of the values of its points, or of what its histograms counted."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from goldeneye import limits
from goldeneye.errors import InvalidRequest, QueryFailed, QueryOverBudget
from goldeneye.sql_files import sql
from query.asking.filter_sql import Condition, condition
from query.asking.filters import Filter
from query.asking.plain import number, rfc3339
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.metrics.known import known_metric
from query.percentiles.asked import MINUTE_NS, Step
from query.percentiles.grouping import VERSION, attribute_text
from query.percentiles.histograms import Found, of_classic, of_exponential
from query.percentiles.quantiles import Quantiles

# Of cumulative histograms, the point before the range's first is looked for so long before it.
LOOKBACK_NS: Final = 5 * MINUTE_NS
_PACKAGE: Final = "query.percentiles"
_STEP: Final = "(epoch_ns({time}) - $origin_ns) // $step_ns"
_OF_SPANS: Final = ("name", "kind", "status_code")


@dataclass(frozen=True)
class MetricQuestion:
    window: Window
    quantiles: Quantiles
    metric: str
    service: str | None = None
    filters: Sequence[Filter] = ()
    group_by: str | None = None
    step: Step | None = None


def metric_percentiles(reader: Reader, question: MetricQuestion) -> list[dict[str, Any]]:
    """One entry a group and step, in their order. Raises NotFound, QueryFailed."""
    known = known_metric(reader, question.metric, question.service)
    if known.type == "summary":
        raise QueryFailed("percentiles of a summary's quantiles would be none of what it measured")
    found = list((_numbers if known.type in ("gauge", "sum") else _histograms)(reader, question))
    if len(found) > limits.MAX_PERCENTILES:
        raise QueryOverBudget(
            f"there are {len(found)} groups and steps, at most {limits.MAX_PERCENTILES} are "
            "answered: group by what has fewer values, or ask for longer steps"
        )
    found.sort(key=lambda one: (one[0] is None, str(one[0]), one[1]))
    return [_entry(group, step, own, method, question) for group, step, own, method in found]


_One = tuple[Any, int, Found, str]  # group, step, what was found and how


def _numbers(reader: Reader, question: MetricQuestion) -> Iterator[_One]:
    listed = ", ".join(map(repr, question.quantiles.numbers))
    found = _read(reader, "metric_values", question, {"quantiles": f"[{listed}]"}, question.window)
    for row in found.to_pylist():
        own = Found(row["quantiles"], row["count"], 0.0)
        yield row.get("grouped"), row.get("step", 0), own, "exact"


def _histograms(reader: Reader, question: MetricQuestion) -> Iterator[_One]:
    start_ns, end_ns = question.window
    params = {"start_ns": start_ns}
    found = _read(
        reader, "metric_buckets", question, {}, Window(start_ns - LOOKBACK_NS, end_ns), params
    )
    groups = defaultdict(list)
    for row in found.to_pylist():
        groups[row.get("grouped"), row.get("step", 0)].append(row)
    for (group, step), rows in groups.items():
        own = _of_buckets(rows, question.quantiles.numbers)
        if own.measured_count:
            yield group, step, own, "bucketed"


def _of_buckets(rows: list[dict[str, Any]], asked: Sequence[float]) -> Found:
    if rows[0]["side"] is None:
        return of_classic(((row["lower"], row["upper"], row["counted"]) for row in rows), asked)
    buckets = {(row["side"], row["index"]): row["counted"] for row in rows}
    return of_exponential(buckets, rows[0]["scale"], asked)


def _read(
    reader: Reader,
    name: str,
    question: MetricQuestion,
    parts: dict[str, str],
    window: Window,
    more: dict[str, Any] | None = None,
) -> pa.Table:
    filters = condition(question.filters)
    grouped = _grouped(question.group_by)
    params = {"metric": question.metric, "service": question.service, **(more or {})}
    params |= filters.params | grouped.params
    keys = [] if question.group_by is None else ["grouped,"]
    step = "0"
    if question.step is not None:
        params |= {"origin_ns": question.step.origin_ns, "step_ns": question.step.length_ns}
        step = _STEP.format(time="moment")
        keys.append(
            "step," if name == "metric_buckets" else f"{_STEP.format(time='time')} AS step,"
        )
    parts = {
        **parts,
        "filters": filters.sql,
        "grouped": grouped.sql,
        "keys": "\n".join(keys),
        "step": step,
    }
    return reader.table(filled(sql(_PACKAGE, name), parts), params, *window)


def _grouped(by: str | None) -> Condition:
    if by is None:
        return Condition("NULL", {})
    if by in _OF_SPANS:
        raise InvalidRequest(f"group_by: {by} is of spans, not of a metric")
    if by == "service_name":
        return Condition("service_name", {})
    return attribute_text("group_by", "service.version" if by == VERSION else by)


def _entry(
    group: Any, step: int, found: Found, method: str, question: MetricQuestion
) -> dict[str, Any]:
    entry: dict[str, Any] = {} if question.group_by is None else {"group": group}
    if question.step is not None:
        entry["time"] = rfc3339(question.step.origin_ns + step * question.step.length_ns)
    values = zip(question.quantiles.written, found.values, strict=True)
    return {
        **entry,
        "values": {written: number(value) for written, value in values},
        "count": found.measured_count,
        "method": method,
        "relative_error": found.relative_error,
    }
