"""How many log records came, by severity."""

from collections import Counter
from typing import Any, Final

from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.asking.window import Window
from query.logs.severity import FIRST, UNSPECIFIED
from query.percentiles.asked import MINUTE_NS
from query.reads import Statement
from query.summaries.of_files import found_in_files
from query.summaries.of_pieces import Memory

_LEVELS: Final = tuple(FIRST)


def by_level(reader: Reader, memory: Memory, minutes: Window) -> dict[str, Any]:
    """Of a window of whole minutes."""
    text, tables = sql("query.health", "levels"), {"logs": ("time", "severity_number")}
    statement = Statement(text, tables, only_selects=True, by_piece=True)
    first, last = (bound // MINUTE_NS for bound in minutes)
    counts: Counter[str] = Counter()
    for part in found_in_files(reader, memory, statement, minutes):
        for row in part.to_pylist():
            if first <= row["minute"] < last:
                counts[_level(row["severity_number"] or 0)] += row["record_count"]
    by_severity = {level: counts[level] for level in (*_LEVELS, UNSPECIFIED)}
    return {"record_count": counts.total(), "severities": by_severity}


def _level(number: int) -> str:
    place = min((number - 1) // 4, len(_LEVELS) - 1)
    return _LEVELS[place] if number > 0 else UNSPECIFIED
