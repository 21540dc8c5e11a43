"""The times that are said beforehand are those that the evaluation then asks for."""

from collections.abc import Sequence
from typing import Final

import pytest

from query.promql.engine import Engine
from query.promql.labels import from_mapping
from query.promql.memory import MemorySource
from query.promql.parsing.parse import parse
from query.promql.reach import Reaches
from query.promql.samples import SeriesSet
from query.promql.tree import Matcher

START_MS, END_MS, STEP_MS = 3_600_000, 7_200_000, 60_000
LOOKBACK_MS: Final = 300_000
QUERIES: Final = (
    "m",
    "m offset 10m",
    "m offset -10m",
    "m @ 100",
    "m @ start() offset 5m",
    "rate(m[7m])",
    "rate(m[7m] @ end() offset 1m)",
    "increase(m[7m] smoothed)",
    "increase(m[7m] anchored)",
    "m smoothed",
    "max_over_time(rate(m[3m])[20m:2m] offset 4m)",
    "max_over_time(sum_over_time(m[1h:5m] @ 4000)[20m:2m])",
    "max_over_time((m @ start())[20m:])",
    'info(m, {__name__=~".+_info", zone!=""})',
    "info(m offset 1h)",
    "absent_over_time(m[1h]) or on () vector(scalar(m @ 7))",
    "sum by (a) (m) / on (a) group_left () avg by (a) (rate(m[9m]))",
    "histogram_quantile(0.9, sum by (le) (rate(m[5m]))) > bool 3",
    "label_replace(timestamp(m), 'b', '$1', 'a', '(.*)') unless -(m offset 2h)",
    "predict_linear(m[30m], 60) + time()",
)


class Recording(MemorySource):
    """Knows what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[tuple[Matcher, ...], int, int]] = []
        times = range(0, END_MS + STEP_MS, STEP_MS)
        for name in ("m", "target_info"):
            labels = from_mapping({"__name__": name, "a": "x", "job": "j", "instance": "i"})
            self.add(labels, [(time, 1.0) for time in times])

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> SeriesSet:
        self.asked.append((tuple(matchers), start_ms, end_ms))
        return super().select(matchers, start_ms, end_ms)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("ranged", [False, True], ids=["instant", "range"])
def test_selectors_reach_no_further(query: str, ranged: bool) -> None:
    source = Recording()
    start_ms = START_MS if ranged else END_MS
    if ranged:
        Engine(source).range(query, start_ms, END_MS, STEP_MS)
    else:
        Engine(source).instant(query, END_MS)
    reaches = list(Reaches(start_ms, END_MS, LOOKBACK_MS).of(parse(query)))
    assert source.asked
    for matchers, first, last in source.asked:
        own = [one for one in reaches if one.matchers == matchers]
        assert any(one.start_ms <= first and last <= one.end_ms for one in own), query
    assert len(reaches) <= len(source.asked)
