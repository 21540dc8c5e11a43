"""The rows of a running query, taken in batches up to a bound, and worked on by expressions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import duckdb
import pyarrow as pa
from duckdb.sqltypes import DuckDBPyType

_BATCH_ROWS: Final = 20_480

# (type, expression of the value) -> expression
Expression = Callable[[DuckDBPyType, str], str]
# Expressions of all columns' texts -> expressions of what is wanted
Whole = Callable[[Sequence[str | None]], Sequence[str]]
# What the answer says of itself beside its rows, once they are written.
Facts = Callable[[], Mapping[str, Any]]


class Rows:
    """At most `max_rows` of a query's rows; `row_count` and `truncated` hold once all are read.

    `database` is another connection than the query's, to which it is busy until the end.
    """

    def __init__(
        self, query: duckdb.DuckDBPyRelation, database: duckdb.DuckDBPyConnection, max_rows: int
    ) -> None:
        self.names: Sequence[str] = query.columns
        self.types: Sequence[DuckDBPyType] = query.types
        self.row_count = 0
        self.truncated = False
        self._query = query
        self._database = database
        self._max_rows = max_rows

    def projected(self, expression: Expression, whole: Whole) -> Iterator[pa.Table]:
        """Tables with a column for each expression that `whole` makes; at least one, if empty.

        It is given the expression over each column, which has to be NULL for NULL, and None for
        columns without a value: most columns of a table have none, and each costs planning.
        """
        for table in self._tables():
            columns = zip(self.types, table.column_names, table.columns, strict=True)
            texts = [_text(expression, *column) for column in columns]
            selected = ", ".join(f"{e} AS e{number}" for number, e in enumerate(whole(texts)))
            self._database.register("answer", table)
            yield self._database.sql(f"SELECT {selected} FROM answer").to_arrow_table()

    def changed(self, expressions: Mapping[int, str]) -> Iterator[pa.Table]:
        """Tables with an expression over `columns` in place of those of these numbers."""
        numbers = list(expressions)
        selected = ", ".join(f"{e} AS c{number}" for number, e in expressions.items())
        for table in self._tables():
            if numbers:
                self._database.register("answer", table.select(numbers))
                new = self._database.sql(f"SELECT {selected} FROM answer").to_arrow_table()
                for at, number in enumerate(numbers):
                    table = table.set_column(number, new.field(at), new.column(at))
            yield table

    def _tables(self) -> Iterator[pa.Table]:
        reader: Any = self._query.to_arrow_reader(_BATCH_ROWS)
        names = [f"c{number}" for number in range(len(self.names))]
        schema = pa.schema([f.with_name(n) for f, n in zip(reader.schema, names, strict=True)])
        try:
            for batch in reader:
                left = self._max_rows - self.row_count
                self.truncated = batch.num_rows > left
                batch = batch.slice(0, left)
                self.row_count += batch.num_rows
                yield pa.table(batch.columns, schema=schema)
                if self.truncated:
                    return
            if self.row_count == 0:
                yield schema.empty_table()
        finally:
            reader.close()


def _text(
    expression: Expression, kind: DuckDBPyType, name: str, values: pa.ChunkedArray
) -> str | None:
    """The expression over a column; a simple one where it would be costly for nothing."""
    if values.null_count == len(values):
        return None
    if kind.id == "list" and all(chunk.offsets[0] == chunk.offsets[-1] for chunk in values.chunks):
        return f"CASE WHEN {name} IS NOT NULL THEN '[]' END"
    return expression(kind, name)
