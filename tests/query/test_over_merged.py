"""Attributes answer the same before and after their keys got columns, whichever files have them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from support.attributed import PROMOTED, START_NS, compact, opened, send
from support.sql import rows
from support.storage_folder import lake_files

from goldeneye.clock import DAY_NS, ManualClock
from goldeneye.limits import MIB
from goldeneye.schemas import Signal
from otlp_receiver.decoding.values import Map, Value
from query.service import QueryService
from query.settings import QuerySettings
from storage import parquet
from storage.compaction import promotion
from storage.engine import Storage

if not promotion.IS_POSSIBLE:
    pytest.skip("the native core is not installed", allow_module_level=True)

# Values that are told apart only by their types, or are hard to write.
ODD: Final[tuple[Value, ...]] = (
    *("x", "", "1", "null", 'é😀"\\\n\x01', "a\x00b", " "),
    *(1, -(2**63), 2**63 - 1, 0),
    *(1.0, -0.0, 1e-05, 1e16, 1.5e300, 0.1),
    *(True, False, None, [1, "x"], Map({"a": 1}), b"\x00", float("nan")),
)
OPERATORS: Final = ("attributes->>'{}'", "attributes->'{}'", "resource_attributes->>'{}'")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START_NS)


@pytest.fixture
def storage(tmp_path: Path, clock: ManualClock) -> Iterator[Storage]:
    storage = opened(tmp_path, clock)
    yield storage
    storage.close(10)


@pytest.fixture
def service(tmp_path: Path, storage: Storage) -> Iterator[QueryService]:
    given = QuerySettings(tmp_path, 256 * MIB, 1, 20.0, 10_000, 1)
    service = QueryService(given, PROMOTED, storage, ManualClock())
    yield service
    service.close()


def columns(data_dir: Path, table: str = "spans") -> list[set[str]]:
    """The further columns of each file."""
    found = [parquet.read_metadata(path)[1].names for path in lake_files(data_dir, table)]
    return [{name for name in names if "." in name} - {"attributes.shop.number"} for names in found]


def answers(
    service: QueryService, keys: Sequence[str], table: str = "spans"
) -> list[list[list[Any]]]:
    """What each operator finds of each key, row by row; and of the whole objects."""
    reads = ", ".join(operator.format(key) for key in keys for operator in OPERATORS)
    each = rows(service, f"SELECT {reads} FROM {table}")
    whole = rows(service, f"SELECT attributes, resource_attributes FROM {table}")
    members = [[_members(text) for text in row] for row in whole]
    return [sorted(each, key=str), sorted(members, key=str)]


def _members(value: Any) -> list[Any]:
    """In an order of their own: columns come before the rest."""
    return sorted((json.loads(value) if isinstance(value, str) else value).items(), key=str)


def test_every_value_is_read_the_same_from_its_column(
    tmp_path: Path, storage: Storage, service: QueryService, clock: ManualClock
) -> None:
    """A key for each value, so that all of its rows are of one type."""
    keys = [f"k{number}" for number in range(len(ODD))]
    attributes = dict(zip(keys, ODD, strict=True))
    for _ in range(2):
        send(storage, [attributes, {}], attributes)
    before = answers(service, keys)
    compact(storage, clock)
    assert answers(service, keys) == before
    [found] = columns(tmp_path)
    scalars = [key for key, item in attributes.items() if isinstance(item, str | int | float)]
    wanted = {
        f"{prefix}.{key}" for key in scalars for prefix in ("attributes", "resource_attributes")
    }
    assert found == wanted - {
        f"{prefix}.{keys[-1]}" for prefix in ("attributes", "resource_attributes")
    }


@pytest.mark.parametrize(
    ("signal", "stored", "asked"),
    [("logs", "logs", "logs"), ("metrics", "metric_series", "metrics")],
)
def test_records_and_points_answer_the_same_too(
    tmp_path: Path,
    storage: Storage,
    service: QueryService,
    clock: ManualClock,
    signal: Signal,
    stored: str,
    asked: str,
) -> None:
    for number in range(2):
        items = [{"k": item, "own": number, "half": 0.5} for item in ODD]
        send(storage, items, {"k": "here", "rack": number}, signal=signal)
    keys = ["k", "own", "half", "rack", "shop.number"]
    before = answers(service, keys, asked)
    assert len(before[0]) == 2 * len(ODD)
    compact(storage, clock)
    assert answers(service, keys, asked) == before
    names = {
        "attributes.own",
        "attributes.half",
        "resource_attributes.k",
        "resource_attributes.rack",
    }
    assert columns(tmp_path, stored) == [names]


def test_strays_are_found_beside_the_column(
    tmp_path: Path, storage: Storage, service: QueryService, clock: ManualClock
) -> None:
    send(storage, [{"k": 1}, {"k": 2}], {"k": "a"})
    send(storage, [{"k": 3}], {"k": "b"})
    compact(storage, clock)
    assert columns(tmp_path) == [{"attributes.k", "resource_attributes.k"}]
    send(storage, [{"k": item} for item in ODD], {"k": 1.5})
    before = answers(service, ["k"])
    compact(storage, clock)
    assert answers(service, ["k"]) == before
    assert columns(tmp_path) == [{"attributes.k", "resource_attributes.k"}]
    ones = "FROM spans WHERE attributes->>'k' = '1'"
    assert rows(service, f"SELECT count(*), sum((attributes->>'k')::BIGINT) {ones}") == [[3, 3]]


QUESTIONS: Final = (
    "SELECT count(*) FROM spans WHERE attributes->>'shop.kind' = 'a'",
    "SELECT count(*) FROM spans WHERE (attributes->>'shop.price')::DOUBLE > 1.5",
    "SELECT count(*) FROM spans WHERE (attributes->>'shop.count')::BIGINT >= 2",
    "SELECT count(*) FROM spans WHERE (attributes->'shop.new')::BOOLEAN",
    "SELECT attributes->>'shop.kind', count(*) FROM spans GROUP BY ALL ORDER BY ALL",
    "SELECT max((attributes->>'shop.price')::DOUBLE) FROM spans",
    "SELECT count(*) FROM spans WHERE attributes->>'shop.kind' IS NULL",
    "SELECT count(*) FROM spans WHERE resource_attributes->>'shop.site' = 'here'",
)


def shop(number: int) -> dict[str, Value]:
    kinds = {"shop.kind": "abc"[number % 3]} if number % 4 else {}
    return {
        **kinds,
        "shop.price": number / 4,
        "shop.count": number % 5,
        "shop.new": number % 2 == 0,
    }


def test_days_with_and_without_columns_and_rows_in_the_log_answer_together(
    tmp_path: Path, storage: Storage, service: QueryService, clock: ManualClock
) -> None:
    def asked() -> list[Any]:
        return [rows(service, question) for question in QUESTIONS]

    send(storage, [shop(number) for number in range(20)], {"shop.site": "here"})
    send(storage, [shop(number) for number in range(20, 40)], {"shop.site": "there"})
    before = asked()
    compact(storage, clock)
    assert asked() == before
    for numbers in (range(40, 60), range(60, 80)):
        send(storage, [shop(number) for number in numbers], {"shop.site": "here"}, DAY_NS)
    send(storage, [{"other": 1, **shop(80)}], {}, 2 * DAY_NS, flush=False)
    together = asked()
    assert all(new != old for new, old in zip(together, before, strict=True))
    compact(storage, clock)
    assert sorted(map(len, columns(tmp_path))) == [5, 5]
    assert asked() == together


def test_a_merge_without_the_native_core_hides_no_values(
    tmp_path: Path,
    storage: Storage,
    service: QueryService,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(2):
        send(storage, [{"k": "a"}], {})
    compact(storage, clock)
    monkeypatch.setattr(promotion, "IS_POSSIBLE", False)
    send(storage, [{"k": "b"}, {"k": 1}], {"rack": "c"})
    before = answers(service, ["k", "rack"])
    compact(storage, clock)
    assert answers(service, ["k", "rack"]) == before
    assert columns(tmp_path) == [{"attributes.k"}]
    monkeypatch.undo()
    send(storage, [{"k": "c"}], {"rack": "c"})
    before = answers(service, ["k", "rack"])
    compact(storage, clock)
    assert answers(service, ["k", "rack"]) == before
    assert columns(tmp_path) == [{"attributes.k", "resource_attributes.rack"}]


def test_a_question_about_a_dense_key_reads_its_column_alone(
    storage: Storage, service: QueryService, clock: ManualClock
) -> None:
    for _ in range(2):
        send(storage, [shop(number) for number in range(20)], {})
    question = "EXPLAIN SELECT count(*) FROM spans WHERE attributes->>'shop.kind' = 'a'"
    assert "attributes_other" in str(rows(service, question))
    compact(storage, clock)
    plan = str(rows(service, question))
    assert "attributes.shop.kind" in plan
    assert "attributes_other" not in plan


def test_keys_that_differ_by_the_case_of_their_letters_stay_apart(
    tmp_path: Path, storage: Storage, service: QueryService, clock: ManualClock
) -> None:
    for _ in range(2):
        send(storage, [{"shop.KIND": "A", "shop.kind": "a", "SHOP.number": 7}] * 5, {})
    keys = ["shop.KIND", "shop.kind", "SHOP.number"]
    before = answers(service, keys)
    compact(storage, clock)
    assert answers(service, keys) == before
    assert columns(tmp_path) == [{"attributes.shop.KIND"}]
