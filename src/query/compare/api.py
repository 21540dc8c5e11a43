"""The route that compares spans with others of their kind."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from goldeneye.errors import InvalidRequest
from query.asking.api import Asking, WithinTime
from query.asking.filter_sql import Condition
from query.asking.filters import Written, parse_filter
from query.asking.span_selection import SpanSelection
from query.asking.window import Window, window
from query.compare.compare import Side, compare
from query.services.known import require_known

_MAX_DIFFERENCES: Final = 1_000
# What a parameter of the selection says of its spans, as the answer would name it.
_SAID: Final = {
    "service": "service.name",
    "operation": "span.name",
    "kind": "span.kind",
    "status": "span.status_code",
}


class CompareAsked(SpanSelection, WithinTime):
    baseline_start: str | None = Field(None, description="The baseline's first time; as `start`.")
    baseline_end: str | None = Field(None, description="The time before which it ends.")
    baseline_attribute: Written = Field([], description="As `attribute`, of the baseline.")
    limit: int = Field(50, ge=1, le=_MAX_DIFFERENCES)

    def sides(self, now_ns: int) -> tuple[Side, Side]:
        """The selection and the baseline; raises InvalidRequest."""
        within = self.window(now_ns)
        selected = self.matching("selection")
        for one in self.baseline_attribute:
            parse_filter(one, "baseline_attribute")
        baseline = self._of_both(self.baseline_attribute)
        beside = self._baseline_window(now_ns, within)
        if (
            beside == within
            and not self.baseline_attribute
            and baseline.matching() == self.matching()
        ):
            raise InvalidRequest(
                "everything of that service and operation is selected: say what is to be compared "
                "(status, min_duration, attribute …), or with which baseline_start and baseline_end"
            )
        return Side(selected, within), Side(baseline.matching("baseline"), beside)

    def common(self) -> Condition:
        """What is asked of both sides."""
        return self._of_both([]).matching("common")

    def _of_both(self, attributes: list[str]) -> SpanSelection:
        own = {"service": self.service, "operation": self.operation}
        return SpanSelection.model_validate({**own, "attribute": attributes})

    def left_out(self) -> list[str]:
        """What is equal in all selected spans because they were chosen by it."""
        said = [name for key, name in _SAID.items() if getattr(self, key) is not None]
        for one in map(parse_filter, self.attribute):
            homes = [one.home] if one.home else ["attributes", "resource_attributes"]
            said += (f"{home}.{one.key}" for home in homes)
            if one.key == "service.name":
                said.append(one.key)
        return said

    def _baseline_window(self, now_ns: int, within: Window) -> Window:
        if self.baseline_start is None and self.baseline_end is None:
            return within
        return window(
            self.baseline_start, self.baseline_end, now_ns, within.duration_ns, "baseline_"
        )


def router(asking: Asking) -> APIRouter:
    """GET /api/v1/compare."""
    routes = APIRouter(prefix="/api/v1", tags=["Compare"])

    @routes.get("/compare", response_class=Response)
    async def differences(request: Request, asked: Annotated[CompareAsked, Query()]) -> Response:
        """Which attributes and values are more frequent in the selected spans than in others."""
        selection, baseline = asked.sides(asking.service.now_ns())
        common, left_out = asked.common(), asked.left_out()

        def question(reader: Any) -> dict[str, Any]:
            found = compare(reader, common, selection, baseline, left_out, asked.limit)
            if not found["selection_count"] and not found["baseline_count"]:
                require_known(reader, asked.service, asked.operation)
            return found

        return await asking.answer(request, question)

    return routes
