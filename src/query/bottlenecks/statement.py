"""The statement behind the route and the table macro `bottlenecks`: one text, so one answer."""

from typing import Final

from goldeneye.sql_files import sql
from query.asking.statements import filled

DEFAULT_MAX_TRACES: Final = 1_000

# An argument that is not given is NULL.
_MACRO: Final = {
    "spans": "main.spans",
    "entry": "(service IS NULL OR service_name = service) "
    "AND (operation IS NULL OR name = operation)",
    "max_traces": "max_traces",
    "tolerance": "tolerance",
}
_ENTRY: Final = {
    "service": "service_name = $service",
    "operation": "name = $operation",
    "version": "resource_attributes->>'service.version' = $version",
}
_WITHIN: Final = (
    "start_time >= make_timestamp_ns($start_ns)",
    "start_time < make_timestamp_ns($end_ns)",
)


def table_macro() -> str:
    """CREATE MACRO bottlenecks(service, operation, …) AS TABLE."""
    parts = {**_MACRO, "answer": sql("query.bottlenecks", "as_table")}
    body = filled(sql("query.bottlenecks", "bottlenecks"), parts)
    arguments = (
        f"service := NULL, operation := NULL, max_traces := {DEFAULT_MAX_TRACES}, tolerance := 0"
    )
    return f"CREATE MACRO bottlenecks({arguments}) AS TABLE {body}"


def entry_condition(given: dict[str, str]) -> str:
    """Which spans are entries: `given` has some of service, operation and version as keys."""
    return " AND ".join([*_WITHIN, *(_ENTRY[name] for name in given)])


def with_totals(entry: str) -> str:
    """The operations, each with what was examined; `$max_traces`, `$tolerance`, `$examples`."""
    parts = {
        "spans": "spans",
        "entry": entry,
        "max_traces": "$max_traces",
        "tolerance": "$tolerance",
        "answer": sql("query.bottlenecks", "with_totals"),
    }
    return filled(sql("query.bottlenecks", "bottlenecks"), parts)
