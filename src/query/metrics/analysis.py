"""What a metric's values are like: how they lie, where they lead, which ones stand out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from goldeneye.errors import InvalidRequest
from goldeneye.sql_files import sql
from query.asking.filter_sql import condition
from query.asking.filters import Filter
from query.asking.plain import number, records
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.metrics.known import Known, known_metric

# What is looked at of each point: its value, or what it tells of the time since the one before.
Of = Literal["value", "rate", "mean"]
ALL: Final[tuple[Of, ...]] = get_args(Of)
_VALUES: Final[dict[Of, str]] = {
    "value": "number",
    "rate": "number_grown / nullif((epoch_ns(moment) - epoch_ns(since)) / 1e9, 0)",
    "mean": "CASE WHEN since IS NOT NULL THEN total_grown / nullif(counted_grown, 0) END",
}
# Tukey's: so many times the distance of the quartiles beyond them.
FENCE: Final = 1.5
# A slope of less than so many of its standard errors may be chance.
_SIGNIFICANT: Final = 2.0
# Of cumulative values, the point before the range's first is looked for so long before it.
_LOOKBACK_NS: Final = 300 * 1_000_000_000
_MAX_OUTLIERS: Final = 100


@dataclass(frozen=True)
class Analysed:
    """`quantiles` are as written, and as numbers."""

    metric: str
    window: Window
    quantiles: tuple[Sequence[str], Sequence[float]]
    service: str | None = None
    filters: Sequence[Filter] = ()
    of: Of | None = None


def analysis(reader: Reader, asked: Analysed) -> dict[str, Any]:
    """Of all points of all its series that the filters leave. Raises NotFound, QueryFailed,
    InvalidRequest."""
    known = known_metric(reader, asked.metric, asked.service)
    of = _of(known, asked.of)
    listed = ", ".join(map(repr, asked.quantiles[1]))
    what = filled(sql("query.metrics", "summary"), {"quantiles": f"[{listed}]"})
    found = _read(reader, asked, of, what, "", {}).to_pylist()[0]
    quantiles = found["quantiles"] or [None] * len(asked.quantiles[0])
    names = ("count", "series_count", "min", "max", "mean", "median", "standard_deviation")
    return {
        "name": asked.metric,
        "type": known.type,
        "unit": known.unit,
        "temporality": known.temporality,
        "of": of,
        **{name: number(found[name]) for name in names},
        "percentiles": {
            written: number(value)
            for written, value in zip(asked.quantiles[0], quantiles, strict=True)
        },
        "trend": _trend(found),
        "outliers": _outliers(reader, asked, of, found["quartiles"]),
    }


def _of(known: Known, asked: Of | None) -> Of:
    if known.type in ("gauge", "sum"):
        if asked == "mean":
            raise InvalidRequest(f"of: a {known.type} has no mean; ask for value or rate")
        counter = known.type == "sum" and known.is_monotonic
        return asked or ("rate" if counter else "value")
    if asked not in (None, "mean"):
        raise InvalidRequest(f"of: a {known.type} has no {asked}; ask for mean")
    return "mean"


def _trend(found: dict[str, Any]) -> dict[str, Any] | None:
    """None where there are too few points to tell chance from it."""
    slope, r2, count = found["slope"], found["r2"], found["count"]
    if count < 3 or slope is None or not math.isfinite(slope):
        return None
    # R squared is that of a line; without any variance there is none.
    r2 = min(1.0, r2) if slope and r2 is not None and math.isfinite(r2) else 0.0
    errors = math.inf if r2 >= 1 else math.sqrt(r2 * (count - 2) / (1 - r2))
    direction = "flat" if errors < _SIGNIFICANT else ("rising" if slope > 0 else "falling")
    return {
        "direction": direction,
        "rate_per_second": slope,
        "rate_per_hour": slope * 3600,
        "change": slope * found["seconds"],
        "r2": r2,
    }


def _outliers(
    reader: Reader, asked: Analysed, of: Of, quartiles: list[float] | None
) -> dict[str, Any] | None:
    if quartiles is None:
        return None
    reach = FENCE * (quartiles[1] - quartiles[0])
    low, high = quartiles[0] - reach, quartiles[1] + reach
    where = "AND (value < $low OR value > $high)"
    params = {"low": low, "high": high}
    counted = _read(reader, asked, of, "count(*) AS count", where, params)
    rows = "series_id, moment AS time, value"
    order = f"{where} ORDER BY abs(value - $middle) DESC, moment, series_id LIMIT {_MAX_OUTLIERS}"
    params |= {"middle": (low + high) / 2}
    return {
        "rule": f"Tukey: more than {FENCE} times the distance of the quartiles beyond them",
        "low": number(low),
        "high": number(high),
        "count": counted["count"][0].as_py(),
        "values": records(_read(reader, asked, of, rows, order, params)),
    }


def _read(
    reader: Reader, asked: Analysed, of: Of, what: str, where: str, params: dict[str, Any]
) -> Any:
    filters = condition(asked.filters)
    parts = {"filters": filters.sql, "value": _VALUES[of], "what": what, "where": where}
    params = {
        "metric": asked.metric,
        "service": asked.service,
        "start_ns": asked.window.start_ns,
        **params,
        **filters.params,
    }
    start_ns = asked.window.start_ns - (0 if of == "value" else _LOOKBACK_NS)
    text = filled(sql("query.metrics", "values"), parts)
    return reader.table(text, params, start_ns, asked.window.end_ns)
