"""The native core derives what the SQL derives."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.derived_model import PROMOTED

from goldeneye import schemas
from goldeneye.schemas import DERIVED_FROM
from storage import native_derivation, parquet
from storage.derived import READ, Deriver
from storage.native_derivation import NativeDeriver

pytestmark = pytest.mark.skipif(not native_derivation.IS_POSSIBLE, reason="no native core")
TENANT = "default"
SQL = Deriver()
SCHEMA = pa.schema([schemas.hot("spans", PROMOTED).field(name) for name in READ])
MOST = 2**63 - 1
WORD = st.sampled_from(["", "a", "b", "é", "\x00", "𝄞", "shop"])
ID = st.sampled_from(["00", "01", "a0", "ff"])
TIME = st.one_of(
    st.integers(0, 3 * 60 * 10**9),
    st.sampled_from([-MOST, -(60 * 10**9) - 1, -1, 0, MOST - 1, MOST]),
)
MEMBER = st.sampled_from(
    [
        *("ot=th:8", " ot=rv:1;th:c ", "ot=th:c;th:x", "\tot=th:fffffffffffffe", "ot=th:", ""),
        *("xot=th:8", "ot=th:123456789abcdef", "a=b", "ot=;th:4\n", "ot =th:8", "ot=th:0 ;a"),
    ]
)
ROW = st.fixed_dictionaries(
    {
        "trace_id": st.none() | ID,
        "span_id": st.none() | ID,
        "parent_span_id": st.none() | ID,
        "trace_state": st.none() | st.lists(MEMBER, max_size=3).map(",".join),
        "service_name": st.none() | WORD,
        "name": st.none() | WORD,
        "kind": st.none() | WORD,
        "status_code": st.sampled_from([None, "error", "ok"]),
        "start_time": st.none() | TIME,
        "end_time": st.none() | TIME,
        "duration_ns": st.none() | st.integers(-2, 70) | st.integers(0, MOST),
        "received_time": TIME,
    }
)
Row = dict[str, Any]


def spans(batches: list[list[Row]]) -> pa.Table:
    return pa.Table.from_batches(
        [pa.RecordBatch.from_pylist(rows, schema=SCHEMA) for rows in batches], SCHEMA
    )


def said(deriver: Any, rows: pa.Table) -> dict[str, list[Any]]:
    """Each derived table's rows, in an order of their own; times are numbers."""
    found = deriver.derived({(TENANT, "spans"): (rows, frozenset())})
    return {name: _rows(found[TENANT, name][0]) for name in DERIVED_FROM}


def _rows(table: pa.Table) -> list[Any]:
    times = [n for n, kind in enumerate(table.schema.types) if pa.types.is_timestamp(kind)]
    for n in times:
        table = table.set_column(n, table.column_names[n], table.column(n).cast(pa.int64()))
    return sorted((tuple(row.items()) for row in table.to_pylist()), key=repr)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(ROW, max_size=12), max_size=3))
def test_rows_are_those_of_the_sql(batches: list[list[Row]]) -> None:
    rows = spans(batches)
    assert said(NativeDeriver(), rows) == said(SQL, rows)


def test_traces_of_many_services_have_each_once() -> None:
    row = dict.fromkeys(READ) | {"trace_id": "a", "received_time": 1}
    rows = spans([[row | {"service_name": f"{n % 100:03}"} for n in range(300)]])
    services = dict(said(NativeDeriver(), rows)["trace_parts"][0])["services"]
    assert services == [f"{n:03}" for n in range(100)]


@pytest.mark.parametrize("name", DERIVED_FROM)
@pytest.mark.parametrize("count", [0, 1])
def test_columns_are_those_of_the_sql(name: str, count: int) -> None:
    row = dict.fromkeys(READ) | {"trace_id": "a", "received_time": 1}
    given_rows = {(TENANT, "spans"): (spans([[row] * count]), frozenset[str]())}
    columns = [
        parquet.columns(deriver.derived(given_rows)[TENANT, name][0].schema)
        for deriver in (NativeDeriver(), SQL)
    ]
    assert columns[0] == columns[1]


def test_other_tables_are_not_derived_from() -> None:
    assert NativeDeriver().derived({(TENANT, "logs"): (spans([]), frozenset())}) == {}


def test_many_rows_are_taken_in_parts_that_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_derivation, "_MOST_ROWS", 2)
    row = dict.fromkeys(READ) | {"trace_id": "a", "received_time": 1}
    rows = spans([[row | {"service_name": f"{n}"} for n in range(5)]])
    found = said(NativeDeriver(), rows)
    assert sorted(dict(part)["span_count"] for part in found["trace_parts"]) == [1, 2, 2]
    assert [dict(part)["service_name"] for part in found["span_rollups"]] == list("01234")
