"""What a new user does first: the demo, a question, the files read without us."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.dataset
import pyarrow.parquet
from support.server import GoldeneyeProcess

SERVICES = {
    "accounting",
    "cart",
    "catalog",
    "checkout",
    "frontend",
    "payment",
    "recommendation",
    "shipping",
}
COUNT_BY_SERVICE = "SELECT service_name, count(*) FROM spans GROUP BY 1 ORDER BY 2 DESC"


def goldeneye(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "goldeneye", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def demo(server: GoldeneyeProcess) -> None:
    sent = goldeneye("demo", "--once", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{server.grpc_endpoint}")
    assert sent.returncode == 0, sent.stderr


def counts(server: GoldeneyeProcess) -> dict[str, int]:
    return {
        table: server.sql(f"SELECT count(*) AS n FROM {table}")[0]["n"]
        for table in ("spans", "logs", "metric_points", "metric_series")
    }


def test_the_demo_answers_a_question(goldeneye_server: GoldeneyeProcess) -> None:
    demo(goldeneye_server)

    answer = goldeneye("sql", COUNT_BY_SERVICE, "--server", goldeneye_server.api_url)

    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    assert lines[0].split() == ["service_name", "count_star()"]
    assert {line.split()[0] for line in lines[2:-1]} == SERVICES
    assert lines[-1].startswith("(8 rows")


def test_every_format_of_the_command_line(goldeneye_server: GoldeneyeProcess) -> None:
    demo(goldeneye_server)

    def ask(output: str) -> bytes:
        answer = subprocess.run(
            [
                sys.executable,
                "-m",
                "goldeneye",
                "sql",
                COUNT_BY_SERVICE,
                "--format",
                output,
                "--server",
                goldeneye_server.api_url,
            ],
            capture_output=True,
            timeout=60,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    rows = json.loads(ask("json"))["rows"]
    expected = dict(rows)
    assert set(expected) == SERVICES
    lines = ask("csv").decode().splitlines()
    assert dict(line.split(",") for line in lines[1:]) == {k: str(v) for k, v in expected.items()}
    table = pyarrow.ipc.open_stream(ask("arrow")).read_all()
    assert dict(zip(*table.to_pydict().values(), strict=True)) == expected
    parquet = pyarrow.parquet.read_table(pyarrow.BufferReader(ask("parquet")))
    assert dict(zip(*parquet.to_pydict().values(), strict=True)) == expected


def test_a_wrong_question_is_explained(goldeneye_server: GoldeneyeProcess) -> None:
    answer = goldeneye("sql", "SELECT nonsense FROM spans", "--server", goldeneye_server.api_url)
    assert answer.returncode == 1
    assert "nonsense" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_plain_duckdb_and_arrow_read_the_files_alone(
    goldeneye_server: GoldeneyeProcess,
) -> None:
    demo(goldeneye_server)
    before = counts(goldeneye_server)
    by_service = goldeneye_server.sql(
        "SELECT service_name, count(*) AS n FROM spans GROUP BY ALL ORDER BY ALL"
    )
    assert goldeneye_server.stop() == 0

    lake = goldeneye_server.data_dir / "lake"
    for table, expected in before.items():
        pattern = str(lake / table / "**" / "*.parquet")
        found = duckdb.sql(
            "SELECT count(*) FROM read_parquet(?, hive_partitioning = true, union_by_name = true)",
            params=[pattern],
        ).fetchall()
        assert found == [(expected,)], table
        assert pyarrow.dataset.dataset(lake / table, partitioning="hive").count_rows() == expected
    alone = duckdb.sql(
        "SELECT service_name, count(*) AS n FROM read_parquet(?, union_by_name = true) "
        "GROUP BY ALL ORDER BY ALL",
        params=[str(lake / "spans" / "**" / "*.parquet")],
    ).fetchall()
    assert alone == [(row["service_name"], row["n"]) for row in by_service]


def test_a_folder_answers_without_a_server(goldeneye_server: GoldeneyeProcess) -> None:
    demo(goldeneye_server)
    goldeneye_server.kill()  # so that a part of it is still in the WAL alone

    answer = goldeneye("sql", COUNT_BY_SERVICE, "--data-dir", str(goldeneye_server.data_dir))

    assert answer.returncode == 0, answer.stderr
    assert {line.split()[0] for line in answer.stdout.splitlines()[2:-1]} == SERVICES


def test_exported_files_are_imported(tmp_path: Path, goldeneye_server: GoldeneyeProcess) -> None:
    line = {
        "resourceLogs": [
            {"scopeLogs": [{"logRecords": [{"timeUnixNano": "1", "body": {"stringValue": "x"}}]}]}
        ]
    }
    file = tmp_path / "export.jsonl"
    file.write_text(f"{json.dumps(line)}\nnot json\n{json.dumps(line)}\n", encoding="utf-8")

    imported = goldeneye("import", str(file), "--endpoint", goldeneye_server.http_endpoint)

    assert imported.returncode == 1  # one line was refused, and said so
    assert "2 log records stored, 0 items rejected, 1 requests refused" in imported.stdout
    assert f"{file}:2: " in imported.stderr
    assert counts(goldeneye_server)["logs"] == 2


def test_life_signs_status_and_docs(goldeneye_server: GoldeneyeProcess) -> None:
    assert goldeneye_server.get("/healthz") == {"status": "alive"}
    assert goldeneye_server.get("/readyz") == {"status": "ready"}
    status = goldeneye_server.get("/api/v1/status")
    assert status["ready"] is True
    assert status["decoder"] in ("native", "slow")
    assert status["storage"]["wal"]["sync"] == "group"
    assert "/api/v1/sql" in goldeneye_server.get("/openapi.json")["paths"]


def test_version_and_check(tmp_path: Path) -> None:
    assert goldeneye("version").stdout.startswith("goldeneye 0.")
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("wal: {sync: group}\n", encoding="utf-8")
    bad.write_text("wal: {sink: group}\n", encoding="utf-8")
    assert goldeneye("check", str(good)).returncode == 0
    checked = goldeneye("check", str(bad))
    assert checked.returncode == 1
    assert "did you mean `wal.sync`" in checked.stderr
