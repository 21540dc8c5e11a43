"""The edges of the map: calls, paired with the spans that answered them."""

from typing import Final, NamedTuple

from query.asking.reader import Reader
from query.asking.window import Window
from query.part_of_snapshot import FilesChanged
from query.service_map.by_file import Counted, NotByFile, counts_by_file
from query.service_map.by_join import edges_by_join
from query.service_map.edge import Edge, edge_of
from query.service_map.sample import share
from query.service_map.source import TABLE
from query.service_map.statements import reach
from query.service_map.steps import first_step
from query.summaries.counts import TooManyNames

# Files are merged while the question is answered; more often than this they are not.
_ATTEMPTS: Final = 3


class Edges(NamedTuple):
    """By names; `trace_share` of the traces was looked at."""

    found: list[Edge]
    trace_share: float


def edges(reader: Reader, window: Window, service: str | None) -> Edges:
    """Those whose client starts in the range; where there is none, whose server does.

    With `service` only its own. Raises QueryOverBudget where the range has too many.
    """
    spans = reader.rows_within(TABLE, *reach(window))
    counted = _by_file(reader, window, spans)
    if counted is None:
        step = first_step(reader.memory.calls, (), spans)
        return Edges(edges_by_join(reader, window, service, step), share(step))
    own = share(counted.step)
    found = [edge_of(row, window.duration_ns, own) for row in counted.rows]
    return Edges(
        [one for one in found if service is None or service in (one.client, one.server)], own
    )


def _by_file(reader: Reader, window: Window, spans: int) -> Counted | None:
    """None where one join over all spans is to be asked."""
    for _ in range(_ATTEMPTS):
        try:
            return counts_by_file(reader, reader.memory.calls, window, spans)
        except FilesChanged:
            continue
        except TooManyNames:
            reader.memory.forget_calls()
            break
        except NotByFile:
            break
    return None
