"""The newest errors: the same whether files are remembered or read, merged or hot."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, span

from goldeneye import limits
from query.asking.reader import Reader
from query.asking.window import Window
from query.health.newest_errors import COUNT, newest_errors


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Backend]:
    with backend(tmp_path) as made:
        yield made


def _send(whole: Backend, *seconds: int) -> None:
    at_ns = [START_NS + second * 1_000_000_000 for second in seconds]
    failed = [
        span(at, name=str(second), error=True) for at, second in zip(at_ns, seconds, strict=True)
    ]
    whole.send(spans_request([*failed, *(span(at + 1, name="fine") for at in at_ns)], "cart"))


def _found(whole: Backend, reader: Reader, first: int, last: int) -> list[str]:
    window = Window(START_NS + first * 1_000_000_000, START_NS + last * 1_000_000_000)
    return [one["name"] for one in newest_errors(reader, whole.service.memory.few, window)]


@pytest.mark.parametrize("least", [1, 1_000], ids=["large", "small"])
def test_the_last_ones_of_the_window(
    whole: Backend, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", least)
    _send(whole, *range(20))
    whole.flush()
    _send(whole, 3, 30, 31)
    whole.flush()
    _send(whole, 25)
    for files_read in (2, 0):
        reader = Reader(whole.service)
        newest = ["31", "30", "25", *(str(second) for second in range(19, 12, -1))]
        assert _found(whole, reader, 0, 60) == newest[:COUNT]
        assert reader.files_read == files_read
    assert _found(whole, Reader(whole.service), 18, 60) == ["31", "30", "25", "19", "18"]
    # Files that go on after the window are read, lest later errors hide those in it.
    assert _found(whole, Reader(whole.service), 18, 31) == ["30", "25", "19", "18"]
    assert _found(whole, Reader(whole.service), 0, 6) == ["5", "4", "3", "3", "2", "1", "0"]
    assert _found(whole, Reader(whole.service), 40, 60) == []


def test_of_nothing(whole: Backend) -> None:
    window = Window(START_NS, START_NS + MINUTE_NS)
    assert newest_errors(Reader(whole.service), whole.service.memory.few, window) == []
