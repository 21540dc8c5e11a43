"""Groups: rules in order, their series, templates and failures."""

import pytest
from support.rules import FAILURE, MINUTE_NS, Timeline, alert, samples

from alerting.rules.definitions import AlertingRule, LogSearch, Promql, RecordingRule, Sql, Unknown
from alerting.rules.thresholds import Threshold

RECORDING = RecordingRule("job:x", Promql("x"), {"team": "t", "gone": ""})
HIT = samples(({"__name__": "x", "job": "a", "gone": "y"}, 2.0))


def _series(line: Timeline) -> list[tuple[dict[str, str], int, float | None]]:
    return [(dict(one.labels), one.at_ms, one.value) for one in line.written]


def test_a_recording_rule_renames_and_labels() -> None:
    line = Timeline(RECORDING)
    line.at(1, HIT)
    assert _series(line) == [({"__name__": "job:x", "job": "a", "team": "t"}, 60_000, 2.0)]
    assert line.states[0].health == "ok"


def test_series_that_are_not_written_again_end() -> None:
    line = Timeline(RECORDING)
    line.at(1, HIT)
    line.at(2, [])
    assert _series(line) == [({"__name__": "job:x", "job": "a", "team": "t"}, 120_000, None)]
    line.at(3)
    assert line.written == []


def test_a_failure_ends_no_series() -> None:
    line = Timeline(RECORDING)
    line.at(1, HIT)
    line.at(2, FAILURE)
    assert (line.written, line.states[0].error) == ([], "the query failed")
    line.at(3, [])
    assert [value for _, _, value in _series(line)] == [None]


@pytest.mark.parametrize(
    ("limit", "second", "error"),
    [(0, "a", "same labelset after applying rule labels"), (1, "b", "limit of 1 with 2 series")],
)
def test_what_a_recording_rule_cannot_write(limit: int, second: str, error: str) -> None:
    line = Timeline(RecordingRule("r", Promql("x")), limit=limit)
    line.at(0, samples(({"__name__": "x", "l": "a"}, 1.0), ({"__name__": "y", "l": second}, 1.0)))
    assert line.written == []
    assert error in line.states[0].error


def test_a_rule_that_fails_does_not_stop_the_next() -> None:
    line = Timeline(AlertingRule("Late", Sql("SELECT")), alert())
    line.data.sql = _fail  # type: ignore[method-assign]
    assert line.at(0, HIT) == ["firing"]
    assert [state.health for state in line.states] == ["error", "ok"]


def _fail(statement: str, at_ms: int) -> list[object]:
    raise FAILURE


def test_alerts_are_series_too() -> None:
    line = Timeline(alert(hold_ns=2 * MINUTE_NS, labels={"severity": "page"}))
    line.at(1, HIT)
    labels = {"alertname": "A", "severity": "page", "job": "a", "gone": "y"}
    assert _series(line) == [
        ({"__name__": "ALERTS", "alertstate": "pending", **labels}, 60_000, 1.0),
        ({"__name__": "ALERTS_FOR_STATE", **labels}, 60_000, 60.0),
    ]
    line.at(3)
    written = [(one["__name__"], one.get("alertstate"), value) for one, _, value in _series(line)]
    assert written == [
        ("ALERTS", "firing", 1.0),
        ("ALERTS_FOR_STATE", None, 60.0),
        ("ALERTS", "pending", None),
    ]


def test_the_query_offset_looks_back_and_so_do_the_series() -> None:
    line = Timeline(RECORDING, query_offset_ns=MINUTE_NS)
    line.at(5, HIT)
    assert line.data.asked == [("x", 240_000)]
    assert [at_ms for _, at_ms, _ in _series(line)] == [240_000]


def test_templates_see_labels_value_and_the_outside() -> None:
    rule = alert(
        labels={"who": "{{ $labels.job }}", "none": "{{ $labels.missing }}"},
        annotations={
            "what": "{{ $value | humanize }} of {{ $labels.__name__ }}",
            "where": "{{ $externalLabels.region }} {{ externalURL }}",
            "asked": '{{ with query "q" }}{{ . | first | value }}{{ end }}',
        },
    )
    line = Timeline(rule)
    line.at(0, HIT)
    assert line.instances[0].labels == {"alertname": "A", "gone": "y", "job": "a", "who": "a"}
    assert line.instances[0].annotations == {
        "what": "2 of x",
        "where": "eu http://here",
        "asked": "2",
    }


def test_a_template_error_becomes_text_and_is_counted() -> None:
    line = Timeline(alert(annotations={"a": '{{ template "none" }}'}))
    line.at(0, HIT)
    assert line.instances[0].annotations["a"].startswith("<error expanding template: ")
    assert line.states[0].template_errors == 1


def test_annotations_follow_the_value() -> None:
    line = Timeline(alert(annotations={"now": "{{ $value }}"}))
    line.at(0, HIT)
    line.at(1, samples(({"job": "a", "gone": "y"}, 7.0)))
    assert [(i.annotations, i.value) for i in line.instances] == [({"now": "7"}, 7.0)]


def test_rows_of_sql_are_alerts_and_null_is_no_data() -> None:
    rule = AlertingRule("S", Sql("SELECT"), no_data=Unknown.KEEP)
    line = Timeline(rule)
    assert line.at(0, samples(({"service": "a"}, 3.0), ({"service": "b"}, 4.0))) == ["firing"] * 2
    assert line.at(1, samples(({"service": "a"}, None))) == ["no_data", "resolved"]


def test_a_row_without_data_may_fire() -> None:
    line = Timeline(AlertingRule("S", Sql("SELECT"), no_data=Unknown.FIRE))
    assert line.at(0, samples(({"service": "a"}, None))) == ["no_data"]
    assert line.instances[0].labels == {"alertname": "S", "service": "a"}


def test_counts_of_logs_are_compared_with_the_threshold() -> None:
    search = LogSearch("error", 5 * MINUTE_NS, Threshold(">=", 10))
    line = Timeline(AlertingRule("L", search))
    line.at(1, samples(({"service": "a"}, 10.0), ({"service": "b"}, 9.0)))
    assert [instance.labels["service"] for instance in line.instances] == ["a"]
    assert line.data.asked == [(search, 60_000)]
