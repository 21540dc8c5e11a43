"""goldeneye.connect: the tables in a DuckDB of one's own, beside a writer and without one."""

import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from support.backend import add_attributes, spans_request
from support.fake_decoder import START_NS
from support.storage_folder import settings

import goldeneye
from goldeneye.clock import HOUR_NS, ManualClock
from goldeneye.decoded import Group
from goldeneye.errors import InvalidRequest, StartupError
from goldeneye.schemas import DEFAULT_TENANT, well_known_keys
from otlp_receiver.decoding.choose import decoder
from storage.engine import Storage

DECODER = decoder(well_known_keys())


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """Of each of three hours one span: two in files, the last in the log."""
    given = settings(tmp_path, promoted=well_known_keys())
    storage = Storage.open(given, DECODER, ManualClock(START_NS), threads=False)
    for hour in range(3):
        send(storage, hour)
        if hour < 2:
            assert storage.flush()
    yield storage
    storage.close(10)


def send(storage: Storage, hour: int) -> None:
    span = Span(trace_id=bytes([1] * 16), span_id=bytes([hour + 1] * 8), name=f"hour {hour}")
    span.start_time_unix_nano = START_NS + hour * HOUR_NS
    span.end_time_unix_nano = span.start_time_unix_nano + 1_000
    add_attributes(span.attributes, {"http.route": f"/{hour}", "own": hour})
    body = spans_request([span]).SerializeToString()
    decoded = DECODER.decode("traces", "protobuf", [body], [START_NS])
    storage.commit([Group(DEFAULT_TENANT, "traces", "protobuf", [body], [START_NS], decoded)])


NAMES = "SELECT name FROM spans ORDER BY start_time"


def names(data_dir: Path, start: str | None = None, end: str | None = None) -> list[str]:
    with goldeneye.connect(data_dir, start, end) as connection:
        return [name for (name,) in connection.execute(NAMES).fetchall()]


def test_it_has_files_and_the_log_beside_a_writer(storage: Storage, tmp_path: Path) -> None:
    assert names(tmp_path) == ["hour 0", "hour 1", "hour 2"]
    assert storage.flush()
    assert names(tmp_path) == ["hour 0", "hour 1", "hour 2"]


def test_it_reads_a_folder_that_nobody_holds(storage: Storage, tmp_path: Path) -> None:
    storage.close(10)
    assert names(tmp_path) == ["hour 0", "hour 1", "hour 2"]


def test_it_stays_what_it_was_while_the_writer_goes_on(storage: Storage, tmp_path: Path) -> None:
    with goldeneye.connect(tmp_path) as connection:
        send(storage, 3)
        assert storage.flush()
        assert len(connection.execute(NAMES).fetchall()) == 3
    assert len(names(tmp_path)) == 4


def test_a_range_of_time_bounds_the_rows(storage: Storage, tmp_path: Path) -> None:
    assert names(tmp_path, "2026-01-01T01:00:00Z") == ["hour 1", "hour 2"]
    assert names(tmp_path, "2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z") == ["hour 1"]
    with pytest.raises(InvalidRequest, match="start: is not before end"):
        names(tmp_path, "now", "now-1h")


def test_all_views_are_there_for_cursors_too(storage: Storage, tmp_path: Path) -> None:
    with goldeneye.connect(tmp_path) as connection:
        cursor = connection.cursor()
        routes = """SELECT attributes->>'http.route', "attributes.http.route", attributes->>'own'
        FROM spans ORDER BY start_time"""
        assert cursor.execute(routes).fetchall() == [(f"/{h}", f"/{h}", str(h)) for h in range(3)]
        assert cursor.execute("SELECT span_count FROM traces").fetchall() == [(3,)]
        assert cursor.execute("SELECT sum(count) FROM span_rollups").fetchall() == [(3,)]
        assert cursor.execute("SELECT count(*) FROM metrics").fetchall() == [(0,)]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="no such folder"):
        goldeneye.connect(tmp_path / "nowhere")


def test_another_folder_is_none_without_data(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="is no data folder"):
        goldeneye.connect(tmp_path)


def test_the_example_of_the_docs_runs(
    storage: Storage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    example = Path(__file__).parents[2] / "docs" / "examples" / "slow_routes.py"
    monkeypatch.setattr("sys.argv", [str(example), str(tmp_path)])
    runpy.run_path(str(example))
    assert "p95_ms" in capfd.readouterr().out
