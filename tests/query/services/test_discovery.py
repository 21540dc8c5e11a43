"""Who sent the spans, from large files that are remembered and from all else."""

from collections.abc import Iterator

import pytest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, span

from goldeneye import limits
from query.asking.reader import Reader
from query.asking.window import Window
from query.services.discovery import discovered

WINDOW = Window(START_NS, START_NS + 60 * MINUTE_NS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Six files, ten minutes apart, each of a release of its own; the seventh is in memory."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for number in range(7):
            at_ns = START_NS + (number * 10 - 5) * MINUTE_NS
            spans = [span(at_ns), span(at_ns + MINUTE_NS)]
            release = {"service__version": f"1.{number}", "service__instance__id": f"pod{number}"}
            made.send(spans_request(spans, **release))
            if number < 6:
                made.flush()
        yield made


def _versions(whole: Backend, window: Window) -> tuple[int, list[str]]:
    since_ns, services = discovered(Reader(whole.service), window)
    found = services.get("shop", {"versions": [], "instances": 0})
    assert found["instances"] == len(found["versions"])
    return since_ns, [one["version"] for one in found["versions"]]


def test_small_files_are_read(whole: Backend) -> None:
    """The first is of five minutes before the range."""
    assert _versions(whole, WINDOW) == (WINDOW.start_ns, [f"1.{n}" for n in range(1, 7)])


def test_a_few_large_files_at_once(whole: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer lacks what is older than four files; the second knows all."""
    whole.service.memory.senders.clear()
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 1)
    since_ns, versions = _versions(whole, WINDOW)
    assert versions == ["1.2", "1.3", "1.4", "1.5", "1.6"]
    assert since_ns == START_NS + 6 * MINUTE_NS + 1
    assert _versions(whole, WINDOW) == (WINDOW.start_ns, [f"1.{n}" for n in range(1, 7)])
    again = Reader(whole.service)
    discovered(again, WINDOW)
    assert again.files_read == 0


def test_a_range_that_cuts_a_file(whole: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 1)
    cut = Window(START_NS + 5 * MINUTE_NS + 1, START_NS + 15 * MINUTE_NS)
    assert _versions(whole, cut)[1] == ["1.1"]
    assert _versions(whole, Window(cut.start_ns, cut.end_ns + 1))[1] == ["1.1", "1.2"]
