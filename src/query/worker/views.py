"""The tables that SQL sees, as views over exactly the files and hot rows of one snapshot.

Identifiers come from the schema and from the catalog's column lists, and are quoted; paths and
times are bound (worker/sources.py).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import duckdb

from goldeneye import schemas
from goldeneye.sql_files import sql
from query.analysis.json_object import PREFIXES, attributes_object
from query.analysis.quoting import identifier
from query.analysis.statement import fold
from query.bottlenecks.functions import register
from query.bottlenecks.statement import table_macro
from query.tables import TIME, VIEWS
from query.worker.asked import READ_BY_METRICS
from query.worker.constants import Constants
from query.worker.sources import HOT_SCHEMA, PIECE, Columns, FileGroup, Sources, TableRows

_NO_CONSTANTS: Final[Constants] = {}


def text(name: str) -> str:
    """The SQL of query/sql/<name>.sql."""
    return sql("query", name)


def _shared(name: str) -> str:
    """The SQL of goldeneye/sql/<name>.sql, which the storage runs as well."""
    return sql("goldeneye", name)


class Views:
    """Makes the views. `create_empty` once for a database, then `create` within a transaction."""

    def __init__(
        self,
        database: duckdb.DuckDBPyConnection,
        promoted: schemas.PromotedKeys,
        sources: Sources | None = None,
    ) -> None:
        self.sources = sources or Sources()
        self._types: dict[str, Columns] = {}
        self._columns: dict[str, dict[str, str]] = {}
        self._promotions: dict[str, str] = {}
        for name in schemas.DERIVED_FROM:
            _shared(name)  # Remembered, since after the sandbox closed it cannot be read.
        for table in schemas.STORED_TABLES:
            relation = database.from_arrow(schemas.table(table, promoted).empty_table())
            types = map(str, relation.types)
            self._types[table] = dict(zip(relation.columns, types, strict=True))
            self._promotions[table] = schemas.promotion(relation.columns)

    def create_empty(self, database: duckdb.DuckDBPyConnection) -> None:
        """All tables, without rows: what a query sees of those that it does not read."""
        database.execute(f"CREATE SCHEMA {HOT_SCHEMA}")
        register(database)
        for table in schemas.STORED_TABLES:
            _create(database, table, self._definition(table, TableRows([], None), [], None))
        _create(database, f"{HOT_SCHEMA}.combined_trace_parts", _shared("combined_trace_parts"))
        for view in VIEWS:
            _create(database, view, text(view))
        database.execute(table_macro())
        for table, column, kind in database.execute(text("columns")).fetchall():
            self._columns.setdefault(table, {})[column] = kind

    def create(
        self,
        connection: duckdb.DuckDBPyConnection,
        rows: Mapping[str, TableRows],
        start_ns: int | None,
        end_ns: int | None,
        asked: frozenset[bytes] | None,
    ) -> None:
        """Views over the rows, of those from `start_ns` (inclusive) to `end_ns` (exclusive).

        They have only the columns in `asked` (folded names), where that is not None.
        """
        self.sources.bind(connection, rows, start_ns, end_ns)
        for table, own in rows.items():
            if table in schemas.DERIVED_FROM:
                own = own._replace(hot=rows[schemas.DERIVED_FROM[table]].hot)
            within = _within(table, self.sources, start_ns, end_ns)
            _create(connection, table, self._definition(table, own, within, asked))
        if "metric_series" in rows and (asked is None or asked >= READ_BY_METRICS):
            # It has all columns of what it reads; the other views stay what they are. Where the
            # query does not read it, what it is made of may be missing.
            _create(connection, "metrics", text("metrics"))

    def select(
        self,
        table: str,
        rows: Mapping[str, TableRows],
        sources: Sources,
        times_ns: tuple[int | None, int | None],
        names: Sequence[str] | None,
        constants: Callable[[Sequence[str]], Constants],
        by_piece: bool,
    ) -> str:
        """What `create` would make a view of, over other sources: of the columns of these names,
        and `by_piece` of PIECE.

        Without names, of all that are stored, but for promoted ones without a value; what is
        constant in files is then not read from them.
        """
        own = rows[table]
        if table in schemas.DERIVED_FROM:
            own = own._replace(hot=rows[schemas.DERIVED_FROM[table]].hot)
        within = _within(table, sources, *times_ns)
        if names is not None:
            asked = frozenset(map(fold, names))
            return self._definition(table, own, within, asked, sources, by_piece)
        columns = _with_those_of_files(self._types[table], own.groups)
        filled = {**_unpromoted(columns), **_with_values(columns, own)}
        parts = self._parts(table, filled, own, within, sources, constants)
        return " UNION ALL ".join(parts) or _nothing(filled)

    def columns(self, rows: Mapping[str, TableRows]) -> Mapping[str, Columns]:
        """The columns of all tables and views over these rows."""
        columns: dict[str, Columns] = {**self._columns}
        for table, own in rows.items():
            more = _with_those_of_files({}, own.groups)
            for name in {table, "metrics" if table == "metric_series" else table}:
                columns[name] = {**columns[name], **more}
        return columns

    def unpromoted(self, table: str, rows: TableRows) -> frozenset[str]:
        """Columns whose keys may be in the JSON of some rows, written when they had no column."""
        everything = _with_those_of_files(self._types[table], rows.groups).keys()
        found: set[str] = set()
        for group in rows.groups:
            # Without a single value, a promoted column is left out of a file.
            today = group.promotion == self._promotions[table]
            found |= (
                everything - group.columns.keys() - (self._types[table] if today else {}).keys()
            )
        if rows.hot is not None:
            # These were decoded with today's columns; one that lacks had no value.
            found |= everything - self._types[table].keys()
        return frozenset(found)

    def _definition(
        self,
        table: str,
        rows: TableRows,
        within: Sequence[str],
        asked: frozenset[bytes] | None,
        sources: Sources | None = None,
        by_piece: bool = False,
    ) -> str:
        columns = _with_those_of_files(self._types[table], rows.groups)
        attributes = table in schemas.WITH_ATTRIBUTES and (
            asked is None or any(fold(name) in asked for name in PREFIXES)
        )
        if asked is not None and not attributes:
            columns = _only(columns, asked)
        wanted = [identifier(name) for name in columns]
        if attributes:
            filled = _with_values(columns, rows)
            wanted += (f"{attributes_object(name, filled)} AS {name}" for name in PREFIXES)
        if by_piece:
            columns = {**columns, PIECE: "UBIGINT"}
            wanted.append(PIECE)
        parts = list(self._parts(table, columns, rows, within, sources or self.sources))
        parts = parts or [_nothing(columns)]
        return f"SELECT {', '.join(wanted)} FROM ({' UNION ALL '.join(parts)})"

    def _parts(
        self,
        table: str,
        columns: Columns,
        rows: TableRows,
        within: Sequence[str],
        sources: Sources,
        constants: Callable[[Sequence[str]], Constants] = lambda _: {},
    ) -> Iterator[str]:
        where = f" WHERE {' AND '.join(within)}" if within else ""
        first = 0
        for number, group in enumerate(rows.groups):
            source = sources.files(table, number)
            same = {**constants(group.paths), PIECE: f"{first} + file_index"}
            first += len(group.paths)
            yield _select(columns, group.columns, same) + f" FROM {source}{where}"
        if rows.hot is not None and table in schemas.DERIVED_FROM:
            yield _select(columns, columns) + f" FROM ({_shared(table)}){where}"
        elif rows.hot is not None:
            # Types of hot rows are those of the table, but for dictionaries, which SQL does not
            # see.
            own = {name: columns[name] for name in rows.hot.column_names if name in columns}
            yield _select(columns, own) + f" FROM {HOT_SCHEMA}.{table}{where}"


def _with_values(columns: Columns, rows: TableRows) -> Columns:
    """Those that have a value in some row: most have none, and each costs a query's planning."""
    found = {name for group in rows.groups for name in group.columns}
    if rows.hot is not None:
        hot = zip(rows.hot.column_names, rows.hot.columns, strict=True)
        found |= {name for name, values in hot if values.null_count < len(values)}
    return {name: kind for name, kind in columns.items() if name in found}


