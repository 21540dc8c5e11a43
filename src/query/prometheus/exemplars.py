"""Exemplars of the series that a query selects."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import orjson

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.prometheus.answers import success
from query.prometheus.asked import Asked
from query.prometheus.bad_requests import BadRequest
from query.prometheus.prepared import Context, Prepared, Tables, documented
from query.prometheus.reader import Reader
from query.prometheus.stored.conditions import of_metrics, of_series
from query.prometheus.stored.families import families, of_name
from query.prometheus.stored.series import series_matching
from query.prometheus.stored.span import Span
from query.prometheus.stored.wanted import Wanted
from query.promql.errors import ParseFailure
from query.promql.labels import BUCKET_BOUND, Labels, with_label
from query.promql.matching import passing
from query.promql.naming.exemplar_labels import exemplar_labels
from query.promql.naming.families import Part, bound_text
from query.promql.naming.numbers import api_number, api_time
from query.promql.parsing.parse import parse
from query.promql.samples import Ints
from query.promql.tree import Matcher, Selector, walk
from query.reads import Reads, Statement

_COLUMNS: Final = (
    *("series_id", "name", "time", "received_time"),
    *("exemplars", "explicit_bounds"),
)
# Points come after their exemplars, by the sender's interval.
_LATER_MS: Final = 300_000
_Found = dict[Labels, list[tuple[int, float, dict[str, str]]]]


def query_exemplars(asked: Asked, context: Context) -> Prepared:
    """`/query_exemplars`. Raises PromqlError."""
    start_ms = asked.bound_ms("start") or 0
    end_ms = asked.bound_ms("end")
    if end_ms is None:
        end_ms = context.now_ns // 1_000_000
    if end_ms < start_ms:
        raise BadRequest("end timestamp must not be before start timestamp")
    try:
        node = parse(asked.text("query"))
    except ParseFailure as error:
        raise BadRequest(str(error)) from error
    selectors = {one.matchers: None for one in walk(node) if isinstance(one, Selector)}
    span, tables = Span(start_ms - 1, end_ms + _LATER_MS), Tables()
    tables.add("metric_series", span.days_ns)
    tables.add("metric_points", span.whole_ns)

    def answer(reader: Reader) -> dict[str, Any]:
        found: _Found = {}
        for matchers in selectors:
            _add(reader, span, matchers, found)
        return success(_shown(found, start_ms, end_ms))

    return Prepared(tables, documented(answer), context.timeout_s)


def _shown(found: _Found, start_ms: int, end_ms: int) -> list[dict[str, Any]]:
    shown = []
    for labels, exemplars in sorted(found.items(), key=lambda one: one[0]):
        inside = [one for one in exemplars if start_ms <= one[0] <= end_ms]
        if inside:
            told = [_document(*one) for one in sorted(inside, key=lambda one: one[0])]
            shown.append({"seriesLabels": dict(labels), "exemplars": told})
    return shown


def _document(time_ms: int, value: float, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "labels": labels,
        "value": api_number(value),
        "timestamp": orjson.Fragment(api_time(time_ms)),
    }


def _add(reader: Reader, span: Span, matchers: tuple[Matcher, ...], found: _Found) -> None:
    named = of_name(families(reader, span), matchers)
    if not named:
        return
    for wanted in series_matching(reader, span, named, matchers).values():
        for row in _read(reader, span, wanted):
            one = (row["time_ms"], row["value"], _labels_of(row))
            for labels in _owners(row, wanted):
                if one not in found.setdefault(labels, []):
                    found[labels].append(one)


def _read(reader: Reader, span: Span, wanted: Wanted) -> list[dict[str, Any]]:
    ids: Ints = np.array(list(wanted.series), dtype=np.uint64)
    rows = of_series(of_metrics({o.family.name for o in wanted.series.values()}), ids, wanted.among)
    text = filled(sql("query.prometheus.stored", "exemplars"), {"condition": rows.sql})
    reads = Reads([Statement(text, {"metric_points": _COLUMNS}, rows.params)], *span.whole_ns)
    listed: list[dict[str, Any]] = reader.read(reads)[0].to_pylist()
    return [row for row in listed if row["series_id"] in wanted.series]


def _labels_of(row: dict[str, Any]) -> dict[str, str]:
    attributes = orjson.loads(row["attributes"] or "{}")
    return exemplar_labels(row["trace_id"], row["span_id"], attributes)


def _owners(row: dict[str, Any], wanted: Wanted) -> Iterator[Labels]:
    """The series that the exemplar belongs to: of a histogram that of its bucket."""
    for part, labels in wanted.labels.items():
        own = labels.get(row["series_id"])
        if own is None or part in (Part.SUM, Part.COUNT, Part.QUANTILE):
            continue
        if part is Part.BUCKET:
            bounds = [*(row["explicit_bounds"] or ()), float("inf")]
            bound = bounds[min(bisect_left(bounds, row["value"]), len(bounds) - 1)]
            yield from passing(
                wanted.late[part], [with_label(own, BUCKET_BOUND, bound_text(bound))]
            )
        else:
            yield own
