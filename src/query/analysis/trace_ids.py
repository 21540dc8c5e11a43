"""Which traces a condition asks for, so that files that have none of them need not be opened."""

from typing import Final

from goldeneye.limits import MAX_TRACES_LOOKED_UP
from query.analysis.parameters import Parameters
from query.analysis.statement import Node

# None: all traces.
TraceIds = frozenset[str] | None
ALL_TRACES: Final[TraceIds] = None

# Views that read other tables have the column under this name too.
COLUMN: Final = "trace_id"
_ID_CHARS: Final = 32


def common(one: TraceIds, other: TraceIds) -> TraceIds:
    """The traces that are in both."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def either(one: TraceIds, other: TraceIds) -> TraceIds:
    """The traces that are in any of the two; more than are worth looking up are all."""
    if one is None or other is None:
        return ALL_TRACES
    return one | other if len(one | other) <= MAX_TRACES_LOOKED_UP else ALL_TRACES


def asked(condition: Node, parameters: Parameters) -> tuple[Node, TraceIds] | None:
    """The column's reference and the ids of `column = 'id'` or `column IN ('id', 'id')`."""
    if condition["type"] == "COMPARE_EQUAL" and condition["class"] == "COMPARISON":
        sides = (condition["left"], condition["right"])
        column, value = sides if sides[0]["class"] == "COLUMN_REF" else sides[::-1]
        values = [value]
    elif condition["type"] == "COMPARE_IN" and condition["class"] == "OPERATOR":
        column, *values = condition["children"]
    else:
        return None
    if column["class"] != "COLUMN_REF" or len(values) > MAX_TRACES_LOOKED_UP:
        return None
    found = [parameters.text(value) for value in values]
    strings = frozenset(text for text in found if text is not None and _is_id(text))
    # A value of another type could make DuckDB compare all of them in another way.
    return (column, strings) if len(strings) == len(set(found)) else None


def _is_id(text: str) -> bool:
    """Others are in no row, and may be too long to pass on."""
    return len(text) == _ID_CHARS and text.isascii()
