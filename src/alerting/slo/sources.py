"""Where an indicator's numbers come from: `metricSource` and what is inside it."""

from typing import Final

import promql_parser

from alerting.documents.entry import Entry
from alerting.slo.fields import span_filter
from alerting.slo.model import Promql, Source, Spans, Sql
from alerting.slo.span_filter import KINDS

SOURCES: Final = ("spans", "promql", "sql")


def metric_source(entry: Entry) -> Source:
    """The value of `metricSource`. Raises ConfigurationError."""
    found = entry.fields(("metricSourceRef", "type", "spec"))
    if "type" not in found:
        entry.fail("type is missing: Prometheus or goldeneye; no data sources can be named")
    if "spec" not in found:
        entry.fail("spec is missing")
    if found["type"].one_of(("Prometheus", "goldeneye")) == "Prometheus":
        return promql(found["spec"].fields(("query",), ("query",))["query"])
    return goldeneye(found["spec"])


def goldeneye(entry: Entry) -> Source:
    """A mapping with one of `spans`, `promql` and `sql`."""
    found = entry.fields(SOURCES)
    if len(found) != 1:
        entry.fail("exactly one of spans, promql and sql is expected")
    kind, value = next(iter(found.items()))
    if kind == "spans":
        return spans(value)
    return promql(value) if kind == "promql" else Sql(value.text(), value.problem(""))


def promql(entry: Entry) -> Promql:
    query = entry.text()
    try:
        promql_parser.parse(query)
    except ValueError as error:
        entry.fail(f"is no PromQL: {error}")
    return Promql(query)


def spans(entry: Entry, service: str | None = None) -> Spans:
    """`service` is taken where the mapping has none."""
    found = entry.fields(
        ("service", "operation", "kind", "filter"), () if service else ("service",)
    )
    return Spans(
        found["service"].text() if "service" in found else service or "",
        found["operation"].text() if "operation" in found else None,
        found["kind"].one_of(KINDS) if "kind" in found else None,
        span_filter(found["filter"]) if "filter" in found else None,
    )
