"""Objectives are counted of real data, half of it in files, and stored in the real table."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, span
from support.metric_requests import counter, metric_request, point
from support.slo_data import Remembered
from support.slo_documents import NATIVE, OPENSLO, only

from alerting.slo.collecting import Collector
from alerting.slo.counting import Answer, Question, counted, question
from alerting.slo.late import Late
from alerting.slo.minutes import Minutes
from alerting.slo.model import Promql, Slo, Source, Spans, Sql
from alerting.slo.span_filter_parser import parse
from goldeneye.errors import DataDamaged, GoldeneyeError, QueryFailed
from goldeneye.slo_filters import wanted
from goldeneye.slo_queries import SloQueries, batch

FIRST = START_NS // MINUTE_NS - 10
Rows = dict[int, tuple[float, float]]
_MINUTES = (
    "SELECT date_trunc('minute', start_time) AS minute, count(*) AS value FROM spans GROUP BY ALL"
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Minutes are counted from FIRST; the first five are in files."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for minute in range(10):
            _send_spans(made, minute)
            _send_points(made, minute)
            if minute == 4:
                made.flush()
        yield made


def _at(minute: int, second: int = 30) -> int:
    return (FIRST + minute) * MINUTE_NS + second * 10**9


def _send_spans(made: Backend, minute: int) -> None:
    """Each minute 10 checkouts: 1 fails, 2 others take 400 ms, 1 more is of a debug session."""
    spans = [span(_at(minute), name="POST /checkout", error=True, http__response__status_code=500)]
    spans += [span(_at(minute), 400_000_000, name="POST /checkout") for _ in range(2)]
    spans += [span(_at(minute), name="POST /checkout", session__id="debug", own="x")]
    spans += [
        span(_at(minute), name="POST /checkout", http__response__status_code=200) for _ in range(6)
    ]
    others = [
        span(_at(minute), name="GET /"),
        span(_at(minute), name="POST /checkout", kind="client"),
    ]
    # One in four was sampled: it stands for four.
    sampled = span(_at(minute), name="sampled", trace_state="ot=th:c")
    made.send(spans_request([*spans, *others, sampled]))
    made.send(spans_request([span(_at(minute), name="POST /checkout")], service="mall"))


def _send_points(made: Backend, minute: int) -> None:
    """Two instances serve 10 a minute, of which the second fails 1; it restarts in minute 6."""
    values = {("a", "200"): 1000 + 10 * minute}
    since = minute if minute < 6 else minute - 6
    values |= {("b", "200"): 9 * since, ("b", "500"): since}
    points = [
        point(_at(minute), value, pod=pod, code=code) for (pod, code), value in values.items()
    ]
    made.send(metric_request(counter("requests", points)))


def _counted(whole: Backend, slo: Slo, first: int = 0, end: int = 10) -> Rows:
    queries = SloQueries(lambda: whole.service)
    (answer,) = queries.ask([question(slo.indicator, FIRST + first, FIRST + end)])
    if isinstance(answer, GoldeneyeError):
        raise answer
    return _rows(counted(slo.indicator, slo.objectives[0], answer, FIRST + first))


def _rows(minutes: Minutes) -> Rows:
    columns = zip(minutes.minute.tolist(), minutes.good, minutes.total, strict=True)
    return {minute - FIRST: (float(good), float(total)) for minute, good, total in columns}


@pytest.mark.parametrize(
    ("good", "expected"),
    [
        pytest.param("good: status != error", 9, id="rollups"),
        pytest.param("good: status != error and duration < 300ms", 7, id="durations"),
        pytest.param("bad: http.response.status_code >= 500", 9, id="attributes"),
        pytest.param("good: http.response.status_code < 500", 6, id="attributes that lack"),
        pytest.param("good: not (status = error or duration >= 300ms)", 7, id="negated"),
        pytest.param("good: session.id !exists", 9, id="absence"),
        pytest.param("good: own = x or status = error", 2, id="attributes that are not known"),
        pytest.param("good: name ~ ^POST and kind = server and name != x", 10, id="names"),
    ],
)
def test_spans_are_counted_as_the_filter_says(whole: Backend, good: str, expected: int) -> None:
    slo = only(NATIVE, ("good: status != error", good), ("/checkout}", "/checkout, kind: server}"))
    assert _counted(whole, slo) == dict.fromkeys(range(10), (expected, 10))


def test_only_the_minutes_that_are_asked_for(whole: Backend) -> None:
    slo = only(NATIVE)
    assert list(_counted(whole, slo, 3, 7)) == [3, 4, 5, 6]
    assert _counted(whole, slo, -5, 0) == {}


def test_a_sampled_span_counts_for_those_it_stands_for(whole: Backend) -> None:
    for good in ("good: status != error", "good: duration < 1s"):
        slo = only(NATIVE, ("POST /checkout", "sampled"), ("good: status != error", good))
        assert _counted(whole, slo, 4, 6) == {4: (4, 4), 5: (4, 4)}


def test_rollups_are_read_where_they_tell() -> None:
    filters = {"status = error": True, "name ~ ^GET": True, "duration < 1s": False, "x = y": False}
    of_rollups = [wanted([Spans("shop", filter=parse(text))])[0].of_rollups for text in filters]
    assert of_rollups == list(filters.values())


def test_counters_of_promql_survive_a_restart_of_their_source(whole: Backend) -> None:
    """In minute 6 the second instance begins anew, at nothing, and has served nothing yet."""
    good = 'requests_total{code!~"5.."}'
    changes = (
        ('requests_total{code!~"5.."}', good),
        ("sum(requests_total)", "sum(requests_total)"),
    )
    found = _counted(whole, only(OPENSLO, *changes), 1)
    expected: Rows = dict.fromkeys(range(1, 10), (19, 20))
    assert found == {**expected, 6: (10, 10)}
    # The same of later minutes alone.
    assert _counted(whole, only(OPENSLO), 6) == {m: found[m] for m in range(6, 10)}


def test_thresholds_of_promql_take_each_series_once_a_minute(whole: Backend) -> None:
    text = NATIVE.replace("    spans: {operation: POST /checkout}\n    good: status != error\n", "")
    source = "{source: {promql: 'rate(requests_total[2m]) * 60'}, op: gt, value: 5}"
    slo = only(f"{text}    threshold: {source}\n")
    assert _counted(whole, slo, 3, 6) == dict.fromkeys((3, 4, 5), (2, 3))


def test_sql_gives_minutes_and_values(whole: Backend) -> None:
    statement = (
        "SELECT date_trunc('minute', start_time) AS minute, kind, count(*) AS value "
        "FROM spans WHERE service_name = 'shop'{} GROUP BY ALL"
    )
    good, total = statement.format(" AND status_code <> 'error'"), statement.format("")
    text = NATIVE.replace("    spans: {operation: POST /checkout}\n    good: status != error\n", "")
    slo = only(f'{text}    good: {{sql: "{good}"}}\n    total: {{sql: "{total}"}}\n')
    assert _counted(whole, slo, 4, 7) == {4: (12, 13), 5: (12, 13), 6: (12, 13)}


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT 1 AS value", "minute"),
        ("SELECT 1 AS minute, 1 AS value", "a TIMESTAMP"),
        ("SELECT start_time AS minute FROM spans", "a column `value`"),
        ("SELECT start_time AS minute, 'x' AS value FROM spans", "cannot be read"),
        ("SELECT nothing FROM spans", "nothing"),
    ],
    ids=["no minute", "no time", "no value", "no number", "no column"],
)
def test_statements_that_give_something_else(whole: Backend, statement: str, message: str) -> None:
    (answer,) = _asked(whole, Sql(statement))
    assert isinstance(answer, QueryFailed)
    assert message in str(answer)


def test_one_question_that_cannot_be_answered_leaves_the_others(whole: Backend) -> None:
    bad = [Promql("nothing(x)"), Sql("SELECT"), Spans("shop", filter=parse("own > 1"))]
    good = [Promql("vector(3)"), Sql(_MINUTES), Spans("shop", "GET /"), Spans("mall")]
    answers = _asked(whole, *bad[:2], *good, bad[2])
    assert [str(one).splitlines()[0] for one in answers[:2] if isinstance(one, Exception)] == [
        '1:1: parse error: unknown function with name "nothing"',
        "Parser Error: SELECT clause without selection list",
    ]
    found = [one for one in answers if not isinstance(one, Exception)]
    values = [series.value[:1].tolist() for sources in found for series in sources[0]]
    assert values == [[3], [14], [1], [1], []]


def _asked(whole: Backend, *sources: Source) -> Sequence[Answer | GoldeneyeError]:
    questions = [Question((one,), FIRST, FIRST + 10, True) for one in sources]
    return SloQueries(lambda: whole.service).ask(questions)


def test_minutes_are_stored_once_and_late_data_corrects_them(whole: Backend) -> None:
    queries, slo = SloQueries(lambda: whole.service), only(NATIVE, ("POST /checkout", "GET /"))
    assert queries.oldest_minute() == FIRST
    for _ in range(2):
        _tick(whole, _collector(slo, queries), START_NS)
    collector = _collector(slo, queries)
    _tick(whole, collector, START_NS)
    assert _stored(queries) == dict.fromkeys(range(10), (1, 1))
    whole.flush()
    whole.send(spans_request([span(_at(5), name="GET /", error=True), span(_at(10), name="GET /")]))
    _tick(whole, collector, START_NS + MINUTE_NS)
    expected: Rows = {**dict.fromkeys(range(11), (1.0, 1.0)), 5: (1, 2)}
    assert _stored(queries) == expected
    text = "SELECT count(*), sum(total) FROM slo_minutes WHERE slo = 'checkout'"
    answer = whole.client.post("/api/v1/sql", json={"sql": text}).json()
    # Ten minutes with a span, two that began without, and two corrections.
    assert answer["rows"] == [[14, 12]]


def test_what_is_not_whole_is_not_counted(whole: Backend) -> None:
    """Else the spans of a file that is gone would be taken back."""
    Path(whole.service.files("span_rollups", None, None)[0].path).unlink()
    with pytest.raises(DataDamaged, match="missing"):
        _counted(whole, only(NATIVE))


def _collector(slo: Slo, queries: SloQueries) -> Collector:
    return Collector((slo,), queries, queries, Late(queries, Remembered()))


def _tick(whole: Backend, collector: Collector, now_ns: int) -> None:
    tick = collector.tick(now_ns)
    assert not tick.failures
    whole.storage.append_rows({"slo_minutes": batch(tick.rows, now_ns)})
    collector.written(tick)


def _stored(queries: SloQueries) -> Rows:
    found = queries.totals("checkout", FIRST - 100, FIRST + 100)
    return {minute: row for minute, row in _rows(found).items() if row[1]}
