"""The series of metrics, and the labels that they have in Prometheus."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.prometheus.reader import Reader
from query.prometheus.stored.conditions import MAX_IDS, Rows, between, of_metrics, of_series
from query.prometheus.stored.families import Named
from query.prometheus.stored.family import Family
from query.prometheus.stored.series_memory import Series
from query.prometheus.stored.span import Span
from query.promql.labels import Labels, from_mapping
from query.promql.naming.labels import series_labels, target_info_labels, untranslated_labels
from query.promql.naming.settings import Naming, Scope
from query.promql.samples import Ints
from query.reads import Reads, Statement

_FAMILY: Final = ("name", "unit", "type", "is_monotonic", "temporality", "metadata")
_LABELS: Final = (
    *("attributes", "resource_attributes", "scope_name", "scope_version"),
    *("scope_schema_url", "scope_attributes"),
)

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
    reader: Reader, span: Span, names: Iterable[str] | None, ids: Ids, among: int
) -> dict[int, Series]:
    """Those of these ids, sorted, which are some of so many that these metrics have."""
    memory = reader.series
    is_known = memory.known(ids)
    known = ids[is_known]
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
    found = _table(reader, span, text, ("series_id", *_FAMILY, *_LABELS), rows)
    found = found.filter(pa.array(np.isin(found.column("series_id").to_numpy(), ids)))
    translator = _Translator(reader.promql.naming)
    for batch in found.to_batches(_BATCH_ROWS):
        own = batch.column("series_id").to_pylist()
        series = [translator.series(row) for row in batch.to_pylist()]
        reader.series.put(own, series)
        yield from zip(own, series, strict=True)


def _table(reader: Reader, span: Span, text: str, columns: Sequence[str], rows: Rows) -> pa.Table:
    statement = Statement(text, {"metric_series": columns}, rows.params)
    return reader.read(Reads([statement], *span.days_ns, max_rows=reader.promql.max_samples))[0]


class _Translator:
    """Parses what many rows share once, and keeps equal texts once."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._families: dict[Family, Family] = {}
        self._parsed: dict[str, Mapping[str, Any]] = {}
        self._targets: dict[str, Labels] = {}
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}

    def series(self, row: Mapping[str, Any]) -> Series:
        family = Family(
            row["name"] or "",
            row["unit"] or "",
            row["type"],
            row["is_monotonic"],
            row["temporality"],
            row["metadata"] or "",
        )
        family = self._families.setdefault(family, family)
        own = orjson.loads(row["attributes"] or "{}")
        resource = self._json(row["resource_attributes"])
        if family.untranslated:
            labels = untranslated_labels(own, resource)
        else:
            labels = series_labels(own, resource, self._scope(row), self._naming)
        return Series(family, self._shared(labels), self._target(row["resource_attributes"]))

    def _scope(self, row: Mapping[str, Any]) -> Scope:
        return Scope(
            row["scope_name"] or "",
            row["scope_version"] or "",
            row["scope_schema_url"] or "",
            self._json(row["scope_attributes"]),
        )

    def _target(self, resource: str | None) -> Labels:
        text = resource or "{}"
        if text not in self._targets:
            labels = target_info_labels(self._json(text), self._naming)
            self._targets[text] = self._shared(labels or {})
        return self._targets[text]

    def _json(self, text: str | None) -> Mapping[str, Any]:
        text = text or "{}"
        if text not in self._parsed:
            self._parsed[text] = orjson.loads(text)
        return self._parsed[text]

    def _shared(self, labels: Mapping[str, str]) -> Labels:
        pairs = self._pairs
        named = from_mapping({sys.intern(name): value for name, value in labels.items()})
        return tuple(pairs.setdefault(pair, pair) for pair in named)
