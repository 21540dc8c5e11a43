from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
from support.fake_decoder import START_NS, rows
from support.storage_folder import abandon, column, numbers, opened

from goldeneye.decoded import BodyResult, Decoded, Group
from storage.identities import Identities, other_id
from storage.series_index import SeriesIndex

DAY = START_NS // 86_400_000_000_000
DAY_NS = 86_400_000_000_000


def series(*given: tuple[int, int, int]) -> pa.RecordBatch:
    """(id, check, day)"""
    ids, checks, days = zip(*given, strict=True)
    return rows(
        "metric_series",
        {
            "series_id": list(ids),
            "series_check": list(checks),
            "day": list(days),
            "name": [f"{check}" for check in checks],
        },
    )


def points(*given: tuple[int, int]) -> pa.RecordBatch:
    """(id, day)"""
    return rows(
        "metric_points",
        {
            "series_id": [id_ for id_, _ in given],
            "time": [day * DAY_NS + 5 for _, day in given],
            "received_time": [START_NS] * len(given),
            "value_int": list(range(len(given))),
        },
    )


def index(*known: tuple[int, int]) -> SeriesIndex:
    """One that finds these (id, check) in files of DAY."""

    def load(tenant: str, day: int) -> Identities:
        found = Identities()
        if day == DAY and tenant == "default":
            found.add(np.array([k[0] for k in known], "u8"), np.array([k[1] for k in known], "u8"))
        return found

    return SeriesIndex(load)


def ids(batch: pa.RecordBatch) -> list[int]:
    return list(batch.column("series_id").to_pylist())


def test_a_series_keeps_its_first_row_of_a_day() -> None:
    found = index((1, 10))
    new, _ = found.admit(1, "default", series((1, 10, DAY), (2, 20, DAY)), points((1, DAY)))
    assert ids(new) == [2]
    new, _ = found.admit(1, "default", series((2, 20, DAY), (2, 20, DAY + 1)), points((2, DAY)))
    assert new.column("day").cast(pa.int32()).to_pylist() == [DAY + 1]
    new, _ = found.admit(1, "other", series((1, 10, DAY)), points((1, DAY)))
    assert ids(new) == [1]


def test_a_generation_does_not_rely_on_another_that_is_unwritten() -> None:
    found = index()
    found.admit(1, "default", series((1, 10, DAY)), points((1, DAY)))
    new, _ = found.admit(2, "default", series((1, 10, DAY)), points((1, DAY)))
    assert ids(new) == [1]
    table = pa.Table.from_batches([new])
    assert found.unwritten("default", table).num_rows == 1
    found.written(1, [(("default", DAY), np.array([1], "u8"), np.array([10], "u8"))])
    assert found.unwritten("default", table).num_rows == 0


def test_an_equal_id_of_another_identity_is_replaced_in_series_and_points() -> None:
    found = index((1, 10))
    new, rewritten = found.admit(
        1, "default", series((1, 11, DAY), (3, 30, DAY)), points((1, DAY), (3, DAY), (1, DAY + 1))
    )
    other = other_id(1, 11, 1)
    assert ids(new) == [other, 3]
    assert ids(rewritten) == [other, 3, 1]
    # Again, in another generation, while the first is still unwritten: the same id.
    new, rewritten = found.admit(2, "default", series((1, 11, DAY)), points((1, DAY)))
    assert (ids(new), ids(rewritten)) == ([other], [other])


def test_an_identity_that_is_unwritten_counts_as_well() -> None:
    found = index()
    found.admit(1, "default", series((1, 10, DAY)), points((1, DAY)))
    new, _ = found.admit(2, "default", series((1, 11, DAY)), points((1, DAY)))
    assert ids(new) == [other_id(1, 11, 1)]


def test_where_the_other_id_is_taken_there_is_a_further_one() -> None:
    found = index((1, 10), (other_id(1, 11, 1), 99))
    new, _ = found.admit(1, "default", series((1, 11, DAY)), points((1, DAY)))
    assert ids(new) == [other_id(1, 11, 2)]


def test_an_unknown_check_equals_any() -> None:
    found = index((1, 0))
    new, rewritten = found.admit(1, "default", series((1, 11, DAY)), points((1, DAY)))
    assert (ids(new), ids(rewritten)) == ([], [1])


def commit(storage, *given: tuple[int, int, int]) -> None:  # type: ignore[no-untyped-def]
    batches = {
        "metric_series": series(*given),
        "metric_points": points(*((id_, day) for id_, _, day in given)),
    }
    decoded = Decoded(batches, [BodyResult(len(given))])
    storage.commit([Group("default", "metrics", "json", [b"[]"], [START_NS], decoded)])


def test_collisions_are_recognised_after_a_restart(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    commit(storage, (1, 10, DAY))
    storage.close(10)
    storage = opened(tmp_path)
    commit(storage, (1, 11, DAY), (2, 20, DAY))
    commit(storage, (1, 10, DAY))
    storage.flush()
    other = other_id(1, 11, 1)
    assert numbers(storage, "metric_series") == Counter([1, other, 2])
    assert Counter(column(storage, "metric_points", "series_id")) == Counter([1, other, 2, 1])
    assert "series_check" not in dict(storage.snapshot("default").files[0].columns)
    abandon(storage)


def test_hot_rows_have_no_helper_columns(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    commit(storage, (1, 10, DAY))
    for chunk in storage.snapshot("default").hot:
        from support.storage_folder import hot_rows

        assert "series_check" not in hot_rows(chunk.fd()).column_names
    storage.close(10)
