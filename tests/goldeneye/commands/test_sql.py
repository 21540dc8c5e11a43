"""`goldeneye sql` over a folder: what it prints, and what it says where it cannot."""

import io
import json
import subprocess
import sys
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
from goldeneye.commands.sql import print_table, sql
from goldeneye.config import Config
from goldeneye.decoded import Decoder, Group
from goldeneye.errors import ConfigurationError, GoldeneyeError, QueryFailed, QueryRefused
from otlp_receiver.decoding.choose import decoder
from storage.engine import Storage

NO_SERVER = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Left by a stop, empty."""
    data_dir = tmp_path_factory.mktemp("folder")
    stored(data_dir, decoder(Config().promoted())).close(10)
    return data_dir


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """Left by a kill: one log record is in a file, the other in the write-ahead log alone."""
    decoding = decoder(Config().promoted())
    storage = stored(tmp_path, decoding)
    storage.commit([group(decoding, "flushed", 1)])
    assert storage.flush()
    storage.commit([group(decoding, "only in the log", 2)])
    abandon(storage)
    return tmp_path


def stored(data_dir: Path, decoding: Decoder) -> Storage:
    settings = wiring.storage_settings(Config(data_dir=data_dir))
    return Storage.open(settings, decoding, SystemClock())


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


def test_files_and_the_log_are_read_together_and_nothing_is_changed(killed: Path) -> None:
    """By the command itself, whose own log must not stand among the answers."""
    before = contents(killed)
    statement = "SELECT body_text, attributes->>'number' AS n FROM logs ORDER BY time"
    for _ in range(2):
        command = [sys.executable, "-m", "goldeneye", "sql", statement, "--data-dir", str(killed)]
        found = subprocess.run(
            [*command, "--format", "csv"], capture_output=True, timeout=60, check=True
        )
        assert found.stdout == b"body_text,n\r\nflushed,1\r\nonly in the log,2\r\n"
        assert b"the log was replayed" in found.stderr
    assert contents(killed) == before


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, "NULL"),
        ("", ""),
        ("a\nb", "a\\nb"),
        ("NaN", "NaN"),
        (True, "true"),
        (2.5, "2.5"),
        ([1, None], "[1,null]"),
        ({"ä": 10**30}, '{"ä":1000000000000000000000000000000}'),
    ],
)
def test_cells(capsys: pytest.CaptureFixture[str], value: Any, cell: str) -> None:
    columns = [{"name": "v", "type": "ANY"}]
    more = {"row_count": 1, "elapsed_ms": 1.0, "truncated": False}
    print_table({"columns": columns, "rows": [[value]], **more})
    assert capsys.readouterr().out.splitlines()[2].strip() == cell


def test_a_table_is_aligned_and_its_numbers_are_whole(
    capfd: pytest.CaptureFixture[str], folder: Path
) -> None:
    statement = "SELECT * FROM (VALUES ('a', 5), ('bcd', 100000000000000000000001)) AS t(word, n)"
    assert sql(statement, "table", NO_SERVER, folder) == 0
    *lines, count = capfd.readouterr().out.splitlines()
    assert lines == [
        "word  n",
        "----  ------------------------",
        "a                            5",
        "bcd   100000000000000000000001",
    ]
    assert count.startswith("(2 rows, ")


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
        ("COPY logs TO 'x.csv'", "csv", QueryRefused, "COPY"),
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
