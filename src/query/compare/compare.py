"""Attributes and values, ranked by how much more frequent they are in a selection of spans."""

from dataclasses import dataclass
from typing import Any, Final

from goldeneye.sql_files import sql
from query.asking.filter_sql import Condition
from query.asking.plain import records, rfc3339
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window

# So many spans of a side are looked at: a share of 1 % has a standard error of 0.07 %.
MAX_SPANS: Final = 20_000
# An attribute with more values than this, and hardly two spans of each, is an id.
_MANY_VALUES: Final = 5


@dataclass(frozen=True)
class Side:
    """Spans that match and start in the window."""

    matching: Condition
    within: Window

    def condition(self, name: str) -> Condition:
        """Never null where its own part is not; the parameters begin with `name`."""
        time = "coalesce(start_time, received_time)"
        within = (
            f"{time} >= make_timestamp_ns(${name}_start_ns) "
            f"AND {time} < make_timestamp_ns(${name}_end_ns)"
        )
        bounds = {f"{name}_start_ns": self.within.start_ns, f"{name}_end_ns": self.within.end_ns}
        return Condition(f"({within} AND {self.matching.sql})", self.matching.params | bounds)


def compare(
    reader: Reader,
    common: Condition,
    selection: Side,
    baseline: Side,
    left_out: list[str],
    limit: int,
) -> dict[str, Any]:
    """`differences`, greatest first, and of how many spans they were reckoned.

    `common` is what the spans of both sides match, by which files leave most rows unread;
    `left_out` are attributes that the selection itself is made by, as columns are named.
    """
    sides = selection.condition("selection"), baseline.condition("baseline")
    parts = {
        "common": common.sql,
        "is_selected": sides[0].sql,
        "is_baseline": sides[1].sql,
        "adjusted_count": sql("goldeneye", "adjusted_count"),
    }
    bounds = (
        min(selection.within.start_ns, baseline.within.start_ns),
        max(selection.within.end_ns, baseline.within.end_ns),
    )
    params = common.params | sides[0].params | sides[1].params
    sizes = reader.table(filled(_sql("sizes"), parts), params, *bounds).to_pylist()[0]
    steps = {name: -(-count // MAX_SPANS) or 1 for name, count in sizes.items()}
    more = {
        "selection_step": steps["selection_count"],
        "baseline_step": steps["baseline_count"],
        "many": _MANY_VALUES,
        "left_out": left_out,
        "limit": limit,
    }
    found = reader.table(filled(_sql("differences"), parts), params | more, *bounds)
    return {
        "differences": records(found),
        **sizes,
        "selection_examined": f"1/{steps['selection_count']}",
        "baseline_examined": f"1/{steps['baseline_count']}",
        "start": rfc3339(selection.within.start_ns),
        "end": rfc3339(selection.within.end_ns),
        "baseline_start": rfc3339(baseline.within.start_ns),
        "baseline_end": rfc3339(baseline.within.end_ns),
    }


def _sql(name: str) -> str:
    return sql("query.compare", name)
