"""Values by minute of a user's statement."""

from collections import defaultdict
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from goldeneye.errors import QueryFailed
from query.asking.reader import Reader
from query.asking.window import Window
from query.slo.whole import require_whole

# Minutes since 1970 with their values, in order of time.
Points = list[tuple[int, float]]

_MINUTE_NS: Final = 60_000_000_000
_MINUTE: Final = "minute"
_VALUE: Final = "value"


def of_statement(reader: Reader, statement: str, within: Window) -> list[Points]:
    """The columns `minute` and `value` of its rows; rows that agree in all others are one series.

    Raises what Reader.table raises, and QueryFailed where these columns are not there.
    """
    found = reader.table(statement, {}, *within)
    require_whole(reader)
    minutes, values = _minutes(found), _values(found)
    series = defaultdict[str, Points](list)
    for key, minute, value in zip(_keys(found), minutes, values, strict=True):
        if minute is not None and value is not None:
            series[key].append((minute, value))
    first, end = within.start_ns // _MINUTE_NS, within.end_ns // _MINUTE_NS
    return [sorted(p for p in points if first <= p[0] < end) for points in series.values()]


def _keys(found: pa.Table) -> list[str]:
    """Of each row all that tells its series from others."""
    others = found.drop_columns([_MINUTE, _VALUE])
    return [repr(row) for row in others.to_pylist()] if others.num_columns else [""] * len(found)


def _minutes(found: pa.Table) -> list[int | None]:
    kind = found.schema.field(_MINUTE).type if _MINUTE in found.column_names else None
    if kind is None or not pa.types.is_timestamp(kind):
        raise QueryFailed("the statement must have a column `minute`, a TIMESTAMP")
    times = _cast(found, _MINUTE, pa.timestamp("ns", kind.tz)).cast(pa.int64())
    minutes: list[int | None] = pc.divide(times, _MINUTE_NS).to_pylist()
    return minutes


def _values(found: pa.Table) -> list[float | None]:
    if _VALUE not in found.column_names:
        raise QueryFailed("the statement must have a column `value`")
    values: list[float | None] = _cast(found, _VALUE, pa.float64()).to_pylist()
    return values


def _cast(found: pa.Table, name: str, kind: pa.DataType) -> pa.ChunkedArray:
    try:
        return found.column(name).cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise QueryFailed(f"the column `{name}` cannot be read: {error}") from error
