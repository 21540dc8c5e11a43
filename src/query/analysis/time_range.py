"""Which times and traces of each table a query can see: files without them need not be opened.

Found from comparisons of a table's columns with constants, joined by AND, where a row that
does not fulfil them makes no difference to the answer. What is not understood bounds nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Any, Final, NamedTuple

from goldeneye.clock import DAY_NS
from query.analysis.instants import constant_ns
from query.analysis.parameters import Parameters, Params
from query.analysis.scopes import Origin, Relation, Scope, TableColumns
from query.analysis.statement import Connection, Node, fold, parse
from query.analysis.tables import base_tables
from query.analysis.trace_ids import ALL_TRACES, TraceIds, asked, common, either
from query.analysis.trace_ids import COLUMN as TRACE_ID
from query.analysis.walker import Walker

# The columns by which the catalog knows a file's minimum and maximum, as the views call them.
# `traces` and `critical_path_sections` have none: what makes one of their rows may lie in files of
# other times.
TIME_COLUMNS: Final[Mapping[str, str]] = {
    "spans": "start_time",
    "span_events": "span_start_time",
    "span_links": "span_start_time",
    "logs": "time",
    "metric_points": "time",
    "metrics": "time",
    "metric_series": "day",
    "span_rollups": "minute",
    "trace_parts": "start_time",
    "metric_rollups": "time",
    "slo_minutes": "minute",
    "alert_events": "time",
    "notifications": "time",
}
_MIRRORED: Final[Mapping[str, str]] = {
    "COMPARE_EQUAL": "COMPARE_EQUAL",
    "COMPARE_GREATERTHAN": "COMPARE_LESSTHAN",
    "COMPARE_GREATERTHANOREQUALTO": "COMPARE_LESSTHANOREQUALTO",
    "COMPARE_LESSTHAN": "COMPARE_GREATERTHAN",
    "COMPARE_LESSTHANOREQUALTO": "COMPARE_GREATERTHANOREQUALTO",
}


class TimeRange(NamedTuple):
    """Nanoseconds since the epoch, both ends included; None where there is no bound."""

    min_ns: int | None = None
    max_ns: int | None = None

    def within(self, other: "TimeRange") -> "TimeRange":
        """The times that are in both."""
        low = [bound for bound in (self.min_ns, other.min_ns) if bound is not None]
        high = [bound for bound in (self.max_ns, other.max_ns) if bound is not None]
        return TimeRange(max(low, default=None), min(high, default=None))

    def hull(self, other: "TimeRange") -> "TimeRange":
        """The times from the first to the last that is in either."""
        low, high = (self.min_ns, other.min_ns), (self.max_ns, other.max_ns)
        return TimeRange(
            None if None in low else min(b for b in low if b is not None),
            None if None in high else max(b for b in high if b is not None),
        )


class Wanted(NamedTuple):
    """The rows of a table that matter: those of these times that are in these traces."""

    times: TimeRange = TimeRange()
    trace_ids: TraceIds = ALL_TRACES

    def within(self, other: "Wanted") -> "Wanted":
        """The rows that are in both."""
        trace_ids = common(self.trace_ids, other.trace_ids)
        return Wanted(self.times.within(other.times), trace_ids)

    def hull(self, other: "Wanted") -> "Wanted":
        """All that are in either, and perhaps others."""
        return Wanted(self.times.hull(other.times), either(self.trace_ids, other.trace_ids))

    def as_plan(self) -> tuple[int | None, int | None, list[str] | None]:
        """For query.job.Plan."""
        return (*self.times, None if self.trace_ids is None else sorted(self.trace_ids))


EVERYTHING: Final = Wanted()


def wanted_rows(
    connection: Connection,
    sql: str,
    params: Params,
    tables: Mapping[str, TableColumns],
    now_ns: int,
) -> Mapping[str, Wanted]:
    """For each of the tables that the query reads, the rows beyond which none matters to it.

    `now_ns` is the query's instant, the same as `rewrite` is given. Bounds are exact, to be
    compared with TIMESTAMP_NS values (and with midnight UTC for `metric_series.day`).
    Raises what `statement.parse` raises.
    """
    statement = parse(connection, sql)
    names = {fold(table): table for table in tables}
    read = Counter(fold(ref["table_name"]) for ref in base_tables(statement.root))
    bounds = _Bounds(connection, Parameters.of(params), tables, now_ns)
    try:
        bounds.query(statement.root["node"], None, {})
    except RecursionError:
        return {names[name]: EVERYTHING for name in read if name in names}
    return {names[name]: bounds.wanted(names[name], read[name]) for name in read if name in names}


def wanted_of_stored(
    views: Mapping[str, Wanted], reads: Mapping[str, Iterable[str]]
) -> Mapping[str, Wanted]:
    """The same for the stored tables behind the views: `reads` says which each view reads.

    A series has the time of its day's midnight: the day of the first point is read from there.
    """
    found: dict[str, Wanted] = {}
    for view, rows in views.items():
        for table in reads.get(view, ()):
            wanted, min_ns = rows, rows.times.min_ns
            if table == "metric_series" and min_ns is not None:
                day = rows.times._replace(min_ns=min_ns // DAY_NS * DAY_NS)
                wanted = rows._replace(times=day)
            found[table] = found[table].hull(wanted) if table in found else wanted
    return found


class _Bounds(Walker):
    def __init__(
        self,
        connection: Connection,
        parameters: Parameters,
        tables: Mapping[str, TableColumns],
        now_ns: int,
    ) -> None:
        super().__init__(tables)
        self._connection = connection
        self._parameters = parameters
        self._now_ns = now_ns
        self._read: dict[int, str] = {}
        self._bounds: dict[tuple[int, str], TimeRange] = {}
        self._trace_ids: dict[int, TraceIds] = {}
        self._references: dict[int, list[int]] = {}

    def occurs(self, occurrence: int, table: str) -> None:
        self._read[occurrence] = table

    def referred(self, inner: int, outer: int) -> None:
        self._references.setdefault(inner, []).append(outer)

    def filtered(self, condition: Node, scope: Scope, relations: Iterable[Relation]) -> None:
        sides = list(relations)
        for comparison in _conjuncts(condition):
            self._compare(comparison, scope, sides)
            self._look_up(comparison, scope, sides)

    def wanted(self, table: str, references: int) -> Wanted:
        """The rows of a table that matter, once the whole query was walked.

        `references` counts those in the whole tree: where the walk met fewer, nothing is certain.
        """
        seen = [number for number, name in self._read.items() if name == table]
        if len(seen) < references:
            return EVERYTHING
        column = TIME_COLUMNS.get(table, "")
        return reduce(Wanted.hull, (self._wanted(occurrence, column) for occurrence in seen))

    def _wanted(self, occurrence: int, column: str) -> Wanted:
        """The bounds on an occurrence's own rows, and those that all its readers have in common."""
        own = Wanted(
            self._bounds.get((occurrence, column), TimeRange()),
            self._trace_ids.get(occurrence, ALL_TRACES),
        )
        readers = [self._wanted(reader, column) for reader in self._references.get(occurrence, [])]
        return own.within(reduce(Wanted.hull, readers)) if readers else own

    def _look_up(self, condition: Node, scope: Scope, sides: list[Relation]) -> None:
        found = asked(condition, self._parameters)
        origin = self._origin(found[0], scope, sides) if found is not None else None
        if found is not None and origin is not None and origin.column == TRACE_ID:
            before = self._trace_ids.get(origin.occurrence, ALL_TRACES)
            self._trace_ids[origin.occurrence] = common(before, found[1])

    def _compare(self, node: Node, scope: Scope, sides: list[Relation]) -> None:
        if node["class"] == "BETWEEN" and node["type"] == "COMPARE_BETWEEN":
            at_least, at_most = "COMPARE_GREATERTHANOREQUALTO", "COMPARE_LESSTHANOREQUALTO"
            self._bound(node["input"], at_least, node["lower"], scope, sides)
            self._bound(node["input"], at_most, node["upper"], scope, sides)
        elif node["class"] == "COMPARISON" and node["type"] in _MIRRORED:
            self._bound(node["left"], node["type"], node["right"], scope, sides)
            self._bound(node["right"], _MIRRORED[node["type"]], node["left"], scope, sides)

    def _bound(
        self, column: Node, operator: str, value: Node, scope: Scope, sides: list[Relation]
    ) -> None:
        origin = self._origin(column, scope, sides)
        if origin is None or origin.column not in TIME_COLUMNS.values():
            return
        instant = constant_ns(self._connection, value, scope, self._parameters, self._now_ns)
        if instant is not None:
            key = (origin.occurrence, origin.column)
            bound = _one_sided(operator, instant, origin.column)
            self._bounds[key] = self._bounds.get(key, TimeRange()).within(bound)

    def _origin(self, column: Node, scope: Scope, sides: list[Relation]) -> Origin | None:
        """The column of a table that the expression is, where its condition bounds the rows."""
        resolved = scope.resolve(column["column_names"]) if _is_reference(column) else None
        if resolved is None or not any(resolved[1] is side for side in sides):
            return None
        return resolved[2] if resolved[2].row_wise else None


def _is_reference(node: Node) -> bool:
    return bool(node["class"] == "COLUMN_REF")


def _one_sided(operator: str, instant_ns: int, column: str) -> TimeRange:
    # Both ends stay included: that a bound is exclusive saves no file worth a special case.
    # DuckDB may compare a day with the day of the instant instead of with the instant.
    start_ns = instant_ns // DAY_NS * DAY_NS if column == "day" else instant_ns
    at_least = None if "LESSTHAN" in operator else start_ns
    at_most = None if "GREATERTHAN" in operator else instant_ns
    return TimeRange(at_least, at_most)


def _conjuncts(condition: Any) -> Iterator[Node]:
    if condition["type"] == "CONJUNCTION_AND":
        for child in condition["children"]:
            yield from _conjuncts(child)
    else:
        yield condition
