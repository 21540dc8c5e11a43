"""The series of metrics, and the labels that they have in Prometheus."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.prometheus.reader import Reader
from query.prometheus.stored.conditions import MAX_IDS, Rows, between, of_metrics, of_series
from query.prometheus.stored.families import Named
from query.prometheus.stored.family import Family
from query.prometheus.stored.series_ids import Ids, SeriesIds, series_ids
from query.prometheus.stored.series_memory import Series, SeriesMemory
from query.prometheus.stored.span import Bounds, Span
from query.prometheus.stored.translating import FAMILY, SCOPE, Translator
from query.prometheus.stored.wanted import Wanted, by_late_label, wanted_series
from query.promql.labels import Labels
from query.promql.samples import Ints
from query.promql.tree import Matcher
from query.reads import Reads, Statement

_COLUMNS: Final = ("series_id", "attributes", "resource_attributes", *FAMILY, *SCOPE)

# Rows that are Python's objects at once.
_BATCH_ROWS: Final = 10_000


def series_of(reader: Reader, span: Span, names: Iterable[str] | None) -> dict[int, Series]:
    """By id, those of these metrics (of all where None) that had points on the range's days."""
    names = None if names is None else list(names)
    ids = ids_of(reader, span, names)
    return series_with(reader, span, names, ids, len(ids))


def ids_of(reader: Reader, span: Span, names: Iterable[str] | None) -> Ids:
    """The ids alone, sorted."""
    known = reader.series_ids(span.days_ns)
    return known.ids if names is None else known.named(frozenset(names))


def series_with(
    reader: Reader, span: Span, names: Iterable[str] | None, ids: Ids, among: int
) -> dict[int, Series]:
    """Those of these ids, sorted, which are some of so many that these metrics have."""
    memory = reader.series
    is_known = memory.known(ids)
    known = ids[is_known]
    found = dict(zip(known.tolist(), memory.series(known), strict=True))
    return found | _unknown(reader, span, names, ids[~is_known], among)


def matching(
    reader: Reader,
    span: Span,
    named: Sequence[Named],
    matchers: Sequence[Matcher],
    ids: Ids,
    among: int,
) -> tuple[Ids, Ints]:
    """Of those of these ids, sorted, that have these names and pass the matchers: the ids, and
    hashes of the labels, of which equal ones have the same."""
    found: list[tuple[Ids, Ints]] = [(ids[:0], np.empty(0, dtype=np.int64))]
    for memory, some in held(reader, span, {one.family.name for one in named}, ids, among):
        chosen = np.zeros(len(some), dtype=np.bool_)
        for own, early in by_late_label(named, matchers):
            families = frozenset(one.family for one in own)
            chosen |= memory.of_families(some, families) & memory.passing(some, early)
        found.append((some[chosen], memory.hashes(some[chosen])))
    matched = np.concatenate([own for own, _ in found])
    order = np.argsort(matched)
    return matched[order], np.concatenate([own for _, own in found])[order]


def targets_of(reader: Reader, span: Span) -> list[Labels]:
    """The different labels of `target_info` of all series."""
    ids = ids_of(reader, span, None)
    places = held(reader, span, None, ids, len(ids))
    return list(dict.fromkeys(one for memory, own in places for one in memory.targets(own)))


def series_matching(
    reader: Reader, span: Span, named: Sequence[Named], matchers: Sequence[Matcher]
) -> dict[Family, Wanted]:
    """Those of these names that pass the matchers, of those that had points on the range's
    days."""
    names = frozenset(one.family.name for one in named)
    every = ids_of(reader, span, names)
    ids, _ = matching(reader, span, named, matchers, every, len(every))
    known = series_with(reader, span, names, ids, len(every))
    return wanted_series(named, known, matchers, len(every))


def held(
    reader: Reader, span: Span, names: Iterable[str] | None, ids: Ids, among: int
) -> Iterator[tuple[SeriesMemory, Ids]]:
    """Where the labels of these ids, sorted, are, and of which: to be looked at in turn, since
    what is read for the second may take the place of the first."""
    memory = reader.series
    is_known = memory.known(ids)
    yield memory, ids[is_known]
    others = ids[~is_known]
    read = _unknown(reader, span, names, others, among)
    if len(others) and memory.known(others).all():
        yield memory, others
    elif read:
        memory = SeriesMemory(sys.maxsize)
        memory.put(list(read), list(read.values()))
        yield memory, np.sort(np.array(list(read), dtype=np.uint64))


def _unknown(
    reader: Reader, span: Span, names: Iterable[str] | None, ids: Ids, among: int
) -> dict[int, Series]:
    """Labels that are not remembered yet; now they are, as far as there is room."""
    if not len(ids):
        return {}
    condition = Rows() if names is None else of_metrics(list(names))
    is_long = len(ids) > MAX_IDS
    rows = between(condition, ids) if is_long else of_series(condition, ids, among)
    return dict(_read(reader, span, rows, ids))


def _read(reader: Reader, span: Span, rows: Rows, ids: Ids) -> Iterator[tuple[int, Series]]:
    text = filled(sql("query.prometheus.stored", "series"), {"condition": rows.sql})
    found = _table(reader, span.days_ns, text, _COLUMNS, rows)
    found = found.filter(pa.array(np.isin(found.column("series_id").to_numpy(), ids)))
    translator = Translator(reader.promql.naming)
    for batch in found.to_batches(_BATCH_ROWS):
        own = batch.column("series_id").to_pylist()
        series = list(translator.series(batch))
        reader.series.put(own, series)
        yield from zip(own, series, strict=True)


def ids_by_sql(reader: Reader, days: Bounds) -> SeriesIds:
    """What Reader.series_ids gives, where nothing is remembered."""
    text = sql("query.prometheus.stored", "series_ids")
    return series_ids(_table(reader, days, text, ("series_id", *FAMILY), Rows()))


def _table(reader: Reader, days: Bounds, text: str, columns: Sequence[str], rows: Rows) -> pa.Table:
    statement = Statement(text, {"metric_series": columns}, rows.params)
    return reader.read(Reads([statement], *days, max_rows=reader.promql.max_samples))[0]
