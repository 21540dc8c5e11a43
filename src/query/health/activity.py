"""In which minutes all services sent spans, as remembered of files and of hot rows."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from goldeneye import limits
from goldeneye.errors import QueryOverBudget
from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.asking.window import Window
from query.health.silence import Minutes
from query.part_of_snapshot import FilesChanged, Part
from query.percentiles.asked import MINUTE_NS
from query.reads import Reads, Statement
from query.summaries.counts import TooManyNames
from query.summaries.pieces import Counting, TooManyPieces
from query.summaries.remembered import Remembered

_TABLE: Final = "span_rollups"
_COLUMNS: Final = ("minute", "service_name")
# Files are merged while the question is answered; more often than this they are not.
_ATTEMPTS: Final = 3
Active = Mapping[str, Minutes]
Memory = Remembered[Active]


def memory() -> Memory:
    """For as long as the process lives; eight bytes for each minute of a service in a file."""
    return Remembered(
        limits.MAX_REMEMBERED_COUNTS, lambda active: 1 + sum(map(len, active.values()))
    )


def active(reader: Reader, remembered: Memory, window: Window) -> Active:
    """Minutes as numbers since 1970, in order, of each service that has some in the range."""
    minutes = Window(window.start_ns // MINUTE_NS, -(-window.end_ns // MINUTE_NS))
    for _ in range(_ATTEMPTS):
        try:
            return _together(_parts(reader, remembered, minutes), minutes)
        except FilesChanged:
            continue
        except (QueryOverBudget, TooManyNames, TooManyPieces):
            # Of very many services one file has more minutes than an answer may have rows.
            break
    return _together([_read(reader, window, None)], minutes)


def _parts(reader: Reader, remembered: Memory, minutes: Window) -> list[Active]:
    whole = Window(*(minute * MINUTE_NS for minute in minutes))
    counting = Counting(reader, reader.memory.rollups, whole, whole)
    small = counting.services()
    parts: list[Active] = [{name: own for name, own in small.items() if name is not None}]
    for file in counting.large:
        own = remembered.get(file.id)
        if own is None:
            own = _read(reader, None, Part(_TABLE, only=file.id))
            if file.path not in reader.missing_files:
                remembered.put(file.id, own)
        parts.append(own)
    return parts


def _read(reader: Reader, window: Window | None, part: Part | None) -> Active:
    start_ns, end_ns = window if window is not None else (None, None)
    statement = Statement(sql("query.health", "activity"), {_TABLE: _COLUMNS})
    (found,) = reader.read(Reads([statement], start_ns, end_ns, part=part))
    return _by_service(found)


def _by_service(found: pa.Table) -> Active:
    encoded = found.column("service_name").combine_chunks().dictionary_encode()
    services, minutes = encoded.indices.to_numpy(), found.column("minute").to_numpy()
    order = np.lexsort((minutes, services))
    bounds = np.searchsorted(services[order], np.arange(len(encoded.dictionary) + 1))
    return {
        name: minutes[order[first:last]]
        for name, first, last in zip(
            encoded.dictionary.to_pylist(), bounds[:-1], bounds[1:], strict=True
        )
    }


def _together(parts: Sequence[Active], within: Window) -> Active:
    low, high = within
    found = {}
    for name in {name for part in parts for name in part}:
        minutes = np.unique(np.concatenate([part[name] for part in parts if name in part]))
        chosen = minutes[(minutes >= low) & (minutes < high)]
        if len(chosen):
            found[name] = chosen
    return found
