"""`goldeneye sql` over a folder: what it prints, and what it says where it cannot."""

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from support.snapshots import START_NS
from support.storage_folder import abandon

from goldeneye import wiring
from goldeneye.clock import SystemClock
from goldeneye.commands.sql import sql
from goldeneye.config import Config
from goldeneye.decoded import Decoder, Group
from goldeneye.errors import ConfigurationError, GoldeneyeError, QueryFailed, QueryRefused
from otlp_receiver.decoding.choose import decoder
from storage.engine import Storage

NO_SERVER = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Left by a kill: one log record is in a file, the other in the write-ahead log alone."""
    config = Config(data_dir=tmp_path_factory.mktemp("folder"))
    decoding = decoder(config.promoted())
    storage = Storage.open(wiring.storage_settings(config), decoding, SystemClock())
    storage.commit([group(decoding, "flushed", 1)])
    assert storage.flush()
    storage.commit([group(decoding, "only in the log", 2)])
    abandon(storage)
    return config.data_dir


def group(decoding: Decoder, body: str, number: int) -> Group:
    record = LogRecord(
        time_unix_nano=START_NS + number,
        body=AnyValue(string_value=body),
        attributes=[KeyValue(key="number", value=AnyValue(int_value=number))],
    )
    logs = ResourceLogs(scope_logs=[ScopeLogs(log_records=[record])])
    raw = [ExportLogsServiceRequest(resource_logs=[logs]).SerializeToString()]
    decoded = decoding.decode("logs", "protobuf", raw, [START_NS])
    return Group("default", "logs", "protobuf", raw, [START_NS], decoded)


def printed(
    capfd: pytest.CaptureFixture[str], folder: Path, statement: str, output: str = "table"
) -> str:
    assert sql(statement, output, NO_SERVER, folder) == 0
    return capfd.readouterr().out


def test_files_and_the_log_are_read_together(
    capfd: pytest.CaptureFixture[str], folder: Path
) -> None:
    text = printed(capfd, folder, "SELECT body_text, attributes->>'number' FROM logs ORDER BY time")
    head, line, first, second, count = text.splitlines()
    assert head.startswith("body_text        (attributes ->> 'number')")
    assert set(line) == {"-", " "}
    assert first.split() == ["flushed", "1"]
    assert second.split() == ["only", "in", "the", "log", "2"]
    assert count.startswith("(2 rows, ")


def test_asking_changes_nothing_in_the_folder(
    capfd: pytest.CaptureFixture[str], folder: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    for _ in range(2):
        printed(capfd, folder, "SELECT count(*) FROM logs")
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert {path for path in folder.rglob("*") if path.is_file()} == before.keys()


@pytest.mark.parametrize(
    ("expression", "cell"),
    [
        ("1267650600228229401496703205376", "1267650600228229401496703205376"),
        ("NULL", "NULL"),
        ("''", ""),
        ("'a\nb'", "a\\nb"),
        ("'nan'::DOUBLE", "NaN"),
        ("true", "true"),
        ("[1, NULL]", "[1,null]"),
        ("{'ä': 1267650600228229401496703205376}", '{"ä":1267650600228229401496703205376}'),
        ("TIMESTAMP_NS '2026-01-01'", "2026-01-01T00:00:00.000000000Z"),
    ],
)
def test_cells(capfd: pytest.CaptureFixture[str], folder: Path, expression: str, cell: str) -> None:
    lines = printed(capfd, folder, f"SELECT {expression} AS v").splitlines()
    assert lines[2].strip() == cell


def test_numbers_stand_to_the_right(capfd: pytest.CaptureFixture[str], folder: Path) -> None:
    text = printed(capfd, folder, "SELECT * FROM (VALUES ('a', 5), ('bcd', 1000)) AS t(word, n)")
    assert text.splitlines()[:4] == ["word  n", "----  ----", "a        5", "bcd   1000"]


def test_other_forms(capfdbinary: pytest.CaptureFixture[bytes], folder: Path) -> None:
    def ask(output: str) -> bytes:
        assert sql("SELECT 42 AS n, 'x' AS s", output, NO_SERVER, folder) == 0
        return capfdbinary.readouterr().out

    document: dict[str, Any] = json.loads(ask("json"))
    assert document["rows"] == [[42, "x"]]
    assert ask("csv") == b"n,s\r\n42,x\r\n"
    expected = [{"n": 42, "s": "x"}]
    assert pa.ipc.open_stream(ask("arrow")).read_all().to_pylist() == expected
    assert pq.read_table(io.BytesIO(ask("parquet"))).to_pylist() == expected


@pytest.mark.parametrize(
    ("statement", "output", "error", "words"),
    [
        ("SELECT 1", "yaml", ConfigurationError, "table, json, csv, arrow, parquet"),
        ("SELECT nonsense", "table", QueryFailed, "nonsense"),
        ("DROP TABLE logs", "table", QueryRefused, "DROP"),
        ("COPY logs TO '/tmp/x.csv'", "csv", QueryRefused, "COPY"),
    ],
)
def test_what_cannot_be_answered(
    folder: Path, statement: str, output: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        sql(statement, output, NO_SERVER, folder)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GoldeneyeError, match="no such folder"):
        sql("SELECT 1", "table", NO_SERVER, tmp_path / "nowhere")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(GoldeneyeError, match="goldeneye serve"):
        sql("SELECT 1", "table", NO_SERVER, None)
