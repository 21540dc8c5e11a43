"""Which log records a question is about: what its parameters say, as one condition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from goldeneye.errors import InvalidRequest
from query.asking.filter_sql import Condition, condition
from query.asking.filters import parse_filter
from query.logs.condition import matches
from query.logs.ids import checked_id
from query.logs.parser import parse
from query.logs.severity import effective, numbers

Case = Literal["sensitive", "insensitive"]
# Says nothing more than the exact condition, but Parquet's statistics can be asked for it, and
# where a number was sent the texts need not be read.
_MAY_BE: Final = (
    "(severity_number >= $min_severity OR severity_number <= 0 OR severity_number IS NULL)"
)
_COLUMNS: Final = ("service_name", "trace_id", "span_id")


@dataclass(frozen=True)
class Selection:
    """As the parameters of the routes."""

    query: str = ""
    service: str | None = None
    min_severity: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    attribute: Sequence[str] = ()
    case: Case = "insensitive"

    def condition(self) -> Condition:
        """True for the records asked for; raises InvalidRequest."""
        values = (self.service, _id("trace_id", self.trace_id), _id("span_id", self.span_id))
        given = {
            name: value for name, value in zip(_COLUMNS, values, strict=True) if value is not None
        }
        parts = [f"{name} = ${name}" for name in given]
        params: dict[str, Any] = dict(given)
        if self.min_severity is not None:
            params["min_severity"] = _least(self.min_severity)
            parts += [_MAY_BE, f"{effective()} >= $min_severity"]
        filters = condition([parse_filter(one) for one in self.attribute])
        words = matches(parse(self.query), self.case == "sensitive")
        sql = " AND ".join([*parts, filters.sql, words.sql])
        return Condition(sql, params | filters.params | words.params)


def _id(name: Literal["trace_id", "span_id"], written: str | None) -> str | None:
    return None if written is None else checked_id(name, written)


def _least(written: str) -> int:
    try:
        return numbers(written)[0]
    except InvalidRequest as error:
        raise InvalidRequest(f"min_severity: {error}") from error
