"""The largest metrics and labels, and how many series there are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from goldeneye import limits
from goldeneye.sql_files import sql
from query.prometheus.answers import success
from query.prometheus.asked import Asked
from query.prometheus.bad_requests import BadRequest
from query.prometheus.prepared import Context, Prepared, Tables, documented
from query.prometheus.reader import Reader
from query.prometheus.stored.series import series_of
from query.prometheus.stored.series_memory import Series
from query.prometheus.stored.span import Span
from query.reads import Reads, Statement

_DAY_MS: Final = 86_400_000
_DAYS: Final = 7
_LISTED: Final = 10
_MAX_LISTED: Final = 10_000


def tsdb(asked: Asked, context: Context) -> Prepared:
    """`/status/tsdb`: series of the days that the last 24 hours touch, as OTLP has
    them (a histogram is one), and beside Prometheus's members how many there were each day."""
    listed = _listed(asked)
    end_ms = context.now_ns // 1_000_000
    tables = Tables()
    tables.add("metric_series", Span(end_ms - _DAYS * _DAY_MS, end_ms).days_ns)
    answer = documented(lambda reader: _largest_metrics(reader, end_ms, listed))
    return Prepared(tables, answer, context.timeout_s)


def _listed(asked: Asked) -> int:
    text = asked.text("limit") or str(_LISTED)
    if not text.isdecimal() or int(text) < 1:
        raise BadRequest("limit must be a positive number")
    if int(text) > _MAX_LISTED:
        raise BadRequest(f"limit must not exceed {_MAX_LISTED}")
    return int(text)


def _largest_metrics(reader: Reader, end_ms: int, listed: int) -> dict[str, Any]:
    span = Span(end_ms - _DAY_MS, end_ms)
    names = _rows(reader, span, "series_by_name", ("name", "series_id"))
    by_name = Counter({row["name"]: row["series"] for row in names})
    total = sum(by_name.values())
    days = Span(end_ms - _DAYS * _DAY_MS, end_ms)
    known = total <= limits.MAX_COUNTED_SERIES
    labels = _of_labels(series_of(reader, span, None).values() if known else (), listed)
    head = {
        "numSeries": total,
        "numLabelPairs": labels.pop("pairs"),
        "minTime": span.start_ms,
        "maxTime": span.end_ms,
    }
    new = _rows(reader, days, "new_series_by_name", ("name", "day", "series_id"))
    by_day = _rows(reader, days, "series_by_day", ("day", "series_id"))
    warnings = [] if known else [f"labels are not counted of {total} series"]
    of_week = sum(row["new"] for row in by_day)
    counted = of_week <= limits.MAX_COUNTED_SERIES
    new_values = _new_values(reader, by_day, end_ms) if counted else {}
    data = {
        "headStats": head,
        "seriesCountByMetricName": _largest(by_name, listed),
        **labels,
        "newSeriesCountByMetricName": _largest({row["name"]: row["series"] for row in new}, listed),
        "newLabelValueCountByLabelName": _largest(new_values, listed),
        "seriesCountByDay": by_day,
    }
    return success(data, warnings)


def _new_values(reader: Reader, by_day: Sequence[Mapping[str, Any]], end_ms: int) -> Counter[str]:
    """Of each label, the values of the last day that the days before did not have."""
    if not by_day:
        return Counter()
    day = datetime.fromisoformat(by_day[-1]["day"]).replace(tzinfo=UTC)
    before_ms = int(day.timestamp()) * 1000 - 1
    earlier = Span(before_ms - (_DAYS - 1) * _DAY_MS, before_ms)
    known = _pairs(series_of(reader, earlier, None).values())
    last = Span(before_ms, min(before_ms + _DAY_MS, end_ms))
    found = _pairs(series_of(reader, last, None).values())
    return Counter(name for name, _ in found.keys() - known.keys())


def _pairs(series: Iterable[Series]) -> Counter[tuple[str, str]]:
    return Counter(pair for one in series for pair in one.labels)


def _rows(reader: Reader, span: Span, name: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    statement = Statement(sql("query.prometheus.stored", name), {"metric_series": columns})
    found: list[dict[str, Any]] = reader.read(Reads([statement], *span.days_ns))[0].to_pylist()
    return found


def _of_labels(series: Iterable[Series], listed: int) -> dict[str, Any]:
    pairs = _pairs(series)
    values, sizes = Counter[str](), Counter[str]()
    for name, value in pairs:
        values[name] += 1
        sizes[name] += len(value.encode())
    by_pair = Counter({f"{name}={value}": count for (name, value), count in pairs.items()})
    return {
        "pairs": len(pairs),
        "labelValueCountByLabelName": _largest(values, listed),
        "memoryInBytesByLabelName": _largest(sizes, listed),
        "seriesCountByLabelValuePair": _largest(by_pair, listed),
    }


def _largest(counts: Mapping[str, int], listed: int) -> list[dict[str, Any]]:
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [{"name": name, "value": count} for name, count in ordered[:listed]]
