"""Minutes of spans: the same whether files are remembered or read, merged or hot."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, span

from goldeneye import limits
from query.asking.reader import Reader
from query.asking.window import Window
from query.health.activity import active, memory

START = START_NS // MINUTE_NS
ALL = Window(START_NS, START_NS + 100 * MINUTE_NS)


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Backend]:
    with backend(tmp_path) as made:
        yield made


def _send(whole: Backend, service: str, *minutes: int) -> None:
    spans = [span(START_NS + minute * MINUTE_NS + 7) for minute in minutes for _ in range(2)]
    whole.send(spans_request(spans, service))


def _found(whole: Backend, remembered: object, window: Window = ALL) -> dict[str, list[int]]:
    found = active(Reader(whole.service), remembered, window)  # type: ignore[arg-type]
    return {name: [int(minute) - START for minute in own] for name, own in found.items()}


@pytest.mark.parametrize("least", [1, 1_000], ids=["remembered", "read"])
def test_each_minute_once_and_in_order(
    whole: Backend, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", least)
    remembered = memory()
    _send(whole, "cart", 5, 3)
    _send(whole, "pay", 4)
    whole.flush()
    _send(whole, "cart", 1, 5, 9)
    whole.flush()
    _send(whole, "cart", 2, 9)
    for _ in range(2):
        assert _found(whole, remembered) == {"cart": [1, 2, 3, 5, 9], "pay": [4]}
    within = Window(START_NS + 3 * MINUTE_NS, START_NS + 4 * MINUTE_NS)
    assert _found(whole, remembered, within) == {"cart": [3]}
    _send(whole, "pay", 50)
    whole.flush()
    assert _found(whole, remembered)["pay"] == [4, 50]


def test_a_remembered_file_is_not_read_again(
    whole: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 1)
    remembered = memory()
    _send(whole, "cart", 5)
    whole.flush()
    readers = [Reader(whole.service) for _ in range(2)]
    for reader in readers:
        active(reader, remembered, ALL)
    assert [reader.files_read for reader in readers] == [1, 0]
