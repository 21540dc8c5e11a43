"""target_info: what is known of each resource, for as long as it sends."""

from typing import Final

import numpy as np

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.prometheus.reader import Reader
from query.prometheus.stored.blocks import Block
from query.prometheus.stored.conditions import Rows, of_series
from query.prometheus.stored.cut import cut
from query.prometheus.stored.series import series_of
from query.prometheus.stored.span import Span
from query.prometheus.stored.wanted import labelled
from query.promql.labels import METRIC_NAME, Labels, with_label
from query.promql.matching import passing
from query.promql.naming.families import TARGET_INFO
from query.promql.samples import Ragged
from query.promql.tree import Matcher
from query.reads import Reads, Statement

_COLUMNS: Final = ("series_id", "time", "received_time")


def target_infos(
    reader: Reader, span: Span, lookback_ms: int, matchers: tuple[Matcher, ...]
) -> list[Block]:
    """1, at the first and last point of each half of a lookback in which a series of the resource
    had some."""
    known = series_of(reader, span, None)
    wanted = info_labels(known_targets=[own.target for own in known.values()], matchers=matchers)
    labels = {one: wanted[own.target] for one, own in known.items() if own.target in wanted}
    if not labels:
        return []
    rows = of_series(Rows(), np.array(list(labels), dtype=np.uint64), len(known))
    text = filled(sql("query.prometheus.stored", "target_times"), {"condition": rows.sql})
    params = {**rows.params, "period_ms": max(1, lookback_ms // 2)}
    statement = Statement(text, {"metric_points": _COLUMNS}, params)
    (found,) = reader.read(Reads([statement], *span.whole_ns, max_rows=reader.promql.max_samples))
    parts = cut(found)
    samples = Ragged(parts.offsets, parts.times_ms, np.ones(len(parts.times_ms)))
    return [labelled(parts.ids.tolist(), samples, labels)]


def info_labels(known_targets: list[Labels], matchers: tuple[Matcher, ...]) -> dict[Labels, Labels]:
    """By the labels of targets, those of their target_info, as far as the matchers want it."""
    named = {
        target: with_label(target, METRIC_NAME, TARGET_INFO)
        for target in dict.fromkeys(known_targets)
        if target
    }
    passed = set(passing(matchers, list(named.values())))
    return {target: labels for target, labels in named.items() if labels in passed}
