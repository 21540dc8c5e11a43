"""What is found of files: once of each that is large, and anew of what changes."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from support.backend import backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, span

from goldeneye import limits
from query.asking.reader import Reader
from query.asking.window import Window
from query.reads import Statement
from query.summaries.of_files import found_in_files
from query.summaries.remembered import Remembered

ALL = Window(START_NS, START_NS + MINUTE_NS)
NAMES = Statement("SELECT name FROM spans", {"spans": ("name", "start_time", "received_time")})
LENGTHS = Statement("SELECT length(name) AS name FROM spans", NAMES.tables)


def _found(reader: Reader, memory: Any, statement: Statement = NAMES) -> list[Any]:
    parts = found_in_files(reader, memory, statement, ALL)
    return sorted(name for part in parts for name in part.column("name").to_pylist())


def test_files_are_read_once_for_each_statement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 1)
    memory: Remembered[pa.Table] = Remembered(100, lambda rows: rows.num_rows)
    with backend(tmp_path) as whole:
        whole.send(spans_request([span(START_NS, name="a")], "cart"))
        whole.flush()
        whole.send(spans_request([span(START_NS, name="hot")], "cart"))
        for files_read in (1, 0):
            reader = Reader(whole.service)
            assert (_found(reader, memory), reader.files_read) == (["a", "hot"], files_read)
        assert _found(Reader(whole.service), memory, LENGTHS) == [1, 3]


def test_files_that_are_gone_are_looked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if a merge came in between: the first list names a file that there is not."""
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 1)
    memory: Remembered[pa.Table] = Remembered(100, lambda rows: rows.num_rows)
    with backend(tmp_path) as whole:
        whole.send(spans_request([span(START_NS, name="a")], "cart"))
        whole.flush()
        reader = Reader(whole.service)
        real, calls = reader.files, []

        def files(table: str, start_ns: int | None, end_ns: int | None) -> Any:
            calls.append(table)
            found = list(real(table, start_ns, end_ns))
            return [*found, found[0]._replace(id="gone")] if len(calls) == 1 else found

        monkeypatch.setattr(reader, "files", files)
        assert _found(reader, memory) == ["a"]
        assert len(calls) == 2
