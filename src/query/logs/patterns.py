"""Which kinds of lines a selection of log records is made of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import xxhash

from goldeneye.sql_files import sql
from query.asking.filter_sql import Condition
from query.asking.plain import records, rfc3339
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.logs.drain import Drain
from query.logs.masks import masked
from query.logs.selection import Selection
from query.logs.severity import word

SAMPLE_RECORDS: Final = 100_000
_MAX_CHARS: Final = 1_000
_EXAMPLES: Final = 3

_Row = Mapping[str, Any]


def patterns(reader: Reader, selection: Selection, window: Window, limit: int) -> dict[str, Any]:
    """The most frequent patterns of the records, from a sample of them where they are many.

    `count` is scaled from the sample to all records; `first_seen`, `last_seen`, examples, levels
    and services are the sample's.
    """
    condition = selection.condition()
    total = _total(reader, condition, window)
    every = -(-total // SAMPLE_RECORDS) or 1
    rows = _sample(reader, condition, window, every)
    sampled = sum(row["record_count"] for row in rows)
    scale = total / sampled if sampled else 0.0
    drain = Drain()
    for number, row in enumerate(rows):
        drain.add(row["masked"], number)
    found = [
        _pattern(template.text, [rows[line] for line in template.lines], scale)
        for template in drain.templates
    ]
    found.sort(key=lambda one: (-one["sampled_count"], one["pattern"]))
    return {
        "start": rfc3339(window.start_ns),
        "end": rfc3339(window.end_ns),
        "record_count": total,
        "sampled_count": sampled,
        "pattern_count": len(found),
        "patterns": found[:limit],
    }


def _total(reader: Reader, condition: Condition, window: Window) -> int:
    statement = filled(sql("query.logs", "matching_count"), {"condition": condition.sql})
    total: int = reader.table(statement, condition.params, *window).column(0)[0].as_py()
    return total


def _sample(reader: Reader, condition: Condition, window: Window, every: int) -> Sequence[_Row]:
    text, params = masked("line")
    statement = filled(
        sql("query.logs", "masked_lines"),
        {"word": word(), "condition": condition.sql, "masked": text},
    )
    params |= {**condition.params, "every": every, "max_chars": _MAX_CHARS}
    return records(reader.table(statement, params, *window))


def _pattern(text: str, rows: Sequence[_Row], scale: float) -> dict[str, Any]:
    sampled = sum(row["record_count"] for row in rows)
    return {
        "id": xxhash.xxh3_64_hexdigest(text.encode()),
        "pattern": text,
        "count": round(sampled * scale),
        "sampled_count": sampled,
        "first_seen": min(row["first_seen"] for row in rows),
        "last_seen": max(row["last_seen"] for row in rows),
        "severities": _counts(rows, "severity"),
        "services": _counts(rows, "service_name"),
        "examples": list(dict.fromkeys(row["example"] for row in rows))[:_EXAMPLES],
    }


def _counts(rows: Sequence[_Row], name: str) -> dict[str, int]:
    """How many of the sample's records have each value, the most frequent first."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row[name] or ""] += row["record_count"]
    return dict(counts.most_common())
