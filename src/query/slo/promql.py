"""Values by minute of PromQL queries, many of which are answered by one job."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from goldeneye.errors import DataDamaged, GoldeneyeError, QueryFailed
from query.asking.window import Window
from query.pool import Cancellation
from query.prometheus.asking import Question, ask
from query.promql.errors import PromqlError
from query.promql.parsing.parse import parse
from query.promql.printing.text import text
from query.promql.tree import Aggregate, bare
from query.service import QueryService
from query.slo.statement import Points

_MINUTE_MS: Final = 60_000


class MinuteQuery(NamedTuple):
    """With `each`, what an outermost `sum` adds is answered one by one."""

    query: str
    within: Window
    each: bool


def of_queries(
    service: QueryService, queries: Sequence[MinuteQuery]
) -> list[list[Points] | GoldeneyeError]:
    """Each query's values at the end of each minute, native histograms left out, or why it has
    none. Raises QueryFailed where all of them cannot be answered, and what QueryService.run raises.
    """
    asked = list[tuple[str, int, int, int]]()
    for one in queries:
        first_ms, last_ms = one.within.start_ns // 10**6, one.within.end_ns // 10**6
        expression = _parts(one.query) if one.each else one.query
        asked.append((expression, first_ms + _MINUTE_MS, last_ms, _MINUTE_MS))
    try:
        body, missing = ask(service, Question("ranges", {"asked": asked}), Cancellation())
    except PromqlError as error:
        raise QueryFailed(str(error)) from error
    if missing:
        raise DataDamaged(f"{len(missing)} files are missing, such as {missing[0]}", tuple(missing))
    return [_answer(told) for told in json.loads(body)]


def _answer(told: Mapping[str, Any]) -> list[Points] | GoldeneyeError:
    if "error" in told:
        return QueryFailed(told["error"][1])
    return [
        [(time // _MINUTE_MS - 1, value) for time, value in zip(times, values, strict=True)]
        for times, values in told["series"]
    ]


@lru_cache(maxsize=8_192)
def _parts(query: str) -> str:
    """Without the sums round it, whatever they sum by: all is added up in the end."""
    try:
        node = bare(parse(query))
    except PromqlError:
        # Its answer will say why.
        return query
    while isinstance(node, Aggregate) and node.operator == "sum":
        node = bare(node.inner)
    return text(node)
