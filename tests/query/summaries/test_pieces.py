"""Small files and hot rows are counted once each, and together give what SQL finds in all."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, span
from support.merging import HereAndNow
from support.snapshots import FakeSource

from goldeneye import limits
from goldeneye.clock import DAY_NS
from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.asking.window import HOUR_NS, Window
from query.percentiles.asked import ANYTHING, BY_SERVICE, Asked, Group
from query.percentiles.measuring import measure
from query.reads import Choose, Found
from query.service import QueryService
from query.summaries.pieces import Counting
from storage.file_system import RealFileSystem

SECOND_NS = 10**9
# The same as ANYTHING, but for its words: it is not answered from memory.
BY_SQL = Condition("TRUE OR FALSE", {})
Groups = dict[tuple[Any, ...], Group]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    data_dir = tmp_path_factory.mktemp("data")
    with backend(data_dir, worker=HereAndNow(RealFileSystem())) as made:
        yield made


@pytest.fixture
def whole(shared: Backend) -> Backend:
    """Each test has days of its own, and finds nothing that is not in files."""
    shared.storage.flush()
    shared.clock.advance(3 * DAY_NS / 10**9)
    shared.service.memory.forget_rollups()
    return shared


def _send(whole: Backend, rng: random.Random) -> None:
    """Spans of the last seconds, some that come late, and one from the future."""
    now_ns = whole.clock.now_ns()
    ages_ns = [rng.randrange(5 * SECOND_NS) for _ in range(rng.randrange(1, 8))]
    ages_ns += rng.sample([90 * SECOND_NS, 3 * HOUR_NS, DAY_NS, -20 * SECOND_NS], 2)
    for service in ("shop", "till"):
        spans = [
            span(
                now_ns - age_ns,
                int(rng.lognormvariate(12, 4)),
                kind=rng.choice(("server", "client")),
                error=rng.random() < 0.2,
                root=rng.random() < 0.3,
                trace_state=rng.choice(("", "", "ot=th:8")),
            )
            for age_ns in ages_ns
        ]
        whole.send(spans_request(spans, service))


def _found(whole: Backend, window: Window, condition: Condition = ANYTHING) -> Groups:
    asked = Asked(window, (0.5, 0.99), BY_SERVICE, condition, method="bucketed")
    return measure(Reader(whole.service), asked).groups


def _check(whole: Backend, rng: random.Random) -> None:
    now_ns = whole.clock.now_ns()
    end_ns = now_ns - rng.choice((0, 0, 3 * SECOND_NS, 61 * SECOND_NS))
    end_ns -= end_ns % MINUTE_NS if rng.random() < 0.2 else 0
    length_ns = rng.choice((DAY_NS, HOUR_NS, 3 * HOUR_NS + 7 * SECOND_NS, 100 * SECOND_NS))
    window = Window(end_ns - length_ns, end_ns)
    found, expected = _found(whole, window), _found(whole, window, BY_SQL)
    assert found.keys() == expected.keys()
    for key, group in found.items():
        assert group.quantiles == pytest.approx(expected[key].quantiles, rel=1e-12)
        group.quantiles = expected[key].quantiles
    assert found == expected


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
def test_many_small_flushes_and_merges(
    whole: Backend, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """With late rows, and ends of ranges within a minute that goes on."""
    rng = random.Random(seed)
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 60)
    monkeypatch.setattr("storage.hot.HOT_MERGE_ROWS", 20)
    whole.clock.advance(40)
    merged = False
    for _ in range(12):
        _send(whole, rng)
        whole.clock.advance(rng.choice((1, 7, 31)))
        if rng.random() < 0.8:
            whole.flush()
            _check(whole, rng)
        before = len(Reader(whole.service).files("span_rollups", None, None))
        whole.storage.tick()
        merged |= len(Reader(whole.service).files("span_rollups", None, None)) < before
        _check(whole, rng)
    assert merged


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    """What was read of what was not known."""
    found, real = list[Found](), Reader.read_chosen

    def noted(self: Reader, choose: Choose) -> Any:
        own = real(self, choose)
        found.extend(own)
        return own

    monkeypatch.setattr(Reader, "read_chosen", noted)
    return found


def test_each_piece_is_read_once(whole: Backend, read: list[Found]) -> None:
    now_ns = whole.clock.now_ns()
    window = Window(now_ns, now_ns + HOUR_NS)
    for number in range(3):
        whole.send(spans_request([span(now_ns + number)], "shop"))
        whole.flush()
    for number in range(2):
        whole.send(spans_request([span(now_ns + number)], "shop"))
    for expected in ([3, 2], [], [1]):
        read.clear()
        assert _found(whole, window)["shop", True].span_count == (5 if expected != [1] else 6)
        assert [len(pieces) for one in read for pieces in one.pieces.values()] == expected
        if expected == []:
            whole.send(spans_request([span(now_ns)], "shop"))


def test_hot_rows_that_a_range_cuts(whole: Backend) -> None:
    """Whether they are remembered already, or not yet."""
    start_ns = whole.clock.now_ns() + HOUR_NS
    at_ns = [start_ns + second * SECOND_NS for second in (10, 20, 30)]
    whole.send(spans_request([span(time_ns) for time_ns in at_ns], "shop"))
    earlier_ns, later_ns = start_ns - 5 * MINUTE_NS, start_ns + 5 * MINUTE_NS
    for _ in range(2):
        for end_ns, count in zip(at_ns, (0, 1, 2), strict=True):
            before, after = Window(earlier_ns, end_ns), Window(end_ns, later_ns)
            found = _found(whole, before).get(("shop", True), Group()).span_count
            assert (found, _found(whole, after)["shop", True].span_count) == (count, 3 - count)
        assert _found(whole, Window(earlier_ns, later_ns))["shop", True].span_count == 3


def test_what_was_replaced_is_forgotten(whole: Backend) -> None:
    now_ns = whole.clock.now_ns()
    window = Window(now_ns, now_ns + HOUR_NS)
    known = whole.service.memory.rollups.pieces
    for _ in range(8):
        whole.send(spans_request([span(now_ns)], "shop"))
        whole.flush()
    whole.send(spans_request([span(now_ns)], "shop"))
    _found(whole, window)
    with whole.storage.snapshot("default") as snapshot:
        files = snapshot.files_within("span_rollups", *window)
        old = [file.id for file in files]
        old_hot = [chunk.id for chunk in snapshot.hot]
    assert all(known.get(piece) is not None for piece in (*old, *old_hot))
    whole.flush()
    whole.storage.tick()
    assert _found(whole, window)["shop", True].span_count == 9
    assert all(known.get(piece) is None for piece in (*old[:8], *old_hot))


def test_more_rows_than_are_counted_by_piece(
    whole: Backend, monkeypatch: pytest.MonkeyPatch, read: list[Found]
) -> None:
    monkeypatch.setattr(limits, "MAX_COUNTED_BY_PIECE", 3)
    now_ns = whole.clock.now_ns()
    whole.send(spans_request([span(now_ns + number, number) for number in range(4)], "shop"))
    assert _found(whole, Window(now_ns, now_ns + HOUR_NS))["shop", True].span_count == 4
    assert not read


MINUTES = Window(START_NS + MINUTE_NS, START_NS + 5 * MINUTE_NS)
CUT = Window(START_NS + 20 * SECOND_NS, START_NS + 5 * MINUTE_NS + 20 * SECOND_NS)


@pytest.mark.parametrize(
    ("spans_s", "rollups_s", "covered"),
    [
        pytest.param([], [], CUT, id="nothing is there"),
        pytest.param([30, 310], [30, 310], CUT, id="all spans are in the range"),
        pytest.param([10, 310], [10, 310], Window(MINUTES.start_ns, CUT.end_ns), id="one before"),
        pytest.param([30, 330], [30, 330], Window(CUT.start_ns, MINUTES.end_ns), id="one after"),
        pytest.param([150], [30, 310], CUT._replace(start_ns=MINUTES.start_ns), id="first gone"),
        pytest.param([], [30, 310], MINUTES, id="rollups are left only"),
    ],
)
def test_how_much_rollups_cover(
    service: QueryService,
    data: FakeSource,
    spans_s: list[int],
    rollups_s: list[int],
    covered: Window,
) -> None:
    """A minute of which the range has a part is counted with the others where it has all spans."""
    for at_s in spans_s:
        data.add_file("spans", [{"start_time": START_NS + at_s * SECOND_NS}])
    for at_s in rollups_s:
        minute = START_NS + at_s * SECOND_NS // MINUTE_NS * MINUTE_NS
        data.add_file("span_rollups", [{"minute": minute, "adjusted_count": 1.0}])
    reader = Reader(service)
    counting = Counting(reader, reader.memory.rollups, CUT, MINUTES)
    counting.counts()
    assert counting.covered == covered
