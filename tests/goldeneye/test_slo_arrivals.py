"""What came late is found where it can be, and corrects the minutes of objectives."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.log_records import logs_request, record
from support.measured_spans import MINUTE_NS, span
from support.metric_requests import gauge, metric_request, point
from support.slo_data import Remembered
from support.slo_documents import NATIVE, only

from alerting.slo.collecting import Collector
from alerting.slo.late import Late
from alerting.slo.minutes import minute_of
from alerting.slo.model import Promql, Source, Spans, Sql
from goldeneye.errors import DataDamaged
from goldeneye.slo_queries import SloQueries, batch
from query.asking.reader import Reader
from query.asking.window import Window
from query.slo.arrived import arrived

NOW: Final = minute_of(START_NS)
DAY: Final = 1_440
SOURCES: Final[dict[str, Source]] = {
    "shop": Spans("shop"),
    "mall": Spans("mall"),
    "sent": Promql("sum(rate(requests_total[10m]))"),
    "made": Promql("traces_span_metrics_calls_total"),
    "statement": Sql("SELECT 1"),
}


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Backend]:
    with backend(tmp_path) as made:
        yield made


def _sent(whole: Backend, minute: int, received: int, service: str = "shop") -> None:
    request = spans_request([span(minute * MINUTE_NS, name="POST /checkout")], service=service)
    whole.send(request, received_ns=received * MINUTE_NS)


def _found(
    whole: Backend, since: int, *names: str, end: int = NOW - 10
) -> dict[str, set[tuple[int, int, int]]]:
    """By source the first minute of what arrived, how many, and the rows; back from NOW."""
    queries = SloQueries(lambda: whole.service)
    sources = [SOURCES[name] for name in names]
    told = queries.arrived(sources, since * MINUTE_NS, NOW - 30 * DAY, end)
    return {
        name: {
            (NOW - one.first, one.end - one.first, one.rows)
            for place in read.places
            for one in told.by_place.get(place, ())
        }
        for name, read in zip(names, told.read_by, strict=True)
    }


def test_each_source_is_told_of_what_it_reads(whole: Backend) -> None:
    """Half of it is in files; what came before is not told."""
    _sent(whole, NOW - 200, NOW - 50)
    whole.flush()
    for _ in range(2):
        _sent(whole, NOW - 200, NOW - 1)
        _sent(whole, NOW - 300, NOW - 1, service="mall")
        _sent(whole, NOW - 5, NOW - 1)
        whole.flush()
    old = (NOW - 20 * DAY) * MINUTE_NS
    whole.send(metric_request(gauge("load", [point(old, 1.0)])))
    whole.send(logs_request([record("x", (3_000 - 20 * DAY) * 60)]))
    points, logs = (20 * DAY, 60, 1), (20 * DAY - 3_000, 60, 1)
    shop, mall = (200, 1, 2), (300, 1, 2)
    assert _found(whole, NOW - 2, *SOURCES) == {
        "shop": {shop},
        "mall": {mall},
        "sent": {points},
        "made": {points, shop, mall},
        "statement": {points, logs, shop, mall},
    }
    assert _found(whole, NOW - 2, "shop", end=NOW) == {"shop": {shop, (5, 1, 2)}}


def test_the_minutes_in_which_a_query_looks_back_are_known(whole: Backend) -> None:
    queries = {
        "up": 5,
        "rate(up[1h]) / rate(up[10m] offset 1d)": DAY + 10,
        "max_over_time(rate(up[5m])[1h:1m])": 65,
        "up @ 1600000000": 0,
        "nothing(": 0,
    }
    found = SloQueries(lambda: whole.service).arrived(
        [Promql(query) for query in queries], START_NS, NOW - 10, NOW
    )
    assert [one.later_minutes for one in found.read_by] == list(queries.values())


def test_only_files_that_can_have_such_rows_are_read(whole: Backend) -> None:
    for minute in range(4):
        _sent(whole, NOW - 200, NOW - 5 + minute)
        whole.flush()
    reader = Reader(whole.service)
    within = Window((NOW - DAY) * MINUTE_NS, (NOW - 10) * MINUTE_NS)
    rows = arrived(reader, {"spans", "logs"}, (NOW - 3) * MINUTE_NS, within)["spans"]
    assert sorted(rows.to_pylist(), key=lambda row: row["received"]) == [
        {"service": "shop", "first": NOW - 200, "minutes": 1, "received": at, "row_count": 1}
        for at in (NOW - 3, NOW - 2)
    ]
    assert reader.files_read == 2


def test_where_a_file_is_missing_nothing_is_told(whole: Backend) -> None:
    _sent(whole, NOW - 200, NOW - 1)
    whole.flush()
    Path(whole.service.files("spans", None, None)[0].path).unlink()
    with pytest.raises(DataDamaged, match="missing"):
        _found(whole, NOW - 2, "shop")


def test_spans_of_a_month_that_come_at_once_are_counted_within_ticks(whole: Backend) -> None:
    """A tick is written and the process killed, before the last ones are counted."""
    slo, since = only(NATIVE), Remembered()
    _sent(whole, NOW, NOW)
    queries = SloQueries(lambda: whole.service)

    def restarted() -> Collector:
        return Collector((slo,), queries, queries, Late(queries, since))

    def tick(collector: Collector, minute: int) -> None:
        found = collector.tick(minute * MINUTE_NS)
        assert not found.failures
        whole.storage.append_rows({"slo_minutes": batch(found.rows, minute * MINUTE_NS)})
        collector.written(found)

    collector = restarted()
    tick(collector, NOW)
    days = range(1, 30)
    old = [span((NOW - day * DAY) * MINUTE_NS, name="POST /checkout") for day in days]
    bad = [span(one.start_time_unix_nano, name="POST /checkout", error=True) for one in old]
    whole.send(spans_request([*old, *bad]), received_ns=START_NS)
    whole.flush()
    tick(collector, NOW + 1)
    collector = restarted()
    for number in range(10):
        tick(collector, NOW + 30 + number // 4)
    counted = queries.totals("checkout", NOW - 30 * DAY, NOW + 40)
    happened = {
        NOW - int(minute): (float(good), float(total))
        for minute, good, total in zip(counted.minute, counted.good, counted.total, strict=True)
        if total
    }
    assert happened == {0: (1, 1), **{day * DAY: (1, 2) for day in days}}
