"""Silences as clients write them, and as they are shown."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from alerting.asked import matchers as parsed
from alerting.asked import time
from alerting.durations import duration_ns
from alerting.matching.matcher import Matcher, Matchers, Operator
from alerting.plain import rfc3339
from alerting.routing.silences import Silence
from goldeneye.errors import InvalidRequest


class MatcherDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    operator: Operator = Operator.EQUAL
    value: str


class Draft(BaseModel):
    """The body of those who make or change a silence."""

    model_config = ConfigDict(extra="forbid")

    matchers: list[str | MatcherDraft] = Field(
        min_length=1, description='Such as `team="shop"`, or objects; all must hold.'
    )
    created_by: str = Field(min_length=1, max_length=200)
    comment: str = Field(min_length=1, max_length=10_000)
    start_time: str | int | float | None = Field(
        None, description="RFC 3339, Unix seconds, or relative (now+1h); now where left out."
    )
    end_time: str | int | float | None = Field(None, description="As start_time.")
    duration: str | None = Field(None, description="In place of end_time, such as 2h.")

    def silence(self, now_ns: int, before: Silence | None = None) -> Silence:
        """In the place of `before`, whose start it keeps where it says none.

        Raises InvalidRequest.
        """
        start_ns = time("start_time", self.start_time, now_ns)
        if start_ns is None:
            start_ns = before.starts_at_ns if before else now_ns
        return Silence(
            before.id if before else "",
            tuple(one for draft in self.matchers for one in _matchers(draft)),
            start_ns,
            self._end_ns(start_ns, now_ns),
            self.created_by,
            self.comment,
            annotations=before.annotations if before else {},
        )

    def _end_ns(self, start_ns: int, now_ns: int) -> int:
        if (self.end_time is None) == (self.duration is None):
            raise InvalidRequest("one of end_time and duration is needed")
        if self.duration is None:
            return time("end_time", self.end_time, now_ns) or 0
        try:
            return start_ns + duration_ns(self.duration)
        except ValueError as error:
            raise InvalidRequest(f"duration: {error}") from error


def _matchers(draft: str | MatcherDraft) -> Matchers:
    if isinstance(draft, str):
        return parsed([draft], "matchers")
    try:
        return (Matcher(draft.name, draft.operator, draft.value),)
    except ValueError as error:
        raise InvalidRequest(f"matchers: {error}") from error


def shown(silence: Silence, now_ns: int) -> dict[str, Any]:
    """As JSON."""
    return {
        "id": silence.id,
        "state": str(silence.state(now_ns)),
        "matchers": [
            {"name": one.name, "operator": str(one.operator), "value": one.value}
            for one in silence.matchers
        ],
        "start_time": rfc3339(silence.starts_at_ns),
        "end_time": rfc3339(silence.ends_at_ns),
        "created_by": silence.created_by,
        "comment": silence.comment,
        "updated_time": rfc3339(silence.updated_at_ns),
    }
