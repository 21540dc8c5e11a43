"""What leaves the JSON of attributes for columns, and what stays, by the decoders' own words."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.any_values import VALUES, exact

from goldeneye.schemas import ATTRIBUTE_TYPES
from otlp_receiver.decoding.canonical_json import decode_attributes, encode_attributes
from otlp_receiver.decoding.values import Value
from storage import parquet
from storage.compaction import promotion
from storage.compaction.merge import merged
from storage.compaction.room import Room
from storage.file_metadata import FileMetadata
from storage.partitions import Partition

native = pytest.importorskip("goldeneye_native")
if not promotion.IS_POSSIBLE:
    pytest.skip("the native core is not installed", allow_module_level=True)

KINDS = {str: "string", bool: "bool", int: "int", float: "double"}
NOTHING = Room({}, frozenset(), frozenset(), frozenset())
KEYS = st.sampled_from(["", "k", "$map", 'k\n\x00"\\é', "other", "attributes.x"])
Row = dict[str, Value]
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ROWS = st.lists(st.none() | st.dictionaries(KEYS, VALUES, max_size=5), max_size=6)


def kind(value: Value) -> str:
    """The type whose column takes the value; NaN and infinity have none."""
    found = KINDS.get(type(value), "other")
    return "other" if found == "double" and value - value != 0 else found  # type: ignore[operator]


def objects(rows: Sequence[Row | None]) -> pa.Array:
    return pa.array([encode_attributes(row) if row else None for row in rows], pa.string())


@UNHURRIED
@given(ROWS, st.dictionaries(KEYS, st.sampled_from(list(ATTRIBUTE_TYPES))))
def test_values_of_a_columns_type_leave_and_the_rest_stays_to_the_byte(
    rows: list[Row | None], columns: dict[str, str]
) -> None:
    rest, arrays = native.split(objects(rows), list(columns.items()))
    leaving = [
        {key: value for key, value in (row or {}).items() if columns.get(key) == kind(value)}
        for row in rows
    ]
    staying = [
        {key: value for key, value in (row or {}).items() if key not in taken}
        for row, taken in zip(rows, leaving, strict=True)
    ]
    assert rest.to_pylist() == objects(staying).to_pylist()
    for (key, name), array in zip(columns.items(), arrays, strict=True):
        assert array.type == ATTRIBUTE_TYPES[name]
        wanted = [exact(row[key]) if key in row else None for row in leaving]
        assert [None if v is None else exact(v) for v in array.to_pylist()] == wanted


@UNHURRIED
@given(st.lists(ROWS, max_size=3))
def test_keys_are_counted_by_the_kinds_of_their_values(arrays: list[list[Row | None]]) -> None:
    counter = native.KeyCounts(["certain"])
    for rows in arrays:
        counter.add(objects(rows))
    wanted: dict[str, list[int]] = {"certain": [0] * 5}
    for row in (row for rows in arrays for row in rows if row):
        for key, value in row.items():
            place = ["string", "int", "double", "bool", "other"].index(kind(value))
            wanted.setdefault(key, [0] * 5)[place] += 1
    assert {key: list(rows) for key, rows in counter.counts()} == wanted


def test_only_text_can_be_parted() -> None:
    with pytest.raises(ValueError, match="strings"):
        native.split(pa.array([1]), [])
    with pytest.raises(ValueError, match="type"):
        native.split(pa.array(["{}"]), [("a", "uuid")])


def file(folder: Path, number: int, rows: Sequence[Row], **more: Any) -> Path:
    """A file of spans, as a flush or an earlier merge would have left it."""
    columns = {"attributes_other": objects(rows), **more}
    said = FileMetadata(
        f"{number:012d}-0000",
        "spans",
        "default",
        0,
        0,
        0,
        0,
        0,
        len(rows),
        (),
        "p",
        (number,),
        (),
        (),
    )
    data, _ = parquet.encode(pa.table(columns), said.as_json())
    path = folder / f"{number}.parquet"
    path.write_bytes(data)
    return path


def merge(
    folder: Path, paths: Sequence[Path], types: Mapping[str, str] | None = None
) -> tuple[list[dict[str, Any]], dict[str, str], set[str]]:
    """The merged file's rows, its columns and its strays."""
    room = Room(types or {}, frozenset(), frozenset(), frozenset())
    data, schema, said = merged(paths, "m1", Partition(0, 24), room)
    rows = pa.parquet.read_table(pa.BufferReader(data)).to_pylist()
    return rows, dict(parquet.columns(schema)), set(said.strays)


