"""Edges from what is remembered of large files, which never change, and what is read of all else.

Each source tells of its own calls; only those whose other side is in another one are paired here.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import numpy as np

from goldeneye.errors import TooManyRows
from goldeneye.snapshot import FileEntry
from query.asking.reader import Reader
from query.asking.window import Window
from query.service_map.crossing import crossed
from query.service_map.kinds import Numbers
from query.service_map.known_calls import common, odd_among
from query.service_map.memory import CallMemory, digest
from query.service_map.ranks import rows
from query.service_map.reading import Reading
from query.service_map.sides import Side
from query.service_map.source import TABLE, Source
from query.service_map.sources import Sources
from query.service_map.statements import reach
from query.service_map.steps import first_step
from query.service_map.tally import Tally
from query.summaries.rollups import large_files

# Of more keys one join over all spans takes no longer.
_MAX_KEYS: Final = 500_000


class NotByFile(Exception):
    """One join over all spans does as well, or better."""


class Counted(NamedTuple):
    """What edge_of takes, by names, and at which step of the sample it was counted."""

    rows: list[dict[str, Any]]
    step: int


def counts_by_file(reader: Reader, memory: CallMemory, window: Window, spans: int) -> Counted:
    """Of so many spans.

    Raises NotByFile, FilesChanged, TooManyNames, and QueryOverBudget where it takes too long.
    """
    wide = reach(window)
    window = Window(max(window.start_ns, wide.start_ns), min(window.end_ns, wide.end_ns))
    files = large_files(reader, TABLE, wide)
    if not files:
        raise NotByFile
    step = first_step(memory, files, spans)
    within = Sources(Reading(reader, memory), memory, window, spans, step)
    sources, keys = _sources(memory, within, files)
    calls, answers = _sides(within, sources, keys)
    tallies = [source.tally for source in sources if source.tally is not None]
    tallies += crossed(calls.within(*window), answers.within(*wide))
    return Counted(rows(Tally.together(tallies), memory.names), within.step)


def _sources(
    memory: CallMemory, within: Sources, files: Sequence[FileEntry]
) -> tuple[list[Source], list[Numbers]]:
    """All of one step, and of each the keys that may be paired elsewhere as well."""
    while True:
        step = within.step
        found = _of_step(within, files)
        if within.step != step:
            continue
        keys = _keys(memory, found, step)
        if sum(map(len, keys)) <= _MAX_KEYS:
            return found, keys
        if step == 0:
            raise NotByFile
        within.narrow()


def _of_step(within: Sources, files: Sequence[FileEntry]) -> list[Source]:
    """Where the step changed meanwhile, they are not all of one."""
    found = []
    for file in files:
        with suppress(TooManyRows):  # Few of its calls are alike.
            found.append(within.of_file(file))
    try:
        rest = within.of_rest(frozenset(source.file.id for source in found if source.file))
    except TooManyRows:
        within.narrow()
        return found
    return found if rest is None else [*found, rest]


def _keys(memory: CallMemory, sources: Sequence[Source], step: int) -> list[Numbers]:
    """Of each source those that are unclear, or paired and in another one, too: sent twice, or
    answered there once more."""
    odd = _odd(memory, sources, step)
    pairs = [common(odd, source.known.paired) for source in sources]
    return [
        np.union1d(source.known.unclear, own) for source, own in zip(sources, pairs, strict=True)
    ]


def _odd(memory: CallMemory, sources: Sequence[Source], step: int) -> Numbers:
    files = [source for source in sources if source.file is not None]
    names = sorted(source.file.id for source in files if source.file is not None)
    key = (digest("\n".join(names).encode()), step)
    odd = memory.get(np.ndarray, key)
    if odd is None:
        odd = odd_among([source.known for source in files])
        memory.put(odd, key)
    for rest in sources:
        if rest.file is None:
            found = [rest.known.odd_with(source.known) for source in files]
            odd = np.unique(np.concatenate([odd, *found]))
    return odd


def _sides(
    within: Sources, sources: Sequence[Source], keys: Sequence[Numbers]
) -> tuple[Side, Side]:
    """Calls and answers that may be paired with those of another source."""
    calls, answers = [], []
    for number, (source, odd) in enumerate(zip(sources, keys, strict=True)):
        own = [source.known.sides]
        if len(odd):
            own.append(within.sides(source, odd))
        calls += [side.calls.of_source(number) for side in own]
        answers += [side.answers.of_source(number) for side in own]
    return Side.together(calls), Side.together(answers)
