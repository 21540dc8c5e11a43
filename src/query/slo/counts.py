"""How many spans of several kinds began in each minute: of rollups where these tell, else exact
from the spans."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.percentiles.entries import READ_COLUMNS
from query.reads import Reads, Statement
from query.slo.whole import require_whole

_PACKAGE: Final = "query.slo"


class Wanted(NamedTuple):
    """`of_rollups`: the condition is about what span_rollups has; `of_attributes`: about what
    only `spans` has as a whole."""

    condition: Condition
    of_rollups: bool
    of_attributes: bool


def minute_counts(reader: Reader, wanted: Sequence[Wanted], within: Window) -> pa.Table:
    """`minute` since 1970 and `count_0`, `count_1` … for each that is wanted; minutes in which
    nothing matched are left out. The window has whole minutes.

    Raises what Reader.table raises, and DataDamaged where files are missing.
    """
    params = {name: value for one in wanted for name, value in one.condition.params.items()}
    of_rollups = all(one.of_rollups for one in wanted)
    text = _statement(wanted, of_rollups)
    if any(one.of_attributes for one in wanted):
        found = reader.table(text, params, *within)
    else:
        table = "span_rollups" if of_rollups else "spans"
        statement = Statement(text, {table: READ_COLUMNS[table]}, params)
        found = reader.read(Reads([statement], *within))[0]
    require_whole(reader)
    return found


def _statement(wanted: Sequence[Wanted], of_rollups: bool) -> str:
    counts = ",\n    ".join(
        f"coalesce(sum(weight) FILTER ({one.condition.sql}), 0)::DOUBLE AS count_{number}"
        for number, one in enumerate(wanted)
    )
    places = {
        "counts": counts,
        "any": " OR ".join(f"({one.condition.sql})" for one in wanted),
        "table": "span_rollups" if of_rollups else "spans",
        "time": "minute" if of_rollups else "coalesce(start_time, received_time)",
        "weight": "adjusted_count" if of_rollups else sql("goldeneye", "adjusted_count"),
    }
    return filled(sql(_PACKAGE, "counts"), places)
