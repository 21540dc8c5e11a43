"""Which keys become columns: dense ones of one type, the most frequent first, while there is
room."""

import pytest

from goldeneye.limits import MAX_DENSE_COLUMNS, MAX_DENSE_COLUMNS_OF_DAY
from storage.compaction.dense_keys import Rows, dense_columns
from storage.compaction.room import Room

NONE = frozenset[str]()
EMPTY = Room({}, NONE, NONE, NONE)
ROWS = 1_000


def chosen(counts: dict[str, list[int]], room: Room = EMPTY, present: str = "") -> dict[str, str]:
    rows = {f"attributes.{key}": Rows.of(numbers) for key, numbers in counts.items()}
    found = dense_columns(rows, ROWS, [f"attributes.{present}"], room)
    return {name.removeprefix("attributes."): kind for name, kind in found.items()}


def room(*of_day: str, elsewhere: tuple[str, ...] = (), **types: str) -> Room:
    day, table = ({f"attributes.{key}" for key in keys} for keys in (of_day, elsewhere))
    named = {f"attributes.{key}": kind for key, kind in types.items()}
    return Room(named, NONE, frozenset(day), frozenset(day | table))


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([10, 0, 0, 0, 0], "VARCHAR"),
        ([0, 10, 0, 0, 0], "BIGINT"),
        ([0, 0, 10, 0, 0], "DOUBLE"),
        ([0, 0, 0, 10, 0], "BOOLEAN"),
        ([9, 0, 0, 0, 0], None),
        ([0, 0, 0, 0, 1_000], None),
        ([999, 1, 0, 0, 0], None),
        ([999, 0, 0, 0, 1], None),
        ([0, 0, 0, 0, 0], None),
    ],
)
def test_a_key_of_one_type_in_a_hundredth_of_the_rows(rows: list[int], kind: str | None) -> None:
    assert chosen({"k": rows}).get("k") == kind


@pytest.mark.parametrize(
    ("rows", "kind"),
    [([0, 1_000, 0, 0, 0], None), ([10, 900, 0, 0, 5], "VARCHAR"), ([9, 900, 0, 0, 0], None)],
)
def test_a_type_once_fixed_decides(rows: list[int], kind: str | None) -> None:
    assert chosen({"k": rows}, room(k="VARCHAR")).get("k") == kind


def test_the_most_frequent_come_first_and_equals_by_name() -> None:
    counts = {key: [rows, 0, 0, 0, 0] for key, rows in (("a", 20), ("c", 30), ("b", 20))}
    assert list(chosen(counts)) == ["c", "a", "b"]
    assert list(chosen(counts, present="c")) == ["a", "b"]


def test_a_day_has_no_more_than_so_many() -> None:
    counts = {f"k{number}": [1_000 - number, 0, 0, 0, 0] for number in range(200)}
    assert list(chosen(counts)) == list(counts)[:MAX_DENSE_COLUMNS_OF_DAY]
    full = room(*(f"other{number}" for number in range(MAX_DENSE_COLUMNS_OF_DAY - 1)), "k199")
    assert list(chosen(counts, full)) == ["k199"], "the day has it already"


def test_a_table_has_no_more_than_so_many() -> None:
    counts = {f"k{number}": [1_000 - number, 0, 0, 0, 0] for number in range(10)}
    others = tuple(f"other{number}" for number in range(MAX_DENSE_COLUMNS - 3))
    found = chosen(counts, room("today", elsewhere=(*others, "k9")))
    assert list(found) == ["k0", "k9"], "one more, and one that other days have"


def test_configured_columns_take_no_room() -> None:
    counts = {"k": [1_000, 0, 0, 0, 0]}
    full = room(*(f"other{number}" for number in range(MAX_DENSE_COLUMNS_OF_DAY)))
    configured = Room(full.types, frozenset({"attributes.k"}), full.of_day, full.of_table)
    assert not chosen(counts, full)
    assert list(chosen(counts, configured)) == ["k"]


@pytest.mark.parametrize("key", ["", "é", "a\nb", "\x00", "x" * 200, "tab\t"])
def test_what_is_no_name_for_a_column_stays(key: str) -> None:
    assert not chosen({key: [1_000, 0, 0, 0, 0]})


def test_of_names_that_differ_by_case_one_is_a_column() -> None:
    counts = {"Foo": [500, 0, 0, 0, 0], "foo": [600, 0, 0, 0, 0], "fOO": [400, 0, 0, 0, 0]}
    assert list(chosen(counts)) == ["foo"]
    assert list(chosen(counts, room(Foo="VARCHAR"))) == ["Foo"]
    assert not chosen(counts, present="FOO")


def test_the_service_has_its_column_under_another_name() -> None:
    counts = {"resource_attributes.service.name": Rows.of([0, 1_000, 0, 0, 0])}
    assert not dense_columns(counts, ROWS, [], EMPTY)
