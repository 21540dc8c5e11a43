"""Answers of queries as Prometheus's JSON."""

from collections.abc import Iterable, Sequence
from operator import add
from typing import Any, Final

import numpy as np
import orjson

from query.promql.engine import Answer, Samples
from query.promql.naming.numbers import api_number, api_numbers, api_time, plain_number
from query.promql.native.histogram import Bucket, Histogram
from query.promql.samples import Ints

_TRUNCATED: Final = "results truncated due to limit"


def success(data: Any, warnings: Sequence[str] = (), infos: Sequence[str] = ()) -> dict[str, Any]:
    """The document round an answer."""
    notes = {"warnings": list(warnings), "infos": list(infos)}
    return {"status": "success", "data": data} | {name: own for name, own in notes.items() if own}


def limited(entries: Sequence[Any], limit: int | None) -> tuple[Sequence[Any], list[str]]:
    """The first entries, and the warning that they are not all."""
    if limit is None or len(entries) <= limit:
        return entries, []
    return entries[:limit], [_TRUNCATED]


def document(answer: Answer, time_ms: int, limit: int | None) -> dict[str, Any]:
    """The whole document; `time_ms` is that of an instant query."""
    warnings = list(answer.warnings)
    if answer.kind == "string":
        result: Any = [_raw(api_time(time_ms)), answer.text]
    elif answer.kind == "scalar":
        one = answer.series[0]
        result = [_raw(api_time(int(one.times[0]))), plain_number(float(one.values[0]))]
    else:
        shown, more = limited(answer.series, limit)
        warnings += more
        written = _vector if answer.kind == "vector" else _Matrix().written
        result = [written(one) for one in shown]
    return success({"resultType": answer.kind, "result": result}, warnings, answer.infos)


def _vector(one: Samples) -> dict[str, Any]:
    time = _raw(api_time(int(one.times[0])))
    if one.histograms:
        return {"metric": dict(one.labels), "histogram": [time, histogram(one.histograms[0])]}
    return {"metric": dict(one.labels), "value": [time, api_number(float(one.values[0]))]}


class _Matrix:
    """Series one after the other: the times are those of the one before, mostly."""

    def __init__(self) -> None:
        self._times_ms: Ints = np.empty(0, dtype=np.int64)
        self._times: list[str] = []
        self._heads: list[str] = []

    def written(self, one: Samples) -> dict[str, Any]:
        if not np.array_equal(one.times, self._times_ms):
            self._times_ms = one.times
            self._times = [api_time(time) for time in one.times.tolist()]
            self._heads = [f'[{time},"' for time in self._times]
        written: dict[str, Any] = {"metric": dict(one.labels)}
        held = one.histograms
        if len(held) < len(self._times):
            pairs: Iterable[str] = map(add, self._heads, api_numbers(one.values))
            if held:
                pairs = (pair for place, pair in enumerate(pairs) if place not in held)
            written["values"] = _raw('[{}"]]'.format('"],'.join(pairs)))
        if held:
            written["histograms"] = [
                [_raw(self._times[place]), histogram(own)] for place, own in sorted(held.items())
            ]
        return written


def histogram(own: Histogram) -> dict[str, Any]:
    """A native histogram: its buckets by rule, lower and upper bound and count."""
    buckets = [_bucket(bucket) for bucket in own.buckets() if bucket.count]
    more = {"buckets": buckets} if buckets else {}
    return {"count": api_number(own.count), "sum": api_number(own.sum), **more}


def _bucket(bucket: Bucket) -> list[Any]:
    """Rule 0 has its upper bound, 1 its lower, 2 neither, 3 both."""
    rules = {(False, True): 0, (True, False): 1, (False, False): 2, (True, True): 3}
    numbers = (bucket.lower, bucket.upper, bucket.count)
    rule = rules[bucket.lower_inclusive, bucket.upper_inclusive]
    return [rule, *map(api_number, numbers)]


def _raw(text: str) -> Any:
    return orjson.Fragment(text)
