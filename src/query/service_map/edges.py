"""The edges of the map: calls, paired with the spans that answered them."""

from typing import Final

from query.asking.reader import Reader
from query.asking.window import Window
from query.part_of_snapshot import FilesChanged
from query.service_map.by_file import NotByFile, counts_by_file
from query.service_map.by_join import edges_by_join
from query.service_map.edge import Edge, edge_of
from query.summaries.counts import TooManyNames

# Files are merged while the question is answered; more often than this they are not.
_ATTEMPTS: Final = 3


def edges(reader: Reader, window: Window, service: str | None) -> list[Edge]:
    """By names: those whose client starts in the range; where there is none, whose server does.

    With `service` only its own. Raises QueryOverBudget where the range has too many.
    """
    found = _by_file(reader, window)
    if found is None:
        return edges_by_join(reader, window, service)
    return [one for one in found if service is None or service in (one.client, one.server)]


def _by_file(reader: Reader, window: Window) -> list[Edge] | None:
    """None where one join over all spans is to be asked."""
    for _ in range(_ATTEMPTS):
        try:
            counts = counts_by_file(reader, reader.memory.calls, window)
            return [edge_of(row, window.duration_ns) for row in counts]
        except FilesChanged:
            continue
        except TooManyNames:
            reader.memory.forget_calls()
            break
        except NotByFile:
            break
    return None
