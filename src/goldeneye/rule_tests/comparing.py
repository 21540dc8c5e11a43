"""Compares what came with what was expected; a difference is a text."""

import math
from collections.abc import Iterable, Sequence

from alerting.durations import MILLISECOND_NS, duration_text
from alerting.go_strings import quote
from alerting.labels import written
from goldeneye.rule_tests.definitions import AlertTest, ExpressionTest, Firing, Value
from query.promql.labels import text as metric_text
from query.promql.numbers import general

_INDENT = " " * 12


def _time(at_ms: int) -> str:
    return duration_text(at_ms * MILLISECOND_NS)


def _listed(lines: Iterable[str]) -> str:
    found = list(lines)
    return "".join(f"\n{_INDENT}{line}" for line in found) if found else " nothing"


def _shown(firing: Firing) -> str:
    labels, annotations = firing
    notes = [f"{name}: {quote(text)}" for name, text in sorted(annotations.items())]
    return f"\n{_INDENT}    ".join([f"labels: {written(labels)}", *notes])


def _order(firing: Firing) -> tuple[object, ...]:
    return tuple(sorted(firing[0].items())), tuple(sorted(firing[1].items()))


def alerts_difference(case: AlertTest, got: Sequence[Firing]) -> str | None:
    """What is not as expected of the alerts that fire, None where all is."""
    expected = sorted(case.expected, key=_order)
    found = sorted(got, key=_order)
    if [_order(one) for one in expected] == [_order(one) for one in found]:
        return None
    return (
        f"    line {case.line}: alertname: {case.alert}, time: {_time(case.at_ms)}\n"
        f"        exp:{_listed(map(_shown, expected))}\n"
        f"        got:{_listed(map(_shown, found))}"
    )


def values_difference(case: ExpressionTest, got: Sequence[Value], fuzzy: bool) -> str | None:
    """What is not as expected of an answer, None where all is."""
    expected = sorted(case.expected, key=lambda one: one.metric)
    found = sorted(got, key=lambda one: one.metric)
    pairs = zip(expected, found, strict=False)
    if len(expected) == len(found) and all(_same(*pair, fuzzy) for pair in pairs):
        return None
    return (
        f"    line {case.line}: expr: {case.expression!r}, time: {_time(case.at_ms)}\n"
        f"        exp:{_listed(map(_value, expected))}\n"
        f"        got:{_listed(map(_value, found))}"
    )


def failed(case: ExpressionTest, error: str) -> str:
    """An expression that has no answer."""
    place = f"line {case.line}: expr: {case.expression!r}, time: {_time(case.at_ms)}"
    return f"    {place}\n        err: {error}"


def rule_failed(rule: str, at_ms: int, error: str) -> str:
    """A rule that could not be evaluated."""
    return f"    rule: {rule}, time: {_time(at_ms)}\n        err: {error}"


def _same(expected: Value, got: Value, fuzzy: bool) -> bool:
    if expected.metric != got.metric:
        return False
    if expected.histogram is None or got.histogram is None:
        no_histograms = expected.histogram is got.histogram
        return no_histograms and _same_number(expected.number, got.number, fuzzy)
    hints = expected.histogram.hint is got.histogram.hint
    return hints and expected.histogram.equals(got.histogram)


def _same_number(expected: float, got: float, fuzzy: bool) -> bool:
    """Exactly the same; `fuzzy` lets the last bit differ."""
    if expected == got:
        return True
    neighbours = (math.nextafter(expected, -math.inf), math.nextafter(expected, math.inf))
    return fuzzy and got in neighbours


def _value(value: Value) -> str:
    name = metric_text(value.metric) or "{}"
    if value.histogram is None:
        return f"{name} {general(value.number)}"
    return f"{name} {value.histogram} (reset: {value.histogram.hint.value})"
