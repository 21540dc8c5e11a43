"""Where samples come from."""

from collections.abc import Sequence
from typing import Protocol

from query.promql.samples import SeriesSet
from query.promql.tree import Matcher


class Source(Protocol):
    """Answers selectors; storage and tests each have one."""

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> SeriesSet:
        """The samples after `start_ms` up to and with `end_ms` of each series that matches.

        Stale markers are among the floats. Series without such samples may be left out.
        """
        ...
