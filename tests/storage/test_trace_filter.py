"""A filter never denies an id that it was given, rarely admits another, and tells damage."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.trace_filter import (
    TraceFilterBuilder,
    filter_of,
    may_have,
    name_of,
    path_of,
    trace_hash,
)

HEX = st.text("0123456789abcdef", min_size=32, max_size=32)
# Ids as bad SDKs make them: alike but for a few characters.
ALIKE = st.integers(0, 5_000).map(lambda number: f"{number:032x}")
IDS = st.lists(st.none() | HEX | ALIKE, max_size=300)


def written(path: Path, *batches: list[str | None]) -> Path:
    builder = TraceFilterBuilder()
    for ids in batches:
        builder.add(pa.array(ids, pa.string()))
    path.write_bytes(builder.encoded())
    return path


def has(path: Path, *trace_ids: str) -> bool:
    return may_have(path, [trace_hash(trace_id) for trace_id in trace_ids])


def random_ids(count: int, seed: int) -> list[str]:
    data = np.random.default_rng(seed).bytes(16 * count).hex()
    return [data[start : start + 32] for start in range(0, len(data), 32)]


@given(st.lists(IDS, max_size=4))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_id_is_denied_that_was_given(tmp_path: Path, batches: list[list[str | None]]) -> None:
    path = written(tmp_path / "a.traces", *batches)
    for trace_id in (id_ for ids in batches for id_ in ids if id_ is not None):
        assert has(path, trace_id)
        assert has(path, "f" * 32, trace_id)


@pytest.mark.parametrize("count", [1, 40, 5_000, 600_000])
def test_few_others_are_admitted_for_twelve_bits_a_trace(tmp_path: Path, count: int) -> None:
    ids = random_ids(count, 1)
    path = written(tmp_path / "a.traces", ids[: count // 2], ids[count // 2 :])
    assert all(has(path, trace_id) for trace_id in ids[:: max(1, count // 5_000)])
    admitted = sum(has(path, trace_id) for trace_id in random_ids(10_000, 2))
    assert admitted < 200
    sectors = -(-count * 12 // (15 * 256))
    assert path.stat().st_size == 512 * sectors


@pytest.mark.parametrize("count", [5_000])
def test_ids_that_hardly_differ_are_told_apart(tmp_path: Path, count: int) -> None:
    path = written(tmp_path / "a.traces", [f"{number:032x}" for number in range(count)])
    others = [f"{number:032x}" for number in range(count, 3 * count)]
    others += [f"{number << 64:032x}" for number in range(1, count)]
    assert sum(has(path, trace_id) for trace_id in others) < len(others) // 50


def test_repeated_ids_take_no_more_room(tmp_path: Path) -> None:
    ids = random_ids(320, 1)
    path = written(tmp_path / "a.traces", *[ids] * 20)
    assert path.stat().st_size == 512


def test_a_slice_of_a_column_and_columns_in_chunks(tmp_path: Path) -> None:
    ids = random_ids(50, 1)
    builder = TraceFilterBuilder()
    builder.add(pa.chunked_array([pa.array(ids).slice(10, 5), pa.array(ids).slice(40)]))
    path = tmp_path / "a.traces"
    path.write_bytes(builder.encoded())
    assert [has(path, trace_id) for trace_id in ids[10:15] + ids[40:]] == [True] * 15
    assert not has(path, *ids[:10], *ids[15:40])


def test_rows_without_ids_are_in_no_trace(tmp_path: Path) -> None:
    for path in (written(tmp_path / "a.traces"), written(tmp_path / "b.traces", [None, None])):
        assert not has(path, "0" * 32)
        assert path.stat().st_size == 512


def test_ids_of_other_lengths_may_be_anywhere(tmp_path: Path) -> None:
    odd = written(tmp_path / "odd.traces", ["0" * 32, None], ["abc"], ["1" * 32])
    assert has(odd, "f" * 32)
    assert has(odd, "abc")
    assert has(written(tmp_path / "a.traces", ["0" * 32]), "abc")


@pytest.mark.parametrize("at", [0, 300, 480, 484, 488, 492, 500, 508, 511, 512, 1023])
def test_a_changed_byte_is_noticed(tmp_path: Path, at: int) -> None:
    ids = random_ids(500, 1)
    path = written(tmp_path / "a.traces", ids)
    data = bytearray(path.read_bytes())
    assert len(data) == 1024
    data[at] ^= 1
    path.write_bytes(data)
    denied, damaged = [], 0
    for trace_id in ids:
        try:
            denied += [] if has(path, trace_id) else [trace_id]
        except ValueError:
            damaged += 1
    assert denied == []
    assert 0 < damaged < len(ids)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[:512],
        lambda data: data[512:] + data[:512],
        lambda data: data + data[:512],
        lambda data: bytes(len(data)),
    ],
    ids=["empty", "torn", "half", "swapped", "longer", "zeros"],
)
def test_a_filter_that_is_not_whole_is_no_filter(tmp_path: Path, damage: object) -> None:
    path = written(tmp_path / "a.traces", random_ids(500, 1))
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    for trace_id in random_ids(500, 1):
        with pytest.raises(ValueError, match=r"a\.traces"):
            has(path, trace_id)


def test_a_filter_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        has(path_of(tmp_path / "a.parquet"), "0" * 32)


def test_the_filter_of_a_file_is_that_of_its_rows(tmp_path: Path) -> None:
    ids = [*random_ids(3_000, 1), None]
    path, data = tmp_path / "a.parquet", pa.BufferOutputStream()
    pq.write_table(pa.table({"n": range(len(ids)), "trace_id": ids}), data, row_group_size=700)
    path.write_bytes(data.getvalue())
    expected = written(path_of(path), ids).read_bytes()
    assert filter_of(path) == filter_of(data.getvalue()) == expected
    assert name_of(str(path)) == str(path_of(path))
