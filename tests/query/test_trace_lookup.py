"""A question for a trace opens the files that may have it, and answers as if it opened all."""

# Queries read best in one line, however long.
# ruff: noqa: E501

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.fake_decoder import PROMOTED, START_NS
from support.sql import answer
from support.traced import opened_traced, trace_of, traced

from goldeneye.clock import ManualClock
from goldeneye.limits import MIB
from goldeneye.snapshot import FileEntry
from query.service import QueryService
from query.settings import QuerySettings
from storage.engine import Storage
from storage.tenant_snapshot import TenantSnapshot

FLUSHED = [[0, 1, 2, 3], [5, 6, 20], [40, 41, 42], [4, 8, 9]]
HOT = [10, 43]
A, B, HOT_ONLY, NOWHERE = trace_of(1), trace_of(5), trace_of(43), "f" * 32
N = "(attributes->>'shop.number')::BIGINT"


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    storage = opened_traced(tmp_path_factory.mktemp("data"))
    for numbers in FLUSHED:
        storage.commit([traced(numbers), traced(numbers, "logs"), traced(numbers, "metrics")])
        assert storage.flush()
    storage.commit([traced(HOT), traced(HOT, "logs")])
    yield storage
    storage.close(10)


@pytest.fixture(scope="module")
def service(storage: Storage) -> Iterator[QueryService]:
    settings = QuerySettings(storage._folders.data_dir, 256 * MIB, 2, 20.0, 1_000, 1)
    service = QueryService(settings, PROMOTED, storage, ManualClock(START_NS))
    yield service
    service.close()


QUESTIONS: list[tuple[str, Any, int]] = [
    (f"SELECT {N} FROM spans WHERE trace_id = '{A}'", None, 1),
    (f"SELECT {N} FROM spans WHERE trace_id = '{B}'", None, 2),
    (f"SELECT {N} FROM spans WHERE trace_id IN ('{A}', '{B}')", None, 3),
    (f"SELECT {N} FROM spans WHERE trace_id = '{HOT_ONLY}'", None, 1),
    (f"SELECT {N} FROM spans WHERE trace_id = '{NOWHERE}'", None, 0),
    (f"SELECT count(*) FROM spans WHERE trace_id = '{NOWHERE}'", None, 0),
    (f"SELECT {N} FROM spans WHERE trace_id = ? AND start_time < now() + INTERVAL 1 DAY", [A], 1),
    (f"SELECT {N} FROM spans WHERE trace_id = $id", {"id": B}, 2),
    (f"SELECT {N} FROM spans WHERE trace_id = '{A}' AND start_time < '2020-01-01'", None, 0),
    (f"SELECT {N} FROM spans WHERE trace_id = '{A}' OR {N} = 41", None, 4),
    (f"SELECT {N} FROM spans WHERE NOT (trace_id = '{A}')", None, 4),
    (f"SELECT {N} FROM spans WHERE (trace_id = '{A}') IS NOT TRUE", None, 4),
    ("SELECT count(*) FROM spans WHERE trace_id IS NULL", None, 4),
    (f"SELECT {N} FROM spans WHERE upper(trace_id) = '{A}'", None, 4),
    (
        f"SELECT {N} FROM spans WHERE trace_id IN (SELECT trace_id FROM logs WHERE trace_id = '{A}')",
        None,
        5,
    ),
    (f"SELECT {N} FROM logs WHERE trace_id = '{B}'", None, 2),
    (
        f"SELECT s.name, l.body FROM spans s JOIN logs l ON l.trace_id = s.trace_id WHERE s.trace_id = '{A}' AND l.trace_id = '{A}'",
        None,
        2,
    ),
    (f"SELECT count(*) FROM spans s JOIN logs l USING (trace_id) WHERE trace_id = '{A}'", None, 8),
    (f"SELECT count(*) FROM spans s LEFT JOIN logs l ON l.trace_id = '{A}'", None, 5),
    (
        f"WITH one AS (SELECT * FROM spans WHERE trace_id = '{A}') SELECT count(*) FROM one, one AS two",
        None,
        1,
    ),
    (
        f"WITH all_spans AS (FROM spans) SELECT count(*) FROM all_spans WHERE trace_id = '{A}'",
        None,
        1,
    ),
    (f"SELECT count(*) FROM (FROM spans LIMIT 3) WHERE trace_id = '{NOWHERE}'", None, 4),
    (f"SELECT trace_id, count(*) FROM spans GROUP BY 1 HAVING trace_id = '{A}'", None, 4),
    (f"SELECT count(*) FROM span_events WHERE trace_id = '{A}'", None, 1),
    (f"SELECT count(*) FROM span_links WHERE linked_trace_id = '{A}'", None, 4),
    (f"SELECT trace_id, span_count FROM traces WHERE trace_id = '{B}'", None, 2),
    (f"SELECT count(*) FROM metric_points, spans WHERE trace_id = '{A}'", None, 5),
]


@pytest.mark.parametrize(("sql", "params", "files_read"), QUESTIONS, ids=range(len(QUESTIONS)))
def test_answers_are_those_of_all_files(
    service: QueryService,
    monkeypatch: pytest.MonkeyPatch,
    sql: str,
    params: Any,
    files_read: int,
) -> None:
    found = answer(service, sql, params=params)

    def unfiltered(
        self: TenantSnapshot, files: Sequence[FileEntry], trace_ids: Collection[str]
    ) -> Sequence[FileEntry]:
        return files

    monkeypatch.setattr(TenantSnapshot, "files_with_traces", unfiltered)
    everything = answer(service, sql, params=params)
    assert sorted(found["rows"], key=repr) == sorted(everything["rows"], key=repr)
    assert found["columns"] == everything["columns"]
    assert found["files_read"] == files_read <= everything["files_read"]


def test_rows_in_files_and_rows_that_are_hot(service: QueryService) -> None:
    trace_id = trace_of(8)
    sql = f"SELECT {N} FROM spans WHERE trace_id = '{trace_id}' ORDER BY 1"
    assert answer(service, sql)["rows"] == [[8], [9], [10]]


def test_files_of_other_traces_are_not_touched(service: QueryService, storage: Storage) -> None:
    """They could as well be gone."""
    with storage.snapshot("default") as snapshot:
        spans = snapshot.files_within("spans", None, None)
        wanted = snapshot.files_with_traces(spans, [A])
    moved = [Path(file.path) for file in spans if file not in wanted]
    for path in moved:
        path.rename(path.with_suffix(".away"))
    try:
        found = answer(service, f"SELECT {N} FROM spans WHERE trace_id = '{A}' ORDER BY 1")
        assert (found["rows"], found["missing_files"]) == ([[1], [2], [3]], [])
        assert len(answer(service, "SELECT 1 FROM spans")["missing_files"]) == len(moved)
    finally:
        for path in moved:
            path.with_suffix(".away").rename(path)