def _unpromoted(columns: Columns) -> Columns:
    return {n: k for n, k in columns.items() if not n.startswith(schemas.PROMOTED_PREFIXES)}


def _only(columns: Columns, asked: frozenset[bytes]) -> Columns:
    """Those asked for, or the first, since a view has at least one."""
    found = {name: kind for name, kind in columns.items() if fold(name) in asked}
    return found or dict([next(iter(columns.items()))])


def _with_those_of_files(known: Columns, groups: Sequence[FileGroup]) -> Columns:
    """Files may have columns that were promoted once and are not any more."""
    columns = dict(known)
    for group in groups:
        for name, kind in group.columns.items():
            columns.setdefault(name, kind)
    return columns


def _nothing(columns: Columns) -> str:
    return _select(columns, {}) + " WHERE false"


def _select(columns: Columns, own: Columns, constants: Constants = _NO_CONSTANTS) -> str:
    """All columns in order, NULL where the source has none."""
    return f"SELECT {', '.join(_column(n, k, own, constants) for n, k in columns.items())}"


def _column(name: str, kind: str, own: Columns, constants: Constants) -> str:
    quoted = identifier(name)
    if name in constants or name not in own:
        return f"CAST({constants.get(name, 'NULL')} AS {kind}) AS {quoted}"
    return quoted if own[name] == kind else f"CAST({quoted} AS {kind}) AS {quoted}"


def _within(table: str, sources: Sources, start_ns: int | None, end_ns: int | None) -> list[str]:
    """The conditions of a time range; a day belongs to it where any part of the day does."""
    expression, is_day, column = TIME[table]
    conditions = []
    end = None if end_ns is None else sources.time("end_ns")
    if start_ns is not None:
        start = sources.time("start_ns")
        first = _day(start) if is_day else f"make_timestamp_ns({start})"
        conditions.append(f"{expression} >= {first}")
    if end is not None and is_day:
        conditions.append(f"{expression} <= {_day(f'({end} - 1)')}")
    elif end is not None:
        conditions.append(f"{expression} < make_timestamp_ns({end})")
    if column is not None:
        bounds = [condition.replace(expression, column) for condition in conditions]
        conditions += [f"({bound} OR {column} IS NULL)" for bound in bounds]
    return conditions


def _day(time_ns: str) -> str:
    """Not by a cast of nanoseconds: a day's last half microsecond would be the next day's."""
    return f"CAST(make_timestamp({time_ns} // 1000) AS DATE)"


def _create(connection: duckdb.DuckDBPyConnection, name: str, definition: str) -> None:
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS {definition}")
