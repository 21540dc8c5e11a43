"""The series of metrics, and the labels that they have in Prometheus."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.prometheus.reader import Reader
from query.prometheus.stored.conditions import Rows, of_metrics, of_series
from query.prometheus.stored.families import Family
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


class Series(NamedTuple):
    """`labels` are all but the name, `le` and `quantile`; `target` are those of `target_info`."""

    family: Family
    labels: Labels
    target: Labels


def series_bytes(series: Series) -> int:
    """About what it takes in memory to remember it, its texts shared with others."""
    return 300 + 16 * len(series.labels)


def series_of(reader: Reader, span: Span, names: Iterable[str] | None) -> dict[int, Series]:
    """By id, those of these metrics (of all where None) that had points on the range's days."""
    names = None if names is None else list(names)
    ids = ids_of(reader, span, names)
    return series_with(reader, span, names, ids, len(ids))


def ids_of(reader: Reader, span: Span, names: Iterable[str] | None) -> Ints:
    """The ids alone."""
    rows = Rows() if names is None else of_metrics(list(names))
    text = filled(sql("query.prometheus.stored", "series_ids"), {"condition": rows.sql})
    found = _table(reader, span, text, ("series_id", "name"), rows)
    ids: Ints = found.column("series_id").to_numpy()
    return ids


def series_with(
    reader: Reader, span: Span, names: Iterable[str] | None, ids: Ints, among: int
) -> dict[int, Series]:
    """Those of these ids, which are some of so many that these metrics have."""
    condition = Rows() if names is None else of_metrics(list(names))
    remembered = reader.series
    found = {one: remembered.get(one) for one in ids.tolist()}
    unknown = [one for one, series in found.items() if series is None]
    if unknown:
        rows = of_series(condition, np.array(unknown, np.uint64), among)
        for one, series in _read(reader, span, rows).items():
            remembered.put(one, series)
            if one in found:
                found[one] = series
    return {one: series for one, series in found.items() if series is not None}


def _read(reader: Reader, span: Span, rows: Rows) -> dict[int, Series]:
    text = filled(sql("query.prometheus.stored", "series"), {"condition": rows.sql})
    found = _table(reader, span, text, ("series_id", *_FAMILY, *_LABELS), rows)
    translator = _Translator(reader.promql.naming)
    return {
        one: translator.series(row)
        for one, row in zip(found.column("series_id").to_pylist(), found.to_pylist(), strict=True)
    }


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
