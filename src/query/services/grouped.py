"""The figures of groups of spans, beside those of an earlier range where there is one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from query.asking.filter_sql import Condition
from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.asking.window import Window
from query.percentiles.asked import Asked, Measured, Method
from query.percentiles.measuring import measure
from query.services.red import ASKED_QUANTILES, NONE, change, figures, stated


class Ranges(NamedTuple):
    """What is asked about, what it is compared with, and how."""

    window: Window
    baseline: Window | None = None
    method: Method | None = None


class Found(NamedTuple):
    """`entries` by the group's key: its figures, with `previous` and `change` where there is a
    baseline. `facts` are the answer's: times, method, error."""

    entries: dict[tuple[Any, ...], dict[str, Any]]
    facts: dict[str, Any]


def grouped(reader: Reader, ranges: Ranges, keys: Sequence[str], condition: Condition) -> Found:
    """All groups of both ranges; those of the other one have figures of nothing."""
    asked = Asked(ranges.window, ASKED_QUANTILES, tuple(keys), condition, method=ranges.method)
    now = measure(reader, asked)
    facts = {**times(ranges.window), **stated(now)}
    entries = {key: figures(group, ranges.window.duration_ns) for key, group in now.groups.items()}
    if ranges.baseline is None:
        return Found(entries, facts)
    before = measure(reader, replace(asked, window=ranges.baseline))
    facts["baseline"] = {**times(ranges.baseline), **stated(before)}
    return Found(_compared(entries, before, ranges), facts)


def times(window: Window) -> dict[str, Any]:
    return {"start": rfc3339(window.start_ns), "end": rfc3339(window.end_ns)}


def _compared(
    entries: dict[tuple[Any, ...], dict[str, Any]], before: Measured, ranges: Ranges
) -> dict[tuple[Any, ...], dict[str, Any]]:
    assert ranges.baseline is not None
    compared = {}
    for key in entries.keys() | before.groups.keys():
        now = entries.get(key) or figures(NONE, ranges.window.duration_ns)
        previous = figures(before.groups.get(key, NONE), ranges.baseline.duration_ns)
        compared[key] = {**now, "previous": previous, "change": change(now, previous)}
    return compared
