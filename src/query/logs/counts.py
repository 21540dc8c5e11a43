"""How many log records match a search, for each value of some labels."""

from collections.abc import Mapping, Sequence
from typing import Final

from goldeneye.errors import QueryFailed
from goldeneye.sql_files import sql
from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.logs.selection import Selection
from query.logs.severity import word

# Labels that are columns; all others are keys of attributes, a dot of which may be written `_`.
_COLUMNS: Final = ("service_name", "trace_id", "span_id", "severity_text", "event_name")
MAX_LABELS: Final = 10_000
Counts = Sequence[tuple[Mapping[str, str], int]]


def counts(reader: Reader, search: str, by: Sequence[str], window: Window) -> Counts:
    """Labels that are empty are left out. Without `by` there is one count, 0 included.

    Raises InvalidRequest, and QueryFailed where there are more than MAX_LABELS label sets.
    """
    selected = Selection(query=search).condition()
    labels = [_label(index, name) for index, name in enumerate(by)]
    parts = {"labels": "".join(f"{one.sql}, " for one in labels), "condition": selected.sql}
    params = dict(selected.params)
    for one in labels:
        params |= one.params
    found = reader.table(filled(sql("query.logs", "counts"), parts), params, *window)
    if found.num_rows > MAX_LABELS:
        raise QueryFailed(f"the search has more than {MAX_LABELS} sets of labels")
    return [
        (
            {name: row[f"label_{i}"] for i, name in enumerate(by) if row[f"label_{i}"]},
            row["record_count"],
        )
        for row in found.to_pylist()
    ]


def _label(index: int, name: str) -> Condition:
    if name in _COLUMNS:
        return Condition(f"{name} AS label_{index}", {})
    if name == "severity":
        return Condition(f"{word()} AS label_{index}", {})
    keys = {f"key_{index}": name, f"dotted_{index}": name.replace("_", ".")}
    texts = [f"{home}->>${key}" for key in keys for home in ("attributes", "resource_attributes")]
    return Condition(f"coalesce({', '.join(texts)}) AS label_{index}", keys)
