"""What must hold of the tables derived from spans: they equal an aggregation of the raw spans.

A span counts as soon as it is in files, also when retention took it since.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from support.simulation.model import Expected
from support.simulation.requests import NUMBER, span
from support.simulation.seen import Seen

_MINUTE_NS = 60 * 10**9
_BUCKETS_PER_OCTAVE = 32
_KEY = ["minute", "service_name", "name", "kind", "status_code", "is_root", "bucket"]
_SUMS = ["count", "duration_sum_ns", "adjusted_count"]
Span = dict[str, Any]
Sums = tuple[float, ...]


def rollups_of_spans(seen: Seen, expected: Expected) -> Iterator[str]:
    """Each key's sums are those of its spans."""
    certain, possible = _spans_in_files(seen, expected)
    low = _added((_rollup_key(one), _counted(one)) for one in certain)
    high = _added((_rollup_key(one), _counted(one)) for one in certain + possible)
    found = _added(
        (row[: len(_KEY)], row[len(_KEY) :]) for row in seen.in_files("span_rollups", _KEY + _SUMS)
    )
    nothing = (0.0,) * len(_SUMS)
    for key in sorted(found.keys() | high.keys()):
        least, here, most = (sums.get(key, nothing) for sums in (low, found, high))
        if not all(a <= b <= c for a, b, c in zip(least, here, most, strict=True)):
            yield f"span_rollups: {key} has {here} instead of {least} to {most}"


def _rollup_key(one: Span) -> tuple[Any, ...]:
    bucket = math.ceil(math.log2(one["duration_ns"]) * _BUCKETS_PER_OCTAVE) - 1
    minute = one["start_time"] // _MINUTE_NS * _MINUTE_NS
    named = (one["service_name"], one["name"], one["kind"], one["status_code"])
    return (minute, *named, one["parent_span_id"] is None, bucket)


def _counted(one: Span) -> Sums:
    return (1, one["duration_ns"], 1.0)


def _added(rows: Iterable[tuple[tuple[Any, ...], Sums]]) -> Mapping[tuple[Any, ...], Sums]:
    sums: dict[tuple[Any, ...], Sums] = {}
    for key, more in rows:
        so_far = sums.get(key, (0,) * len(more))
        sums[key] = tuple(a + b for a, b in zip(so_far, more, strict=True))
    return sums


def traces_of_spans(seen: Seen, expected: Expected) -> Iterator[str]:
    """Each trace's parts together say what its spans say."""
    certain, possible = _spans_in_files(seen, expected)
    columns = ["trace_id", "start_time", "end_time", "root_span_id", "span_count", "error_count"]
    found = _combined(
        (trace, (start, end, {root} - {None}, count, errors, frozenset(services)))
        for trace, start, end, root, count, errors, services in seen.in_files(
            "trace_parts", [*columns, "services"]
        )
    )
    wanted = _combined((one["trace_id"], _part(one)) for one in certain)
    most = _combined((one["trace_id"], _part(one)) for one in certain + possible)
    unclear = {one["trace_id"] for one in possible}
    for trace in sorted(found.keys() | wanted.keys()):
        if trace not in unclear and found.get(trace) != wanted.get(trace):
            yield f"trace_parts: {trace} is {found.get(trace)} instead of {wanted.get(trace)}"
        if trace in unclear and trace in found and found[trace][3] > most[trace][3]:
            yield f"trace_parts: {trace} has more spans than were sent"


def _part(one: Span) -> tuple[Any, ...]:
    root = {one["span_id"]} if one["parent_span_id"] is None else set()
    is_error = int(one["status_code"] == "error")
    services = frozenset({one["service_name"]})
    return one["start_time"], one["end_time"], root, 1, is_error, services


def _combined(parts: Iterable[tuple[str, tuple[Any, ...]]]) -> dict[str, tuple[Any, ...]]:
    whole: dict[str, tuple[Any, ...]] = {}
    for trace, part in parts:
        if (so_far := whole.get(trace)) is not None:
            start, end, roots, count, errors, services = so_far
            more = (roots | part[2], count + part[3], errors + part[4], services | part[5])
            part = (min(start, part[0]), max(end, part[1]), *more)
        whole[trace] = part
    return whole


def _spans_in_files(seen: Seen, expected: Expected) -> tuple[list[Span], list[Span]]:
    """Spans that are or were in files, and those that may be or have been."""
    in_files = {number for (number,) in seen.in_files("spans", [NUMBER["spans"]])}
    hot = {number for (number,) in seen.hot("spans", [NUMBER["spans"]])}
    certain, possible = [], []
    for number, bounds in expected.bounds["spans"].items():
        if number in hot and number not in in_files:
            continue
        one = span(number, bounds.time_ns)
        if expected.all_derived and (number in in_files or bounds.was_there):
            certain.append(one)
        elif bounds.was_there or bounds.high:
            possible.append(one)
    return certain, possible
