"""Reads files of unit tests, strictly."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from alerting.documents.entry import Entry
from alerting.documents.reading import Reading
from alerting.durations import MILLISECOND_NS
from goldeneye.rule_tests.definitions import (
    AlertTest,
    ExpressionTest,
    Firing,
    Test,
    TestFile,
    Value,
)
from query.promql.errors import PromqlError
from query.promql.labels import Labels
from query.promql.native.histogram import Histogram
from query.promql.testing.notation import Described, Sample, described, values

_MINUTE_MS: Final = 60_000
Found = TypeVar("Found")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FILE: Final = frozenset(
    {"rule_files", "evaluation_interval", "group_eval_order", "tests", "fuzzy_compare"}
)
_TEST: Final = frozenset(
    {
        "interval",
        "input_series",
        "alert_rule_test",
        "promql_expr_test",
        "external_labels",
        "external_url",
        "name",
        "start_timestamp",
    }
)
_SPACED: Final = re.compile(r"\s+\{")
_SERIES: Final = frozenset({"series", "values"})
_ALERT_TEST: Final = frozenset({"eval_time", "alertname", "exp_alerts"})
_FIRING: Final = frozenset({"exp_labels", "exp_annotations"})
_EXPRESSION_TEST: Final = frozenset({"expr", "eval_time", "exp_samples"})
_VALUE: Final = frozenset({"labels", "value", "histogram"})


def load(text: str, file: str) -> TestFile:
    """A file's tests. Raises BadFile with all that is wrong."""
    reading = Reading(file)
    loader = _Loader(reading)
    document = reading.document(text)
    fields = reading.fields(document, _FILE) if document else {}
    interval_ms = loader.milliseconds(fields.get("evaluation_interval")) or _MINUTE_MS
    order = tuple(loader.order(fields.get("group_eval_order")))
    found = TestFile(
        rule_files=tuple(map(reading.text, reading.items(fields.get("rule_files")))),
        evaluation_interval_ms=interval_ms,
        group_order=order,
        tests=tuple(loader.test(item, interval_ms) for item in reading.items(fields.get("tests"))),
        fuzzy=reading.boolean(fields.get("fuzzy_compare")),
    )
    reading.finish()
    return found


def start_ms(text: str) -> int:
    """A Unix time in seconds or an RFC 3339 one. Raises ValueError."""
    try:
        return round(float(text) * 1000)
    except ValueError:
        pass
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise ValueError(f"cannot parse {text!r} to a valid timestamp")
    return (time - _EPOCH) // timedelta(milliseconds=1)


def metric(text: str) -> Labels:
    """A series without samples. Raises ValueError."""
    try:
        found = described(_SPACED.sub("{", text, count=1))
    except PromqlError as error:
        raise ValueError(str(error)) from error
    if found.values:
        raise ValueError(f"{text!r} is no series")
    return found.labels


def histogram(text: str) -> Histogram:
    """One native histogram in the notation of series. Raises ValueError."""
    found = _samples(text)
    if len(found) != 1 or not isinstance(found[0], Histogram):
        raise ValueError(f"{text!r} is not one histogram")
    return found[0]


def _samples(text: str) -> list[Sample]:
    try:
        return values(text)
    except (PromqlError, ValueError) as error:
        raise ValueError(str(error)) from error


class _Loader:
    """Reads tests, noting what is wrong."""

    def __init__(self, reading: Reading) -> None:
        self._read = reading

    def milliseconds(self, place: Entry | None) -> int:
        return self._read.duration(place) // MILLISECOND_NS

    def order(self, place: Entry | None) -> list[str]:
        names = list[str]()
        for item in self._read.items(place):
            name = self._read.text(item)
            if name in names:
                self._read.fault(item, f"group name repeated in evaluation order: {name}")
            names.append(name)
        return names

    def test(self, place: Entry, interval_ms: int) -> Test:
        read = self._read
        fields = read.fields(place, _TEST)
        return Test(
            name=read.text(fields.get("name")),
            interval_ms=self.milliseconds(fields.get("interval")) or interval_ms,
            start_ms=read.converted(fields.get("start_timestamp"), start_ms) or 0,
            series=self._each(fields.get("input_series"), self._series),
            alerts=self._each(fields.get("alert_rule_test"), self._alert_test),
            expressions=self._each(fields.get("promql_expr_test"), self._expression_test),
            external_labels=read.texts(fields.get("external_labels")),
            external_url=read.text(fields.get("external_url")),
        )

    def _each(self, place: Entry | None, one: Callable[[Entry], Found]) -> tuple[Found, ...]:
        return tuple(one(item) for item in self._read.items(place))

    def _series(self, place: Entry) -> Described:
        fields = self._read.fields(place, _SERIES)
        if "series" not in fields:
            self._read.fault(place, "must have a series")
        return Described(
            self._read.converted(fields.get("series"), metric) or (),
            self._read.converted(fields.get("values"), _samples) or [],
        )

    def _alert_test(self, place: Entry) -> AlertTest:
        fields = self._read.fields(place, _ALERT_TEST)
        alert = self._read.text(fields.get("alertname"))
        if not alert:
            self._read.fault(place, "misses the required attribute alertname")
        expected = self._each(fields.get("exp_alerts"), self._firing)
        named = tuple(({**labels, "alertname": alert}, notes) for labels, notes in expected)
        return AlertTest(self.milliseconds(fields.get("eval_time")), alert, named, place.line)

    def _firing(self, place: Entry) -> Firing:
        fields = self._read.fields(place, _FIRING)
        return (
            self._read.texts(fields.get("exp_labels")),
            self._read.texts(fields.get("exp_annotations")),
        )

    def _expression_test(self, place: Entry) -> ExpressionTest:
        fields = self._read.fields(place, _EXPRESSION_TEST)
        return ExpressionTest(
            at_ms=self.milliseconds(fields.get("eval_time")),
            expression=self._read.text(fields.get("expr")),
            expected=self._each(fields.get("exp_samples"), self._value),
            line=place.line,
        )

    def _value(self, place: Entry) -> Value:
        fields = self._read.fields(place, _VALUE)
        return Value(
            metric=self._read.converted(fields.get("labels"), metric) or (),
            number=self._read.number(fields.get("value")),
            histogram=self._read.converted(fields.get("histogram"), histogram),
        )
