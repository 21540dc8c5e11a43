"""What is found in files and hot rows: once in each that lies before the end of the window."""

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
from query.summaries import of_files
from query.summaries.of_files import found_in_files
from query.summaries.of_pieces import InPieces
from query.summaries.remembered import Remembered

ALL = Window(START_NS, START_NS + MINUTE_NS)
COLUMNS = {"spans": ("name", "start_time", "received_time")}
NAMES = Statement("SELECT piece, name FROM spans", COLUMNS, by_piece=True)
LENGTHS = Statement("SELECT piece, length(name) AS name FROM spans", COLUMNS, by_piece=True)


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
        real, calls = of_files.found_in_pieces, []

        def found(*asked: Any) -> InPieces:
            calls.append(asked)
            parts, large = real(*asked)
            gone = [large[0]._replace(id="gone")] if len(calls) == 1 else []
            return InPieces(parts, [*large, *gone])

        monkeypatch.setattr(of_files, "found_in_pieces", found)
        assert _found(Reader(whole.service), memory) == ["a"]
        assert len(calls) == 2


def test_small_pieces_are_read_once_and_none_after_the_window(tmp_path: Path) -> None:
    """Those with rows after it are read for each window."""
    memory: Remembered[pa.Table] = Remembered(100, lambda rows: rows.num_rows)
    with backend(tmp_path) as whole:
        for name, later_ns in (("a", 0), ("b", MINUTE_NS)):
            whole.send(spans_request([span(START_NS + at, name=name) for at in (0, later_ns)]))
            whole.flush()
            whole.send(spans_request([span(START_NS + at, name="hot") for at in (0, later_ns)]))
            hot = ["hot"] * (2 if name == "a" else 3)
            for files_read in (1, 0 if name == "a" else 1):
                reader = Reader(whole.service)
                assert _found(reader, memory) == sorted(["a", "a", *hot, *name.replace("a", "")])
                assert reader.files_read == files_read
