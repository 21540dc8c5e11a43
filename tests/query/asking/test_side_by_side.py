"""Parts of an answer that are asked at once."""

import threading
from pathlib import Path

import pytest
from support.backend import backend, spans_request
from support.measured_spans import span

from goldeneye.errors import QueryFailed
from query.asking.reader import Reader
from query.asking.side_by_side import side_by_side


def test_parts_run_at_once_and_say_together_what_they_read(tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=20)

    def part(reader: Reader) -> int:
        both.wait()
        return int(reader.table("SELECT count(*) AS n FROM spans").column("n")[0].as_py())

    with backend(tmp_path) as whole:
        whole.send(spans_request([span()]))
        whole.flush()
        reader = Reader(whole.service)
        assert side_by_side(reader, part, part) == [1, 1]
        assert reader.files_read == 2


def test_the_failure_of_one_is_raised_when_all_are_over(tmp_path: Path) -> None:
    over = threading.Event()

    def fails(reader: Reader) -> None:
        reader.table("SELECT nothing FROM spans")

    def goes_on(reader: Reader) -> None:
        reader.table("SELECT 1")
        over.set()

    with backend(tmp_path) as whole, pytest.raises(QueryFailed, match="nothing"):
        side_by_side(Reader(whole.service), fails, goes_on)
    assert over.is_set()
