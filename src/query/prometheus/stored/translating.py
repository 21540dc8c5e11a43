"""Rows of series as the labels that they have in Prometheus, which is worked out once for each
combination of resource, scope and keys: the rest is looking values up."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson
import pyarrow as pa

from query.prometheus.stored.family import Family
from query.prometheus.stored.series_memory import Series
from query.promql.labels import Labels, from_mapping
from query.promql.naming.attribute_text import attribute_text
from query.promql.naming.labels import series_labels, target_info_labels, untranslated_labels
from query.promql.naming.settings import Naming, Scope

FAMILY: Final = ("name", "unit", "type", "is_monotonic", "temporality", "metadata")
SCOPE: Final = ("scope_name", "scope_version", "scope_schema_url", "scope_attributes")
_SHARED: Final = (*FAMILY, "resource_attributes", *SCOPE)
# What no value is, nor has in it.
_MARK: Final = secrets.token_hex(16)
Pair = tuple[str, str]


class _Common(NamedTuple):
    """What all series have in common that differ by their attributes alone."""

    family: Family
    target: Labels
    translate: Callable[[Mapping[str, Any]], dict[str, str]]
    shapes: "dict[tuple[str, ...], _Shape | None]"


class _Shape(NamedTuple):
    """By the keys of the attributes: in the labels' order a pair that is always the same, or the
    label's name and the place of its value among the attributes."""

    parts: Sequence[tuple[Pair | None, str, int]]


class Translator:
    """For rows of one table; equal texts are kept once."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._common: dict[tuple[Any, ...], _Common] = {}
        self._pairs: dict[Pair, Pair] = {}

    def series(self, rows: pa.RecordBatch) -> Iterator[Series]:
        """Of each row."""
        shared = zip(*(rows.column(name).to_pylist() for name in _SHARED), strict=True)
        attributes = rows.column("attributes").to_pylist()
        for own, key in zip(attributes, shared, strict=True):
            common = self._common.get(key)
            if common is None:
                common = self._common[key] = self._new(key)
            labels = self._labels(common, orjson.loads(own or "{}"))
            yield Series(common.family, labels, common.target)

    def _new(self, key: tuple[Any, ...]) -> _Common:
        row = dict(zip(_SHARED, key, strict=True))
        family = family_of(row)
        resource = orjson.loads(row["resource_attributes"] or "{}")
        target = from_mapping(target_info_labels(resource, self._naming) or {})
        scope = Scope(
            row["scope_name"] or "",
            row["scope_version"] or "",
            row["scope_schema_url"] or "",
            orjson.loads(row["scope_attributes"] or "{}"),
        )

        def translate(own: Mapping[str, Any]) -> dict[str, str]:
            if family.untranslated:
                return untranslated_labels(own, resource)
            return series_labels(own, resource, scope, self._naming)

        return _Common(family, target, translate, {})

    def _labels(self, common: _Common, own: Mapping[str, Any]) -> Labels:
        keys = tuple(own)
        if keys not in common.shapes:
            common.shapes[keys] = _shape(common, keys)
        shape = common.shapes[keys]
        if shape is None:
            return self._kept(from_mapping(common.translate(own)))
        return self._kept(_filled(shape, list(own.values())))

    def _kept(self, pairs: Sequence[Pair]) -> Labels:
        known = self._pairs
        return tuple([known.setdefault(pair, pair) for pair in pairs])


def _shape(common: _Common, keys: Sequence[str]) -> _Shape | None:
    """None where values come together in one label."""
    marks = {f"{_MARK}{place}": place for place in range(len(keys))}
    labels = common.translate(dict(zip(keys, marks, strict=True)))
    parts: list[tuple[Pair | None, str, int]] = []
    for name, value in sorted(labels.items()):
        if value in marks:
            parts.append((None, name, marks[value]))
        elif _MARK in value:
            return None
        else:
            parts.append(((name, value), name, -1))
    return _Shape(parts)


def _filled(shape: _Shape, values: Sequence[Any]) -> list[Pair]:
    pairs = []
    for pair, name, place in shape.parts:
        if pair is None:
            value = values[place]
            text = value if type(value) is str else attribute_text(value)
            if text:
                pairs.append((name, text))
        else:
            pairs.append(pair)
    return pairs


def family_of(row: Mapping[str, Any]) -> Family:
    """The metric that a row of metric_series is about."""
    return Family(
        row["name"] or "",
        row["unit"] or "",
        row["type"],
        row["is_monotonic"],
        row["temporality"],
        row["metadata"] or "",
    )
