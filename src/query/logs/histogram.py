"""How many log records there were over time, by level."""

from typing import Any, Final

from goldeneye.sql_files import sql
from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.logs.selection import Selection
from query.logs.severity import FIRST, UNSPECIFIED, sent_word, word
from query.percentiles.asked import Step

_NS: Final = 1_000_000_000
# Steps that are chosen where none is asked for, in seconds.
_STEPS_S: Final = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400)
_BUCKETS: Final = 120


def histogram(reader: Reader, selection: Selection, window: Window, step: Step) -> dict[str, Any]:
    """Counts by level for each step, those without records too.

    A bucket's time is its begin; the first and the last may lie in the range in part.
    """
    condition = selection.condition()
    parts = {"sent": sent_word(), "word": word(), "condition": condition.sql}
    statement = filled(sql("query.logs", "histogram"), parts)
    params = {**condition.params, "origin": step.origin_ns, "step": step.length_ns}
    begins = range(step.origin_ns, window.end_ns, step.length_ns)
    counts: list[dict[str, int]] = [{} for _ in begins]
    for row in reader.table(statement, params, *window).to_pylist():
        counts[row["bucket"]][row["severity"]] = row["record_count"]
    return {
        "start": rfc3339(window.start_ns),
        "end": rfc3339(window.end_ns),
        "step_s": step.length_ns / _NS,
        "buckets": [_bucket(*one) for one in zip(begins, counts, strict=True)],
    }


def chosen_step(window: Window) -> str:
    """One that makes at most 121 buckets."""
    for step_s in _STEPS_S:
        if window.duration_ns <= _BUCKETS * step_s * _NS:
            return f"{step_s}s"
    return f"{-(-window.duration_ns // (_BUCKETS * _STEPS_S[-1] * _NS))}d"


def _bucket(begin_ns: int, found: dict[str, int]) -> dict[str, Any]:
    counts = {level: found.get(level, 0) for level in (*FIRST, UNSPECIFIED)}
    return {"time": rfc3339(begin_ns), "count": sum(found.values()), "severities": counts}
