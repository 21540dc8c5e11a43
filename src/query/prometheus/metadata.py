"""What series, labels and metrics there are."""

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from goldeneye.sql_files import sql
from query.prometheus.answers import limited, success
from query.prometheus.asked import Asked
from query.prometheus.bad_requests import BadRequest
from query.prometheus.prepared import Context, Prepared, Tables, documented
from query.prometheus.reader import Reader
from query.prometheus.stored.families import families
from query.prometheus.stored.family import Family
from query.prometheus.stored.known_labels import known_names, known_values
from query.prometheus.stored.known_series import known_series
from query.prometheus.stored.made import made_names
from query.prometheus.stored.span import Span
from query.prometheus.stored.span_metrics import CALLS, DURATION
from query.promql.labels import METRIC_NAME, Labels
from query.promql.naming.families import TARGET_INFO, Part
from query.promql.naming.metric_kind import metadata_type
from query.promql.naming.metric_name import metric_name
from query.promql.naming.strategy import Strategy
from query.promql.naming.units import unit_name
from query.promql.tree import Matcher
from query.reads import Reads, Statement

_COLUMNS: Final = (
    *("name", "unit", "type", "is_monotonic", "temporality", "metadata"),
    *("description", "day"),
)
_DAY_MS: Final = 86_400_000
_ESCAPED: Final = re.compile(r"__|_([0-9a-fA-F]{1,6})_")
_BOUND_LABELS: Final = frozenset({"le", "quantile"})
_MADE: Final[dict[str, dict[str, str]]] = {
    TARGET_INFO: {"type": "gauge", "help": "Attributes of the resource", "unit": ""},
    CALLS: {"type": "counter", "help": "Spans", "unit": ""},
    DURATION: {"type": "histogram", "help": "How long spans took", "unit": "seconds"},
}


def series(asked: Asked, context: Context) -> Prepared:
    """`/series`. Raises PromqlError."""
    limit, selectors, span = asked.count("limit"), asked.needed_selectors(), _span(asked)

    def answer(reader: Reader) -> dict[str, Any]:
        found = _found(reader, span, selectors)
        shown, warnings = limited(sorted(found), limit)
        return success([dict(labels) for labels in shown], warnings)

    return _prepared(selectors, span, context, answer)


def labels(asked: Asked, context: Context) -> Prepared:
    """`/labels`; raises as `series`."""
    limit, selectors, span = asked.count("limit"), asked.selectors() or [()], _span(asked)

    def answer(reader: Reader) -> dict[str, Any]:
        names: set[str] = set()
        for matchers in selectors:
            names |= _label_names(reader, span, matchers)
        shown, warnings = limited(sorted(names), limit)
        return success(shown, warnings)

    return _prepared(selectors, span, context, answer)


def label_values(asked: Asked, context: Context, name: str) -> Prepared:
    """`/label/<name>/values`; raises as `series`."""
    label = unescaped(name)
    limit, selectors, span = asked.count("limit"), asked.selectors(), _span(asked)

    def answer(reader: Reader) -> dict[str, Any]:
        if label == METRIC_NAME and not selectors:
            values = _names(reader, span)
        else:
            values = set()
            for matchers in selectors or [()]:
                values |= _values(reader, span, matchers, label)
        shown, warnings = limited(sorted(values), limit)
        return success(shown, warnings)

    return _prepared(selectors or [()], span, context, answer)


def _prepared(
    selectors: Sequence[tuple[Matcher, ...]],
    span: Span,
    context: Context,
    answer: Callable[[Reader], dict[str, Any]],
) -> Prepared:
    tables = Tables()
    if span.start_ms is not None and span.end_ms is not None and span.start_ms >= span.end_ms:
        return Prepared(tables, documented(lambda _: success([])), context.timeout_s)
    for matchers in selectors:
        tables.select(matchers, span, 0, context.now_ns)
    return Prepared(tables, documented(answer), context.timeout_s)


