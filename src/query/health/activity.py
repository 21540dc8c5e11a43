"""In which minutes all services sent spans: of large files as remembered, of all else as read."""

from collections.abc import Mapping
from contextlib import suppress
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
from query.summaries.remembered import Remembered
from query.summaries.rollups import large_files

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
    for _ in range(_ATTEMPTS):
        try:
            return _together(_parts(reader, remembered, window), window)
        except FilesChanged:
            continue
    return _together([_read(reader, window, None)], window)


def _parts(reader: Reader, remembered: Memory, window: Window) -> list[Active]:
    parts, known = [], set()
    for file in large_files(reader, _TABLE, window):
        # Of very many services one file has more minutes than an answer may have rows.
        with suppress(QueryOverBudget):
            own = remembered.get(file.id)
            if own is None:
                own = _read(reader, None, Part(_TABLE, only=file.id))
                if file.path not in reader.missing_files:
                    remembered.put(file.id, own)
            parts.append(own)
            known.add(file.id)
    return [*parts, _read(reader, window, Part(_TABLE, without=frozenset(known)))]


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


def _together(parts: list[Active], window: Window) -> Active:
    low, high = window.start_ns // MINUTE_NS, -(-window.end_ns // MINUTE_NS)
    found = {}
    for name in {name for part in parts for name in part}:
        minutes = np.unique(np.concatenate([part[name] for part in parts if name in part]))
        chosen = minutes[(minutes >= low) & (minutes < high)]
        if len(chosen):
            found[name] = chosen
    return found
