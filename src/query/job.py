"""What a worker is given for one query: the files and hot rows of a snapshot that matter to it."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from goldeneye.schemas import DERIVED_FROM, WITH_TRACE_FILTERS
from goldeneye.snapshot import FileEntry, HotChunk, Snapshot
from query.damage import sorted_out
from query.hot_times import chunks_within
from query.part_of_snapshot import PieceId
from query.plan import Plan


class Given(NamedTuple):
    """The tables' part of the worker's job, and the descriptors of the hot rows, in its order;
    `pieces` are of each table the ids of its files and then chunks, in that order."""

    tables: dict[str, Any]
    hot_fds: list[int]
    file_count: int
    missing_files: list[str]
    pieces: dict[str, list[PieceId]]


def given(snapshot: Snapshot, plan: Plan) -> Given:
    """Of the tables in the plan, the files and hot chunks that overlap it.

    Derived tables have no chunks of their own: their hot rows are made from all of the source.
    The descriptors stay open only while the snapshot is held. Files that are gone are left out;
    raises DataDamaged where one is not what was committed.
    """
    tables: dict[str, Any] = {}
    pieces: dict[str, list[PieceId]] = {}
    fds: list[int] = []
    missing: list[str] = []
    file_count = 0
    sources = {DERIVED_FROM[table] for table in plan if table in DERIVED_FROM}
    for table, (min_ns, max_ns, trace_ids) in plan.items():
        overlapping = snapshot.files_within(table, min_ns, max_ns)
        if trace_ids is not None and table in WITH_TRACE_FILTERS:
            overlapping = snapshot.files_with_traces(overlapping, trace_ids)
        files, gone = sorted_out(overlapping)
        times = (None, None) if table in sources else (min_ns, max_ns)
        hot = chunks_within(snapshot, table, *times)
        groups = _groups(files)
        pieces[table] = [file.id for own in groups for file in own]
        pieces[table] += [chunk.id for chunk in hot]
        tables[table] = {
            "groups": [_told(own) for own in groups],
            "hot": len(hot),
            "strays": sorted(_strays(files, hot)),
        }
        fds += [chunk.fd() for chunk in hot]
        file_count += len(files)
        missing += gone
    for source in sorted(sources - plan.keys()):
        hot = chunks_within(snapshot, source, None, None)
        tables[source] = {"groups": [], "hot": len(hot), "strays": []}
        fds += [chunk.fd() for chunk in hot]
    return Given(tables, fds, file_count, missing, pieces)


def _groups(files: Iterable[FileEntry]) -> list[list[FileEntry]]:
    """Files of the same columns, and of the same promoted ones, are read together."""
    groups: dict[tuple[tuple[tuple[str, str], ...], str], list[FileEntry]] = {}
    for file in files:
        groups.setdefault((file.columns, file.promotion), []).append(file)
    return list(groups.values())


def _told(group: Sequence[FileEntry]) -> dict[str, Any]:
    return {
        "columns": group[0].columns,
        "promotion": group[0].promotion,
        "paths": [file.path for file in group],
        "times": [(file.min_time_ns, file.max_time_ns) for file in group],
        "segments": [file.last_segment for file in group],
    }


def _strays(files: Sequence[FileEntry], hot: Sequence[HotChunk]) -> frozenset[str]:
    return frozenset[str]().union(*(file.strays for file in files), *(c.strays for c in hot))
