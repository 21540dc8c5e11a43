"""Aggregations of series that come some at a time give what they give for all at once."""

from collections.abc import Iterator, Sequence
from typing import Final

import pytest

from query.promql.engine import Answer, Engine, Limits
from query.promql.errors import TooManySamples
from query.promql.labels import from_mapping
from query.promql.memory import MemorySource
from query.promql.samples import SeriesSet
from query.promql.standing import Standing
from query.promql.tree import Matcher

QUERIES: Final = (
    "sum(m_total)",
    "sum by (zone) (rate(m_total[5m]))",
    "sum without (host) (increase(m_total[3m] offset 1m))",
    "avg by (zone) (m_total)",
    "avg(huge)",
    "sum(huge)",
    "count by (zone) (m_total > 40)",
    "min by (zone) (-m_total)",
    "max(abs(delta(m_total[5m])))",
    "group by (zone, __name__) (m_total)",
    "topk by (zone) (2, m_total)",
    "bottomk(3, rate(m_total[5m]))",
    "sum(m_total @ end())",
    "sum by (zone) (round(m_total, 5)) / 2",
    "quantile(0.5, m_total)",
    "stddev(m_total)",
    "limitk(2, m_total)",
    "count_values('v', m_total)",
    "sum(label_replace(m_total offset 1m, 'other', 'x', '', '')) or vector(1)",
    "sum(quantile_over_time(0.5, m_total[5m]))",
    "absent_over_time(m_total[5m])",
    "rate(m_total[5m])",
    "timestamp(m_total)",
    "max(timestamp(m_total))",
    "m_total",
    "sum(nothing)",
)


class InParts(MemorySource):
    """Three series at a time."""

    def parts(
        self,
        matchers: Sequence[Matcher],
        start_ms: int,
        end_ms: int,
        standing: Standing | None = None,
    ) -> Iterator[SeriesSet]:
        whole = self.select(matchers, start_ms, end_ms)
        for first in range(0, max(1, len(whole.labels)), 3):
            last = min(first + 3, len(whole.labels))
            yield SeriesSet(whole.labels[first:last], whole.floats.part(first, last))


def _filled(source: MemorySource) -> MemorySource:
    for number in range(11):
        labels = {"host": f"h{number}", "zone": f"z{number % 3}"}
        times = range(number * 7_000, 900_000, 15_000)
        rising = [(time, time / 1000.0 * (1 + number % 4)) for time in times]
        source.add(from_mapping({**labels, "__name__": "m_total"}), rising)
        source.add(from_mapping({**labels, "__name__": "huge"}), [(900_000, 1e308)])
    return source


def _assert_same(found: Answer, expected: Answer) -> None:
    assert [one.labels for one in found.series] == [one.labels for one in expected.series]
    for one, other in zip(found.series, expected.series, strict=True):
        assert one.times.tolist() == other.times.tolist()
        assert one.values == pytest.approx(other.values, rel=1e-14)
    assert (found.warnings, found.infos) == (expected.warnings, expected.infos)


@pytest.mark.parametrize("query", QUERIES)
def test_parts_add_up(query: str) -> None:
    whole, parted = Engine(_filled(MemorySource())), Engine(_filled(InParts()))
    _assert_same(parted.instant(query, 900_000), whole.instant(query, 900_000))
    asked = (query, 300_000, 900_000, 60_000)
    _assert_same(parted.range(*asked), whole.range(*asked))


def test_all_parts_count() -> None:
    """As they do in Prometheus, which has them in memory together."""
    Engine(_filled(InParts()), Limits(max_samples=12)).instant("sum(m_total)", 900_000)
    with pytest.raises(TooManySamples):
        Engine(_filled(InParts()), Limits(max_samples=11)).instant("sum(m_total)", 900_000)


def test_cells_of_all_parts_are_bounded_where_all_are_held() -> None:
    limits = Limits(max_cells=60)
    Engine(_filled(InParts()), limits).instant("sum(m_total)", 900_000)
    with pytest.raises(TooManySamples):
        Engine(_filled(InParts()), limits).range("m_total", 300_000, 900_000, 60_000)
