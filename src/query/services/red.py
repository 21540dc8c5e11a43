"""Rate, errors and duration of a group of spans."""

from typing import Any, Final

from query.percentiles.asked import Group, Measured
from query.percentiles.entries import ENTRY_SQL

QUANTILES: Final = {"p50_ns": 0.5, "p90_ns": 0.9, "p95_ns": 0.95, "p99_ns": 0.99}
ASKED_QUANTILES: Final = tuple(QUANTILES.values())
# What counts as a request to a service.
ENTRY: Final = ENTRY_SQL
NONE: Final = Group(quantiles=[None] * len(QUANTILES))


def figures(group: Group, duration_ns: int) -> dict[str, Any]:
    """Counts, then what is reckoned from the adjusted ones; None where there are no spans."""
    share = group.adjusted_error_count / group.adjusted_count if group.adjusted_count else None
    return {
        "span_count": group.span_count,
        "error_count": group.error_count,
        "adjusted_count": group.adjusted_count,
        "rate": group.adjusted_count * 1e9 / duration_ns,
        "error_ratio": share,
        **dict(zip(QUANTILES, group.quantiles or NONE.quantiles, strict=True)),
    }


def change(now: dict[str, Any], before: dict[str, Any]) -> dict[str, float | None]:
    """By what share rate and percentiles are more than before, and by how much the error ratio."""
    return {
        "rate": _relative(now["rate"], before["rate"]),
        "error_ratio": _difference(now["error_ratio"], before["error_ratio"]),
        **{name: _relative(now[name], before[name]) for name in QUANTILES},
    }


def stated(measured: Measured) -> dict[str, Any]:
    """How it was found, for the answer."""
    return {"method": measured.method, "relative_error": measured.relative_error}


def _relative(now: float | None, before: float | None) -> float | None:
    return now / before - 1 if now is not None and before else None


def _difference(now: float | None, before: float | None) -> float | None:
    return now - before if now is not None and before is not None else None