def test_dense_keys_get_columns_over_all_inputs(tmp_path: Path) -> None:
    first = file(tmp_path, 1, [{"a": "x", "n": 1, "rare": [1]}] * 2)
    second = file(tmp_path, 2, [{"a": "y"}, {}])
    rows, columns, strays = merge(tmp_path, [first, second])
    assert columns == {
        "attributes_other": "VARCHAR",
        "attributes.a": "VARCHAR",
        "attributes.n": "BIGINT",
    }
    assert [row["attributes.a"] for row in rows] == ["x", "x", "y", None]
    assert [row["attributes.n"] for row in rows] == [1, 1, None, None]
    assert [row["attributes_other"] for row in rows] == ['{"rare":[1]}'] * 2 + [None] * 2
    assert not strays


def test_a_value_of_another_type_than_was_fixed_is_a_stray(tmp_path: Path) -> None:
    path = file(tmp_path, 1, [{"a": 1}, {"a": "x"}, {"a": None}])
    rows, columns, strays = merge(tmp_path, [path], {"attributes.a": "BIGINT"})
    assert columns["attributes.a"] == "BIGINT"
    assert [row["attributes.a"] for row in rows] == [1, None, None]
    assert [row["attributes_other"] for row in rows] == [None, '{"a":"x"}', '{"a":null}']
    assert strays == {"attributes.a"}


def test_a_key_of_two_types_stays(tmp_path: Path) -> None:
    path = file(tmp_path, 1, [{"a": 1}, {"a": "x"}])
    _rows, columns, strays = merge(tmp_path, [path])
    assert set(columns) == {"attributes_other"}
    assert not strays


def test_a_column_of_one_input_takes_the_values_of_all(tmp_path: Path) -> None:
    """However rare the key has become."""
    first = file(tmp_path, 1, [{}], **{"attributes.a": ["x"]})
    second = file(tmp_path, 2, [{"b": 1}] * 200 + [{"a": "y", "b": 2}, {"a": 3}])
    rows, _columns, strays = merge(tmp_path, [first, second])
    assert [row["attributes.a"] for row in rows if row["attributes.a"]] == ["x", "y"]
    assert rows[-1]["attributes_other"] == '{"a":3}'
    assert strays == {"attributes.a"}


@settings(UNHURRIED, max_examples=40)  # each is three files
@given(rows=st.lists(st.dictionaries(KEYS, VALUES, max_size=4), min_size=1, max_size=8))
def test_nothing_is_lost(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> None:
    folder = tmp_path_factory.mktemp("files")
    half = len(rows) // 2
    paths = [file(folder, 1, rows[:half]), file(folder, 2, rows[half:])]
    found, _columns, _ = merge(folder, paths)
    prefix = "attributes."
    for row, sent in zip(found, rows, strict=True):
        whole = {
            name.removeprefix(prefix): value
            for name, value in row.items()
            if name.startswith(prefix) and value is not None
        }
        whole |= decode_attributes(row["attributes_other"])
        assert {k: exact(v) for k, v in whole.items()} == {k: exact(v) for k, v in sent.items()}


def test_without_the_native_core_nothing_is_promoted_and_what_is_hidden_is_a_stray(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promotion, "IS_POSSIBLE", False)
    first = file(tmp_path, 1, [{"b": 1}], **{"attributes.a": ["x"], "attributes.c": ["x"]})
    second = file(tmp_path, 2, [{"a": "y"}], **{"attributes.c": ["x"]})
    rows, columns, strays = merge(tmp_path, [first, second])
    assert columns["attributes.a"] == "VARCHAR"
    assert "attributes.b" not in columns
    assert rows[1]["attributes_other"] == '{"a":"y"}'
    assert strays == {"attributes.a"}
