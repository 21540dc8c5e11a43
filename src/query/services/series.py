"""Rate, errors and durations of a service over time."""

from typing import Any

from goldeneye.errors import InvalidRequest
from query.asking.filter_sql import Condition
from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.asking.window import Window
from query.percentiles.asked import Asked, Measured, Step
from query.percentiles.measuring import measure
from query.percentiles.steps import default_step, step_of, steps_within
from query.services.grouped import Ranges, times
from query.services.known import require_known
from query.services.red import ASKED_QUANTILES, ENTRY, NONE, change, figures, stated


def series(
    reader: Reader,
    service: str,
    ranges: Ranges,
    step: str | None,
    operation: str | None,
    kind: str | None,
) -> dict[str, Any]:
    """One entry a step, those without spans too; raises NotFound, InvalidRequest.

    Of all its entry spans, or of the spans of an operation or kind.
    """
    condition = _condition(service, operation, kind)
    step = default_step(ranges.window) if step is None else step
    steps = step_of(step, ranges.window)
    now, points = _points(reader, ranges.window, steps, condition, ranges)
    if not now.groups:
        require_known(reader, service, operation)
    facts = {**times(ranges.window), "step_s": steps.length_ns / 1e9, **stated(now)}
    if ranges.baseline is not None:
        before = _baseline(reader, ranges, ranges.baseline, step, condition)
        facts["baseline"] = {**times(ranges.baseline), **stated(before[0])}
        for point, previous in zip(points, before[1], strict=True):
            point["previous"] = previous
            point["change"] = change(point, previous)
    return {"service_name": service, "series": points, **facts}


def _condition(service: str, operation: str | None, kind: str | None) -> Condition:
    parts = {"service_name": service, "name": operation, "kind": kind}
    given = {name: value for name, value in parts.items() if value is not None}
    conditions = [f"{name} = ${name}" for name in given]
    if operation is None and kind is None:
        conditions.append(ENTRY)
    return Condition(" AND ".join(conditions), given)


def _baseline(
    reader: Reader, ranges: Ranges, baseline: Window, step: str, condition: Condition
) -> tuple[Measured, list[dict[str, Any]]]:
    if baseline.duration_ns != ranges.window.duration_ns:
        raise InvalidRequest("baseline_end: the baseline of a series must be as long as its range")
    shift_ns = ranges.window.start_ns - baseline.start_ns
    return _points(reader, baseline, step_of(step, baseline, shift_ns), condition, ranges)


def _points(
    reader: Reader, window: Window, step: Step, condition: Condition, ranges: Ranges
) -> tuple[Measured, list[dict[str, Any]]]:
    asked = Asked(window, ASKED_QUANTILES, condition=condition, step=step, method=ranges.method)
    measured = measure(reader, asked)
    points = [
        {"time": rfc3339(step.origin_ns + number * step.length_ns)}
        | figures(measured.groups.get((number,), NONE), part.duration_ns)
        for number, part in enumerate(steps_within(step, window))
    ]
    return measured, points
