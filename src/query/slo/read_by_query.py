"""What a PromQL query reads, as far as late rows matter."""

from typing import Final, NamedTuple

from query.prometheus.stored.made import is_made
from query.promql.errors import PromqlError
from query.promql.parsing.parse import parse
from query.promql.reach import Reaches

_MINUTE_MS: Final = 60_000


class ReadByQuery(NamedTuple):
    """`tables`, and for how many minutes after its own a row still counts."""

    tables: frozenset[str]
    later_minutes: int


def read_by(query: str, lookback_ms: int) -> ReadByQuery:
    """Of a query that cannot be read nothing is known: its answer will say why."""
    try:
        reaches = list(Reaches(0, 0, lookback_ms).of(parse(query)))
    except PromqlError:
        return ReadByQuery(frozenset(), 0)
    made = any(is_made(reach.matchers) for reach in reaches)
    back_ms = max((-reach.start_ms for reach in reaches), default=0)
    tables = {"metric_points", "spans"} if made else {"metric_points"}
    return ReadByQuery(frozenset(tables), -(-max(back_ms, 0) // _MINUTE_MS))
