"""The routes of errors: exceptions in groups, and what was decided of them."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from goldeneye.cursor import decode_cursor, encode_cursor
from goldeneye.errors import InvalidRequest, NotFound
from query.asking.api import Asking, Page, WithinTime
from query.asking.durations import parse_duration_ns
from query.asking.filter_sql import Condition, condition
from query.asking.filters import Written, parse_filter
from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.asking.window import HOUR_NS, Window
from query.exceptions.detail import samples, series
from query.exceptions.groups import Group, State, groups
from query.exceptions.states import Decided, Decision, States

_DAY_NS: Final = 24 * HOUR_NS
# Order -> what a group is sorted by, greatest first.
_ORDERS: Final[Mapping[str, Callable[[Group], float]]] = {
    "last_seen": lambda group: group.last_ns,
    "first_seen": lambda group: group.first_ns,
    "count": lambda group: group.adjusted_count,
}


class Choosing(WithinTime):
    """The last day by default."""

    service: str | None = None
    attribute: Written = Field(
        [], description="Filters of attributes of the span or the log record; all must match."
    )

    def matching(self) -> Condition:
        filters = condition([parse_filter(one) for one in self.attribute])
        if self.service is None:
            return filters
        return Condition(
            f"service_name = $service AND {filters.sql}",
            {**filters.params, "service": self.service},
        )

    def day(self, now_ns: int) -> Window:
        return self.window(now_ns, _DAY_NS)


class Listing(Choosing, Page):
    state: State | None = None
    exception_type: str | None = None
    order: Literal["last_seen", "first_seen", "count"] = "last_seen"


class Looking(Choosing):
    step: str = Field("1h", description="Of the counts, such as 5m.")


def router(asking: Asking) -> APIRouter:
    """/api/v1/errors and what is below it."""
    routes = APIRouter(prefix="/api/v1/errors", tags=["Errors"])

    @routes.get("", response_class=Response)
    async def errors(request: Request, asked: Annotated[Listing, Query()]) -> Response:
        """Exceptions grouped by type and stack trace, those seen last first."""
        return await asking.answer(
            request, lambda reader: _list(reader, asked, asking.service.states)
        )

    @routes.get("/{fingerprint}", response_class=Response, responses=_NOT_FOUND)
    async def error(
        request: Request, fingerprint: str, asked: Annotated[Looking, Query()]
    ) -> Response:
        """One group: counts over time, and its last occurrences with what came before them."""
        return await asking.answer(
            request, lambda reader: _detail(reader, fingerprint, asked, asking.service.states)
        )

    def decides(decision: Decision | None) -> Any:
        async def decide(
            request: Request, fingerprint: str, asked: Annotated[Choosing, Query()]
        ) -> Response:
            return await asking.answer(
                request,
                lambda reader: _decided(
                    reader, fingerprint, asked, asking.service.states, decision
                ),
            )

        return decide

    for path, decision, words in _DECISIONS:
        routes.add_api_route(
            f"/{{fingerprint}}/{path}",
            decides(decision),
            methods=["POST"],
            response_class=Response,
            responses=_NOT_FOUND,
            name=f"{path}_error",
            description=words,
        )
    return routes


_NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "There is no such group in this time."}
}
_DECISIONS: Final[tuple[tuple[str, Decision | None, str], ...]] = (
    ("resolve", "resolved", "It is mended: seen in a later release, it is regressed."),
    ("ignore", "ignored", "It need not be looked at."),
    ("reopen", None, "Neither resolved nor ignored any more."),
)


def _list(reader: Reader, asked: Listing, states: States) -> Mapping[str, Any]:
    within, decided = asked.day(reader.now_ns), states.all()
    found, truncated = groups(reader, asked.matching(), within)
    key = _ORDERS[asked.order]
    chosen = [
        group
        for group in found.values()
        if asked.state in (None, group.state(decided.get(group.fingerprint)))
        and asked.exception_type in (None, group.exception_type)
    ]
    chosen.sort(key=lambda group: (-key(group), group.fingerprint))
    written = asked.model_dump(exclude={"limit", "cursor"})
    if asked.cursor is not None:
        place = tuple(decode_cursor(asked.cursor, written))
        if len(place) != 2 or not isinstance(place[0], int | float):
            raise InvalidRequest("cursor: is none that was given out here")
        chosen = [group for group in chosen if (-key(group), group.fingerprint) > place]
    page = chosen[: asked.limit]
    answer: dict[str, Any] = {
        "errors": [group.as_json(decided.get(group.fingerprint)) for group in page],
        "start": rfc3339(within.start_ns),
        "end": rfc3339(within.end_ns),
        "truncated": truncated,
    }
    if len(chosen) > len(page):
        answer["next_cursor"] = encode_cursor([-key(page[-1]), page[-1].fingerprint], written)
    return answer


def _detail(reader: Reader, fingerprint: str, asked: Looking, states: States) -> Mapping[str, Any]:
    within, matching = asked.day(reader.now_ns), asked.matching()
    step_ns = parse_duration_ns(asked.step, "step")
    group = _group(reader, fingerprint, matching, within)
    return {
        **group.as_json(states.all().get(fingerprint)),
        "exception_stacktrace": group.stacktrace,
        "start": rfc3339(within.start_ns),
        "end": rfc3339(within.end_ns),
        "step_s": step_ns / 1e9,
        "series": series(reader, matching, within, group, step_ns),
        "samples": samples(reader, matching, within, group),
    }


def _decided(
    reader: Reader, fingerprint: str, asked: Choosing, states: States, decision: Decision | None
) -> Mapping[str, Any]:
    group = _group(reader, fingerprint, asked.matching(), asked.day(reader.now_ns))
    if decision is None:
        states.forget(fingerprint)
        return group.as_json(None)
    versions = frozenset(one for one in group.versions if one is not None)
    decided = Decided(decision, reader.now_ns, versions)
    states.decide(fingerprint, decided)
    return group.as_json(decided)


def _group(reader: Reader, fingerprint: str, matching: Condition, within: Window) -> Group:
    found, _ = groups(reader, matching, within)
    if fingerprint not in found:
        raise NotFound(
            f"no exceptions with the fingerprint {fingerprint[:64]} were seen from "
            f"{rfc3339(within.start_ns)} to {rfc3339(within.end_ns)}"
        )
    return found[fingerprint]
