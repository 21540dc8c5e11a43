"""Prometheus's own cases, and what holds of every name."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from query.promql.naming.metric_kind import Kind
from query.promql.naming.metric_name import metric_name
from query.promql.naming.strategy import Strategy
from query.promql.naming.units import unit_name

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("otlp_to_prometheus_names.json").read_text(encoding="utf-8")
)
# The settings of these cases got lost when they were taken from their source.
LOST_SETTINGS: dict[int, dict[str, Any]] = {
    3: {"namespace": "test@namespace!!??"},
    6: {"with_suffixes": True},
    19: {"namespace": "ñamespace", "with_suffixes": True, "utf8": True},
}
KINDS: dict[str, Kind] = {
    "MetricTypeGauge": "gauge",
    "MetricTypeMonotonicCounter": "counter",
    "MetricTypeNonMonotonicCounter": "up_down_counter",
    "MetricTypeHistogram": "histogram",
    "MetricTypeExponentialHistogram": "exponential_histogram",
    "MetricTypeSummary": "summary",
}
STRATEGIES = {
    (False, True): Strategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES,
    (False, False): Strategy.UNDERSCORE_ESCAPING_WITHOUT_SUFFIXES,
    (True, True): Strategy.NO_UTF8_ESCAPING_WITH_SUFFIXES,
    (True, False): Strategy.NO_TRANSLATION,
}
LEGAL = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
ESCAPING = [strategy for strategy in Strategy if strategy.escapes]
NAMES = st.text(st.sampled_from("ab1_:.@ é") | st.characters(codec="utf-8"), max_size=12)
TYPED = NAMES | st.builds("{}{}".format, NAMES, st.sampled_from(["_total", "total", "_seconds"]))
UNITS = NAMES | st.sampled_from(["s", "By/s", "1", "1/m", "{x}", "%", "@a@/@b@", "/"])
KIND_CHOICE = st.sampled_from(sorted(set(KINDS.values())))
# Units of one word, which can be found again among a name's words.
ONE_WORD_UNITS = st.sampled_from(["", "1", "s", "By", "%", "{x}"])


@pytest.mark.parametrize("number", range(len(CASES)))
def test_names_and_units_are_those_of_prometheus(number: int) -> None:
    case = CASES[number] | LOST_SETTINGS.get(number, {})
    strategy = STRATEGIES[case["utf8"], case["with_suffixes"]]
    name = metric_name(
        case["metric"], case["unit"], KINDS[case["type"]], strategy, case["namespace"]
    )
    assert name == (None if case["want_err"] else case["want_name"])
    assert unit_name(case["unit"], strategy) == case["want_unit"]


@pytest.mark.parametrize(
    ("name", "unit", "kind", "expected"),
    [
        ("system.io", "foo/bar", "counter", "system_io_foo_per_bar_total"),
        ("total_requests", "", "counter", "requests_total"),
        ("a__b", "", "gauge", "a_b"),
        (":a:b:", "", "gauge", ":a:b:"),
        ("_hidden_", "", "gauge", "hidden"),
        ("2xx", "", "counter", "_2xx_total"),
        ("ratio.of", "1", "gauge", "of_ratio"),
        ("hits", "1", "histogram", "hits"),
        ("a", "@b@", "gauge", "a_b_"),
        ("a", "By/@", "gauge", "a_bytes"),
        ("", "s", "gauge", "seconds"),
        ("ようこそ", "", "gauge", None),
        ("", "", "gauge", None),
    ],
)
def test_with_the_default(name: str, unit: str, kind: Kind, expected: str | None) -> None:
    assert metric_name(name, unit, kind, Strategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES) == expected


@pytest.mark.parametrize(
    ("name", "unit", "kind", "expected"),
    [
        ("a.b", "s", "counter", "a.b_seconds_total"),
        ("a.b_seconds_total", "s", "counter", "a.b_seconds_total"),
        ("a per_second_total", "By/s", "counter", "a_bytes_per_second_total"),
        # The character before a suffix goes with it, though it be a letter.
        ("subtotal", "", "counter", "su_total"),
        ("total", "", "counter", "total_total"),
        ("", "", "gauge", None),
    ],
)
def test_suffixes_without_escaping(name: str, unit: str, kind: Kind, expected: str | None) -> None:
    assert metric_name(name, unit, kind, Strategy.NO_UTF8_ESCAPING_WITH_SUFFIXES) == expected


def test_escaping_without_suffixes_keeps_underscores() -> None:
    strategy = Strategy.UNDERSCORE_ESCAPING_WITHOUT_SUFFIXES
    assert metric_name("_a__b@@c@", "s", "counter", strategy) == "_a__b_c"
    assert metric_name("___", "", "gauge", strategy) == "___"
    assert metric_name("@_@", "", "gauge", strategy) is None


@given(TYPED, UNITS, KIND_CHOICE, st.sampled_from(ESCAPING), NAMES)
def test_escaped_names_are_legal(
    name: str, unit: str, kind: Kind, strategy: Strategy, namespace: str
) -> None:
    named = metric_name(name, unit, kind, strategy, namespace)
    assert named is None or LEGAL.fullmatch(named)


@example("total", "", "counter", Strategy.NO_UTF8_ESCAPING_WITH_SUFFIXES)
@given(TYPED, ONE_WORD_UNITS, KIND_CHOICE, st.sampled_from(list(Strategy)))
def test_a_translated_name_stays(name: str, unit: str, kind: Kind, strategy: Strategy) -> None:
    assume(name)
    named = metric_name(name, unit, kind, strategy)
    assert named is None or metric_name(named, unit, kind, strategy) == named


@given(TYPED, UNITS, KIND_CHOICE)
def test_without_translation_names_are_as_sent(name: str, unit: str, kind: Kind) -> None:
    assert metric_name(name, unit, kind, Strategy.NO_TRANSLATION) == (name or None)


@given(TYPED, UNITS, st.sampled_from([s for s in Strategy if s.adds_suffixes]))
def test_counters_say_so(name: str, unit: str, strategy: Strategy) -> None:
    named = metric_name(name, unit, "counter", strategy)
    assert named is not None
    assert named.endswith("total")
