"""Edges from what is remembered of large files, which never change, and what is read of all else.

Each source tells of its own calls; only those whose other side is in another one are paired here.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np

from goldeneye import limits
from goldeneye.errors import QueryOverBudget, TooManyRows
from query.asking.reader import Reader
from query.asking.window import Window
from query.service_map.crossing import crossed
from query.service_map.kinds import Numbers
from query.service_map.known_calls import common
from query.service_map.memory import CallMemory
from query.service_map.ranks import rows
from query.service_map.sides import Side
from query.service_map.source import TABLE, Source
from query.service_map.sources import Sources
from query.service_map.statements import reach
from query.service_map.tally import Tally
from query.summaries.rollups import large_files

# Of more keys one join over all spans takes no longer.
_MAX_KEYS: Final = 500_000


class NotByFile(Exception):
    """One join over all spans does as well, or better."""


def counts_by_file(reader: Reader, memory: CallMemory, window: Window) -> list[dict[str, Any]]:
    """What edge_of takes, by names.

    Raises NotByFile, FilesChanged, TooManyNames, and QueryOverBudget where it takes too long, or
    too much memory.
    """
    wide = reach(window)
    window = Window(max(window.start_ns, wide.start_ns), min(window.end_ns, wide.end_ns))
    reading = Sources(reader, memory, window, wide)
    sources = list(_sources(reader, reading, wide))
    _find_odd(memory, sources)
    calls, answers = _sides(reading, sources)
    tallies = [source.tally for source in sources if source.tally is not None]
    tallies += crossed(calls.within(*window), answers.within(*wide))
    return rows(Tally.together(tallies), memory.names)


def _sources(reader: Reader, reading: Sources, wide: Window) -> Iterator[Source]:
    files = large_files(reader, TABLE, wide)
    if not files:
        raise NotByFile
    spans = sum(file.row_count for file in files)
    if spans > limits.MAX_MAP_SPANS:
        raise QueryOverBudget(
            f"the files of the range have {spans} spans, and a map is made of at most "
            f"{limits.MAX_MAP_SPANS}: ask about less time"
        )
    counted = set()
    for file in files:
        try:
            yield reading.of_file(file)
        except TooManyRows:  # Few of its calls are alike.
            continue
        counted.add(file.id)
    rest = reading.of_rest(frozenset(counted))
    if rest is not None:
        yield rest


def _find_odd(memory: CallMemory, sources: Sequence[Source]) -> None:
    """Keys that are paired in a source and are in another one, too: sent twice, or answered
    there once more."""
    for one, other in combinations(sources, 2):
        keys = _odd(memory, one, other)
        if len(keys):
            one.odd.append(keys)
            other.odd.append(keys)


def _odd(memory: CallMemory, one: Source, other: Source) -> Numbers:
    if len(one.known.paired) < len(other.known.paired):
        one, other = other, one
    if one.file is None or other.file is None:
        return one.known.odd_with(other.known)
    key = frozenset((one.file.id, other.file.id))
    found = memory.get(np.ndarray, key)
    if found is None:
        found = one.known.odd_with(other.known)
        memory.put(found, key)
    return found


def _sides(reading: Sources, sources: Sequence[Source]) -> tuple[Side, Side]:
    """Calls and answers that may be paired with those of another source."""
    calls, answers = [], []
    for number, source in enumerate(sources):
        own = [source.known.sides]
        paired = [common(keys, source.known.paired) for keys in source.odd]
        keys = np.unique(np.concatenate([source.known.unclear, *paired]))
        if len(keys) > _MAX_KEYS:
            raise NotByFile
        if len(keys):
            own.append(reading.sides(source, keys))
        calls += [side.calls.of_source(number) for side in own]
        answers += [side.answers.of_source(number) for side in own]
    return Side.together(calls), Side.together(answers)
