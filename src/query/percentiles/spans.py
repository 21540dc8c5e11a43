"""Percentiles of spans: of their durations, or of a numeric attribute."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from goldeneye import limits
from goldeneye.errors import QueryOverBudget
from query.asking.filter_sql import Condition, condition
from query.asking.filters import Filter
from query.asking.plain import number, rfc3339
from query.asking.reader import Reader
from query.asking.window import Window
from query.percentiles.asked import Asked, Measured, Method, Step
from query.percentiles.grouping import COLUMNS, VERSION, attribute_text
from query.percentiles.measuring import measure
from query.percentiles.quantiles import Quantiles


@dataclass(frozen=True)
class Question:
    """`equal` are columns that must have a value, by name."""

    window: Window
    quantiles: Quantiles
    equal: dict[str, str]
    filters: Sequence[Filter] = ()
    group_by: str | None = None
    value: str | None = None
    step: Step | None = None
    method: Method | None = None


def span_percentiles(reader: Reader, question: Question) -> list[dict[str, Any]]:
    """One entry a group and step, in their order. Raises QueryFailed, QueryOverBudget."""
    measured = measure(reader, _asked(question))
    if len(measured.groups) > limits.MAX_PERCENTILES:
        raise QueryOverBudget(
            f"there are {len(measured.groups)} groups and steps, at most "
            f"{limits.MAX_PERCENTILES} are answered: group by what has fewer values, "
            "or ask for longer steps"
        )
    grouped, stepped = question.group_by is not None, question.step is not None
    ordered = sorted(measured.groups, key=_order)
    return [
        _entry(key[0] if grouped else None, key[-1] if stepped else None, key, question, measured)
        for key in ordered
        if measured.groups[key].measured_count
    ]


def _entry(
    group: Any, step: Any, key: tuple[Any, ...], question: Question, measured: Measured
) -> dict[str, Any]:
    found = measured.groups[key]
    entry: dict[str, Any] = {}
    if question.group_by is not None:
        entry["group"] = group
    if question.step is not None:
        entry["time"] = rfc3339(question.step.origin_ns + step * question.step.length_ns)
    values = zip(question.quantiles.written, found.quantiles, strict=True)
    return {
        **entry,
        "values": {written: number(value) for written, value in values},
        "count": found.measured_count,
        "method": measured.method,
        "relative_error": measured.relative_error,
    }


def _asked(question: Question) -> Asked:
    by = question.group_by
    column = by in COLUMNS
    attribute = "service.version" if by == VERSION else by
    conditions = [f"{name} = ${name}" for name in question.equal]
    return Asked(
        window=question.window,
        quantiles=question.quantiles.numbers,
        keys=() if by is None else (by if column else "grouped",),
        condition=Condition(" AND ".join(conditions) or "TRUE", dict(question.equal)),
        filters=condition(question.filters) if question.filters else None,
        grouped=None if attribute is None or column else attribute_text("group_by", attribute),
        measured=None if question.value is None else _number(question.value),
        step=question.step,
        method=question.method,
    )


def _number(attribute: str) -> Condition:
    """NaN and infinities have no place among percentiles, as little as text has."""
    text, params = attribute_text("value", attribute)
    cast = f"TRY_CAST({text} AS DOUBLE)"
    return Condition(f"CASE WHEN isfinite({cast}) THEN {cast} END", params)


def _order(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Groups by name, those without one last; then steps."""
    return tuple((part is None, part if isinstance(part, int) else str(part)) for part in key)
