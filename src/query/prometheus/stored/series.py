"""The series of metrics, and the labels that they have in Prometheus."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.prometheus.reader import Reader
from query.prometheus.stored.conditions import MAX_IDS, Rows, between, of_metrics, of_series
from query.prometheus.stored.families import Named
from query.prometheus.stored.series_memory import Series
from query.prometheus.stored.span import Span
from query.prometheus.stored.translating import FAMILY, SCOPE, Translator
from query.promql.samples import Ints
from query.reads import Reads, Statement

_COLUMNS: Final = ("series_id", "attributes", "resource_attributes", *FAMILY, *SCOPE)

Ids = NDArray[np.uint64]
# Rows that are Python's objects at once.
_BATCH_ROWS: Final = 10_000


def series_of(reader: Reader, span: Span, names: Iterable[str] | None) -> dict[int, Series]:
    """By id, those of these metrics (of all where None) that had points on the range's days."""
    names = None if names is None else list(names)
    ids = ids_of(reader, span, names)
    return series_with(reader, span, names, ids, len(ids))


def ids_of(reader: Reader, span: Span, names: Iterable[str] | None) -> Ids:
    """The ids alone, sorted."""
    rows = Rows() if names is None else of_metrics(list(names))
    text = filled(sql("query.prometheus.stored", "series_ids"), {"condition": rows.sql})
    found = _table(reader, span, text, ("series_id", "name"), rows)
    ids: Ids = np.sort(found.column("series_id").to_numpy())
    return ids


def series_with(
    reader: Reader,
    span: Span,
    names: Iterable[str] | None,
    ids: Ids,
    among: int,
    having: Collection[tuple[str, str]] = (),
) -> dict[int, Series]:
    """Those of these ids, sorted, which are some of so many that these metrics have.

    What is known not to have the labels `having` is left out.
    """
    memory = reader.series
    is_known = memory.known(ids)
    known = ids[is_known]
    known = known[memory.having(known, having)]
    found = dict(zip(known.tolist(), memory.series(known), strict=True))
    return found | _unknown(reader, span, names, ids[~is_known], among)


def hashes_with(
    reader: Reader, span: Span, named: Sequence[Named], ids: Ids, among: int
) -> tuple[Ids, Ints]:
    """Of those of these ids, sorted, that have these names: the ids, and hashes of the labels, of
    which equal ones have the same."""
    memory = reader.series
    families = frozenset(one.family for one in named)
    is_known = memory.known(ids)
    known = ids[is_known]
    known = known[memory.of_families(known, families)]
    hashes = memory.hashes(known)
    read = _unknown(reader, span, {one.name for one in families}, ids[~is_known], among)
    more = {one: hash(own.labels) for one, own in read.items() if own.family in families}
    return (
        np.concatenate((known, np.array(list(more), dtype=np.uint64))),
        np.concatenate((hashes, np.array(list(more.values()), dtype=np.int64))),
    )


def _unknown(
    reader: Reader, span: Span, names: Iterable[str] | None, ids: Ids, among: int
) -> dict[int, Series]:
    """They are remembered, as far as there is room."""
    if not len(ids):
        return {}
    condition = Rows() if names is None else of_metrics(list(names))
    is_long = len(ids) > MAX_IDS
    rows = between(condition, ids) if is_long else of_series(condition, ids, among)
    return dict(_read(reader, span, rows, ids))


def _read(reader: Reader, span: Span, rows: Rows, ids: Ids) -> Iterator[tuple[int, Series]]:
    text = filled(sql("query.prometheus.stored", "series"), {"condition": rows.sql})
    found = _table(reader, span, text, _COLUMNS, rows)
    found = found.filter(pa.array(np.isin(found.column("series_id").to_numpy(), ids)))
    translator = Translator(reader.promql.naming)
    for batch in found.to_batches(_BATCH_ROWS):
        own = batch.column("series_id").to_pylist()
        series = list(translator.series(batch))
        reader.series.put(own, series)
        yield from zip(own, series, strict=True)


def _table(reader: Reader, span: Span, text: str, columns: Sequence[str], rows: Rows) -> pa.Table:
    statement = Statement(text, {"metric_series": columns}, rows.params)
    return reader.read(Reads([statement], *span.days_ns, max_rows=reader.promql.max_samples))[0]
