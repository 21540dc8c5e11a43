"""What the routes of the alert engine have in common: parameters, pages, matchers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from alerting.matching.matcher import Matchers
from alerting.matching.parse import parse_matcher
from goldeneye import limits
from goldeneye.cursor import decode_cursor, encode_cursor
from goldeneye.errors import InvalidRequest
from goldeneye.times import parse_time

Item = TypeVar("Item")
# Where an item stands in its list: JSON values that compare.
Place = Callable[[Item], list[Any]]


class Parameters(BaseModel):
    """One that is not named here is an error."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Span:
    """From `start_ns`, inclusive, to `end_ns`, exclusive; None where there is no bound."""

    start_ns: int | None = None
    end_ns: int | None = None


class WithinTime(Parameters):
    start: str | None = Field(
        None, description="First time: RFC 3339, Unix seconds, or relative (now-1h)."
    )
    end: str | None = Field(None, description="The time before which it ends; as `start`.")

    def span(self, now_ns: int) -> Span:
        """Raises InvalidRequest."""
        start_ns = time("start", self.start, now_ns)
        end_ns = time("end", self.end, now_ns)
        if start_ns is not None and end_ns is not None and start_ns >= end_ns:
            raise InvalidRequest("start: is not before end")
        return Span(start_ns, end_ns)


class Paged(Parameters):
    limit: int = Field(100, ge=1, le=limits.MAX_LIST_LENGTH, description="Entries of one page.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")

    def asked(self) -> Mapping[str, Any]:
        """What list it is, whatever the page."""
        return self.model_dump(exclude={"limit", "cursor"})

    def position(self) -> list[Any] | None:
        """Where the page before ended; None for the first. Raises InvalidRequest."""
        return decode_cursor(self.cursor, self.asked()) if self.cursor else None

    def page(self, name: str, found: Iterable[Item], place: Place[Item]) -> "Page":
        """Of a list that is all there, in the order of its places."""
        after = self.position()
        ordered = sorted(found, key=place)
        left = [one for one in ordered if after is None or place(one) > after]
        return self.filled(name, left, place)

    def filled(self, name: str, found: Sequence[Item], place: Place[Item]) -> "Page":
        """Of a list that begins where the page does."""
        items = list(found[: self.limit])
        more = len(found) > len(items)
        cursor = encode_cursor(place(items[-1]), self.asked()) if more else None
        return Page(name, items, cursor)


class Page(NamedTuple):
    """Some entries of a list, and the cursor of those after them."""

    name: str
    items: list[Any]
    next_cursor: str | None

    def answer(self, shown: Callable[[Any], Any], **more: Any) -> dict[str, Any]:
        """With `shown` of each entry."""
        answer = {**more, self.name: [shown(item) for item in self.items]}
        return answer if self.next_cursor is None else {**answer, "next_cursor": self.next_cursor}


def matchers(texts: Iterable[str], name: str = "filter") -> Matchers:
    """Conditions in Alertmanager's words, one in each text. Raises InvalidRequest."""
    try:
        return tuple(parse_matcher(text)[0] for text in texts)
    except ValueError as error:
        raise InvalidRequest(f"{name}: {error}") from error


def time(name: str, text: str | int | float | None, now_ns: int) -> int | None:
    """Nanoseconds since the epoch; None for None. Raises InvalidRequest."""
    if text is None:
        return None
    try:
        return parse_time(text, now_ns)
    except InvalidRequest as error:
        raise InvalidRequest(f"{name}: {error}") from error
