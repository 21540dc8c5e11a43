"""A question that is understood: which tables and times it reads, and how it is answered then."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from query.prometheus.answers import success
from query.prometheus.as_json import as_json
from query.prometheus.reader import Reader
from query.prometheus.settings import PromqlSettings
from query.prometheus.stored.made import made_tables
from query.prometheus.stored.span import Bounds, Span
from query.promql.tree import Matcher


class Tables:
    """Stored tables, each with all times that are read of it."""

    def __init__(self) -> None:
        self._bounds: dict[str, Bounds] = {}

    def add(self, table: str, bounds: Bounds) -> None:
        """None is no bound."""
        start, end = bounds
        if table in self._bounds:
            first, last = self._bounds[table]
            start = None if start is None or first is None else min(start, first)
            end = None if end is None or last is None else max(end, last)
        self._bounds[table] = start, end

    def select(
        self, matchers: Sequence[Matcher], span: Span, lookback_ms: int, now_ns: int
    ) -> None:
        """What it takes to find the samples, or the labels, of series that match."""
        early = span.since(lookback_ms)
        self.add("metric_series", early.days_ns)
        self.add("metric_points", early.whole_ns)
        for table, bounds in made_tables(matchers, early, now_ns):
            self.add(table, bounds)

    def demand(self, tables: Iterable[str], bounds: Bounds) -> None:
        """Raises RuntimeError where these times of a table are not among those prepared for."""
        start, end = bounds
        for table in tables:
            first, last = self._bounds[table]
            early = first is not None and (start is None or start < first)
            late = last is not None and (end is None or end > last)
            if early or late:
                raise RuntimeError(f"{table} is read at {bounds}, not within {(first, last)}")

    def plan(self) -> dict[str, tuple[int | None, int | None, None]]:
        """See query.job.Plan."""
        return {
            table: (start, None if end is None else end - 1, None)
            for table, (start, end) in self._bounds.items()
        }


@dataclass(frozen=True, slots=True)
class Context:
    """How questions are answered, when this one was asked, and how long it may take."""

    settings: PromqlSettings
    now_ns: int
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """`answer` gives the bytes of the whole answer; `timeout_s` is what the question allows."""

    tables: Tables
    answer: Callable[[Reader], bytes]
    timeout_s: float


def documented(answer: Callable[[Reader], dict[str, Any]]) -> Callable[[Reader], bytes]:
    """As JSON, with a warning where rows may lack."""

    def written(reader: Reader) -> bytes:
        found = answer(reader)
        if reader.missing_files:
            lacking = f"{reader.missing_files} files are missing: rows may lack"
            found["warnings"] = [*found.get("warnings", []), lacking]
        return as_json(found)

    return written


def told(data: Any) -> Callable[[Reader], bytes]:
    """An answer that reads nothing."""
    return documented(lambda _: success(data))
