"""The label sets of series that match, without their samples."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.prometheus.reader import Reader
from query.prometheus.stored.conditions import of_metrics, of_series
from query.prometheus.stored.families import families, of_name
from query.prometheus.stored.made import made_labels
from query.prometheus.stored.series import series_matching
from query.prometheus.stored.span import Span
from query.prometheus.stored.wanted import LATE_LABELS, Wanted
from query.promql.labels import Labels, with_label
from query.promql.matching import passing
from query.promql.naming.families import Part, bound_text
from query.promql.samples import Ints
from query.promql.tree import Matcher
from query.reads import Reads, Statement

_BOUNDS: Final[Mapping[Part, tuple[str, str]]] = {
    Part.BUCKET: ("bounds", "explicit_bounds"),
    Part.QUANTILE: ("quantiles", "quantiles"),
}


def known_series(reader: Reader, span: Span, matchers: Sequence[Matcher]) -> list[Labels]:
    """Of series that had points on the days of the range, each once."""
    found = dict.fromkeys(_sent(reader, span, matchers))
    found |= dict.fromkeys(made_labels(reader, span, matchers))
    return list(found)


def _sent(reader: Reader, span: Span, matchers: Sequence[Matcher]) -> Iterator[Labels]:
    named = of_name(families(reader, span), matchers)
    if not named:
        return
    for wanted in series_matching(reader, span, named, matchers).values():
        for part, labels in wanted.labels.items():
            if part is Part.EXEMPLARS:
                continue
            if part in LATE_LABELS:
                yield from _with_bounds(reader, span, wanted, part)
            else:
                yield from labels.values()


def _with_bounds(reader: Reader, span: Span, wanted: Wanted, part: Part) -> Iterator[Labels]:
    statement, column = _BOUNDS[part]
    ids: Ints = np.array(list(wanted.labels[part]), dtype=np.uint64)
    names = {own.family.name for own in wanted.series.values()}
    rows = of_series(of_metrics(names), ids, wanted.among)
    text = filled(sql("query.prometheus.stored", statement), {"condition": rows.sql})
    columns = ("series_id", "name", "time", "received_time", column)
    reads = Reads([Statement(text, {"metric_points": columns}, rows.params)], *span.whole_ns)
    (found,) = reader.read(reads)
    more = [float("inf")] if part is Part.BUCKET else []
    made = []
    for row in found.to_pylist():
        labels = wanted.labels[part].get(row["series_id"])
        if labels is not None:
            bounds = [*sorted(row["bounds"] or ()), *more]
            made += [with_label(labels, LATE_LABELS[part], bound_text(one)) for one in bounds]
    yield from passing(wanted.late[part], made)
