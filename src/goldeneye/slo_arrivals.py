"""What came late for SLOs, asked of the query layer: one job for all of them."""

from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa

from alerting.slo.arrivals import Arrival, Arrivals, ReadBy
from alerting.slo.model import Promql, Source, Spans
from query.asking.reader import Reader
from query.asking.window import Window
from query.slo.arrived import COLUMNS, arrived
from query.slo.read_by_query import read_by

_SPANS: Final = "spans"


def arrivals(reader: Reader, sources: Sequence[Source], since_ns: int, within: Window) -> Arrivals:
    """Spans by service; a statement may read whatever there is. Raises GoldeneyeError."""
    lookback_ms = reader.promql.lookback_ms
    queries = {one: read_by(one.query, lookback_ms) for one in sources if isinstance(one, Promql)}
    tables = {table for one in queries.values() for table in one.tables}
    if any(isinstance(one, Spans) for one in sources):
        tables.add(_SPANS)
    if any(not isinstance(one, Spans | Promql) for one in sources):
        tables |= COLUMNS.keys()
    by_place = _by_place(arrived(reader, tables, since_ns, within))

    def places_of(names: frozenset[str]) -> frozenset[str]:
        return frozenset(place for place in by_place if place.partition(" ")[0] in names)

    def read(one: Source) -> ReadBy:
        match one:
            case Spans(service=service):
                return ReadBy(frozenset({f"{_SPANS} {service}"}))
            case Promql():
                found = queries[one]
                return ReadBy(places_of(found.tables), found.later_minutes)
            case _:
                return ReadBy(frozenset(by_place))

    return Arrivals(by_place, [read(one) for one in sources])


def _by_place(found: Mapping[str, pa.Table]) -> dict[str, list[Arrival]]:
    """Of spans a place is a service's spans, of others their table."""
    by_place = dict[str, list[Arrival]]()
    for table, rows in found.items():
        names = ("service", "first", "minutes", "received", "row_count")
        columns = (rows.column(name).to_pylist() for name in names)
        for service, first, minutes, received, count in zip(*columns, strict=True):
            place = f"{table} {service}" if table == _SPANS else table
            arrival = Arrival(first, first + minutes, received, count)
            by_place.setdefault(place, []).append(arrival)
    return by_place