def _label_names(reader: Reader, span: Span, matchers: tuple[Matcher, ...]) -> set[str]:
    if _asks_for_bounds(matchers):
        return {name for one in known_series(reader, span, matchers) for name, _ in one}
    return known_names(reader, span, matchers)


def _values(reader: Reader, span: Span, matchers: tuple[Matcher, ...], label: str) -> set[str]:
    if label in _BOUND_LABELS or _asks_for_bounds(matchers):
        found = known_series(reader, span, matchers)
        return {value for one in found for own, value in one if own == label}
    return known_values(reader, span, matchers, label)


def _asks_for_bounds(matchers: tuple[Matcher, ...]) -> bool:
    return any(one.name in _BOUND_LABELS for one in matchers)


def _names(reader: Reader, span: Span) -> set[str]:
    known = {one.name for one in families(reader, span) if one.part != Part.EXEMPLARS}
    return known | set(made_names(reader, span))


def metadata(asked: Asked, context: Context) -> Prepared:
    """`/metadata`: type, help and unit of each family of the last 24 hours."""
    limit, each = _bound(asked, "limit"), _bound(asked, "limit_per_metric")
    wanted = asked.text("metric")
    now_ms = context.now_ns // 1_000_000
    tables, span = Tables(), Span(now_ms - _DAY_MS, now_ms)
    tables.add("metric_series", span.days_ns)

    def answer(reader: Reader) -> dict[str, Any]:
        told = _told(reader, span)
        shown = [(name, own[:each]) for name, own in sorted(told.items()) if wanted in ("", name)]
        return success(dict(shown[:limit]))

    return Prepared(tables, documented(answer), context.timeout_s)


def _bound(asked: Asked, name: str) -> int | None:
    """None for as many as there are, for which any number below 1 stands."""
    text = asked.text(name)
    try:
        return max(int(text), 0) or None if text else None
    except ValueError:
        raise BadRequest(f"{name} must be a number") from None


def _told(reader: Reader, span: Span) -> dict[str, list[dict[str, str]]]:
    statement = Statement(
        sql("query.prometheus.stored", "descriptions"), {"metric_series": _COLUMNS}
    )
    (found,) = reader.read(Reads([statement], *span.days_ns))
    told: dict[str, list[dict[str, str]]] = {name: [one] for name, one in _MADE.items()}
    for row in found.to_pylist():
        name, one = _described(row, reader.promql.naming.strategy)
        if name is not None and one not in told.setdefault(name, []):
            told[name].append(one)
    return told


def _described(row: dict[str, Any], strategy: Strategy) -> tuple[str | None, dict[str, str]]:
    family = Family(
        row["name"] or "",
        row["unit"] or "",
        row["type"],
        row["is_monotonic"],
        row["temporality"],
        row["metadata"] or "",
    )
    if family.untranslated:
        strategy = Strategy.NO_TRANSLATION
    kind = family.kind
    name = metric_name(family.name, family.unit, kind, strategy) if kind != "exemplars" else None
    return name, {
        "type": metadata_type(kind, family.said),
        "help": row["help"] or "",
        "unit": unit_name(family.unit, strategy),
    }


def _found(reader: Reader, span: Span, selectors: Sequence[tuple[Matcher, ...]]) -> list[Labels]:
    found: dict[Labels, None] = {}
    for matchers in selectors:
        found |= dict.fromkeys(known_series(reader, span, matchers))
    return list(found)


def _span(asked: Asked) -> Span:
    start_ms, end_ms = asked.bound_ms("start"), asked.bound_ms("end")
    return Span(None if start_ms is None else start_ms - 1, end_ms)


def unescaped(name: str) -> str:
    """A label's name in a path: `U__service_2e_name` is `service.name`."""
    if not name.startswith("U__"):
        return name
    return _ESCAPED.sub(_character, name[3:])


def _character(found: re.Match[str]) -> str:
    if not found[1]:
        return "_"
    code = int(found[1], 16)
    return chr(code) if code <= sys.maxunicode else found[0]
