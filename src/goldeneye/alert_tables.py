"""The alert engine's rows on their way into the storage's tables, and back."""

from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa

from alerting.engine.posting import IDENTITY
from alerting.state.outbox import LakeTable, Line
from goldeneye.on_demand import OnDemand
from goldeneye.schemas import PromotedKeys, table
from goldeneye.sql_files import sql
from query.service import QueryService, SqlQuery
from storage.engine import Storage

_NONE: Final = PromotedKeys({}, {})


class AlertTables:
    """See alerting.engine.posting.Lake; thread-safe."""

    def __init__(self, storage: Storage, service: OnDemand[QueryService]) -> None:
        self._storage = storage
        self._service = service

    def write(self, rows: Mapping[LakeTable, Sequence[Line]]) -> None:
        self._storage.append_rows(
            {
                name: pa.RecordBatch.from_pylist(list(lines), schema=table(name, _NONE))
                for name, lines in rows.items()
            }
        )

    def lines_since(self, name: LakeTable, since_ns: int) -> Sequence[Line]:
        query = SqlQuery(
            sql("goldeneye", f"{name}_since"), {"since_ns": since_ns}, since_ns, format="arrow"
        )
        with self._service.get().run(query) as answer:
            return [_line(row, IDENTITY[name]) for row in answer.table().to_pylist()]


def _line(row: Mapping[str, object], columns: Sequence[str]) -> Line:
    return {column: row[column] for column in columns}
