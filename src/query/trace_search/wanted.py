"""What a trace must have to be found."""

from typing import NamedTuple

from query.asking.filter_sql import Condition


class Wanted(NamedTuple):
    """A span that matches; `of_parts` says the same of a row of `trace_parts`, where that can."""

    matching: Condition
    of_parts: Condition | None
