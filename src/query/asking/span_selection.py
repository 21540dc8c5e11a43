"""Spans chosen by the parameters of /api/v1/traces, as a condition over the table `spans`."""

from typing import Any, Final, Literal, get_args

from pydantic import Field

from goldeneye.errors import InvalidRequest
from query.asking.api import Parameters
from query.asking.durations import parse_duration_ns
from query.asking.filter_sql import Condition, condition
from query.asking.filters import Written, parse_filter

Kind = Literal["unspecified", "internal", "server", "client", "producer", "consumer"]
Status = Literal["unset", "ok", "error"]
KINDS: Final = get_args(Kind)
# Parameter -> the column that must be equal.
_COLUMNS: Final = {
    "service": "service_name",
    "operation": "name",
    "kind": "kind",
    "status": "status_code",
}
_DURATIONS: Final = {"min_duration": ">=", "max_duration": "<="}


class SpanSelection(Parameters):
    """What one span must be, all of it at once."""

    service: str | None = Field(None, description="`service.name` of its resource.")
    operation: str | None = Field(None, description="The span's name.")
    kind: Kind | None = None
    status: Status | None = None
    min_duration: str | None = Field(None, description="At least: `300ms`, `1.5s`; or ns.")
    max_duration: str | None = Field(None, description="At most.")
    attribute: Written = Field(
        [],
        description="`key=value`, also with != < <= > >= ~ !~, or `key exists`; of the span, else "
        "of its resource. All given must match.",
    )

    def matching(self, prefix: str = "selected") -> Condition:
        """`prefix` begins the names of its parameters. Raises InvalidRequest."""
        filters = condition([parse_filter(one) for one in self.attribute], f"{prefix}_attribute")
        parts, params = ([filters.sql] if self.attribute else []), dict[str, Any](filters.params)
        for name, column in _COLUMNS.items():
            if (value := getattr(self, name)) is not None:
                parts.append(f"{column} = ${prefix}_{name}")
                params[f"{prefix}_{name}"] = value
        for name, operator in _DURATIONS.items():
            if (text := getattr(self, name)) is not None:
                parts.append(f"duration_ns {operator} ${prefix}_{name}")
                params[f"{prefix}_{name}"] = parse_duration_ns(text, name)
        self._demand_order(params, prefix)
        return Condition(" AND ".join(parts) or "TRUE", params)

    def of_parts(self) -> Condition | None:
        """Whether one of the spans of a row of `trace_parts` matches; None where the row does not
        tell."""
        asked = self.model_dump(include=set(SpanSelection.model_fields), exclude_defaults=True)
        if not asked:
            return Condition("TRUE", {})
        if asked.keys() == {"service"}:
            params = {"selected_service": self.service}
            return Condition("list_contains(services, $selected_service)", params)
        return Condition("error_count > 0", {}) if asked == {"status": "error"} else None

    def _demand_order(self, params: dict[str, Any], prefix: str) -> None:
        least, most = (params.get(f"{prefix}_{name}") for name in _DURATIONS)
        if least is not None and most is not None and least > most:
            raise InvalidRequest("min_duration: is more than max_duration")
