"""What Prometheus's clients ask of the server itself."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from goldeneye import __version__, limits
from goldeneye.sql_files import sql
from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.pool import Cancellation
from query.prometheus.answers import success
from query.prometheus.asked import Asked
from query.prometheus.stored.series import Series, series_of
from query.prometheus.stored.span import Span
from query.reads import Reads, Statement

# The release whose API this is: clients ask for no more than it had.
API_VERSION: Final = "3.5.0"
_DAY_MS: Final = 86_400_000
_DAYS: Final = 7
_LISTED: Final = 10


def buildinfo(*_: object) -> dict[str, Any]:
    """The answer of `/status/buildinfo`."""
    return success(
        {
            "version": API_VERSION,
            "revision": f"goldeneye-{__version__}",
            "branch": "",
            "buildUser": "",
            "buildDate": "",
            "goVersion": "",
            "application": "Goldeneye",
        }
    )


def runtimeinfo(reader: Reader, _: Cancellation, asked: Asked) -> dict[str, Any]:
    """The answer of `/status/runtimeinfo`: what of Prometheus's members there is here."""
    return success(
        {
            "serverTime": rfc3339(reader.now_ns),
            "reloadConfigSuccess": True,
            "corruptionCount": 0,
            "GOMAXPROCS": os.cpu_count() or 1,
        }
    )


def tsdb(reader: Reader, _: Cancellation, asked: Asked) -> dict[str, Any]:
    """The answer of `/status/tsdb`: series of the days that the last 24 hours touch, as OTLP has
    them (a histogram is one), and beside Prometheus's members how many there were each day."""
    listed = asked.count("limit") or _LISTED
    end_ms = reader.now_ns // 1_000_000
    span = Span(end_ms - _DAY_MS, end_ms)
    names = _rows(reader, span, "series_by_name", ("name", "series_id"))
    by_name = Counter({row["name"]: row["series"] for row in names})
    total = sum(by_name.values())
    days = Span(end_ms - _DAYS * _DAY_MS, end_ms)
    known = total <= limits.MAX_REMEMBERED_SERIES
    labels = _of_labels(series_of(reader, span, None).values() if known else (), listed)
    head = {
        "numSeries": total,
        "numLabelPairs": labels.pop("pairs"),
        "minTime": span.start_ms,
        "maxTime": span.end_ms,
    }
    by_day = _rows(reader, days, "series_by_day", ("day", "series_id"))
    warnings = [] if known else [f"labels are not counted of {total} series"]
    data = {
        "headStats": head,
        "seriesCountByMetricName": _largest(by_name, listed),
        **labels,
        "seriesCountByDay": by_day,
    }
    return success(data, warnings)


def _rows(reader: Reader, span: Span, name: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    statement = Statement(sql("query.prometheus.stored", name), {"metric_series": columns})
    found: list[dict[str, Any]] = reader.read(Reads([statement], *span.days_ns))[0].to_pylist()
    return found


def _of_labels(series: Iterable[Series], listed: int) -> dict[str, Any]:
    pairs = Counter(pair for one in series for pair in one.labels)
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


def rules(*_: object) -> dict[str, Any]:
    """The answer of `/rules`: there are none."""
    return success({"groups": []})


def alerts(*_: object) -> dict[str, Any]:
    """The answer of `/alerts`: there are none."""
    return success({"alerts": []})
