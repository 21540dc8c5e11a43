"""SLOs in a shorter form, one mapping each in the list `slos`."""

from dataclasses import replace
from decimal import Decimal
from typing import Final, get_args

from alerting.documents.entry import Entry
from alerting.slo.catalogue import Catalogues
from alerting.slo.exclusions import Exclusion
from alerting.slo.feasible import check
from alerting.slo.fields import calendar, exclusion, labels, length, name, rolling, span_filter
from alerting.slo.indicators import threshold
from alerting.slo.model import (
    AlertPolicy,
    BadRatio,
    BurnAlert,
    BurnCondition,
    Comparison,
    GoodRatio,
    Indicator,
    Method,
    NoData,
    Objective,
    Place,
    Slo,
    Source,
    Spans,
    Threshold,
    Window,
)
from alerting.slo.objectives import share, slice_minutes, slice_target
from alerting.slo.sources import goldeneye, spans
from alerting.slo.span_filter import And, Filter, Not

FIELDS: Final = (
    "name",
    "display_name",
    "description",
    "service",
    "objective",
    "window",
    "spans",
    "good",
    "bad",
    "total",
    "counter",
    "threshold",
    "timeslices",
    "ratio_timeslices",
    "alerts",
    "no_data",
    "minimum_bad_events",
    "exclusions",
    "labels",
    "annotations",
)
ALERT: Final = ("severity", "windows", "burn_rate", "budget_percent", "for")


def slo(entry: Entry, catalogues: Catalogues, exclusions: tuple[Exclusion, ...]) -> Slo:
    """Raises ConfigurationError."""
    found = entry.fields(FIELDS, ("name", "service", "objective", "window"))
    window = _window(found["window"])
    method, target, size = _method(entry, found)
    of, op, value = _indicator(entry, found)
    promised = share(found["objective"], percent=True)
    own = found["exclusions"].items() if "exclusions" in found else []
    made = Slo(
        name=name(found["name"]),
        service=found["service"].text(),
        indicator=of,
        window=window,
        method=method,
        objectives=(Objective("objective-1", promised, op, value, target, size),),
        policies=_with_choice(_policies(found, window, catalogues), found.get("no_data")),
        display_name=found["display_name"].text() if "display_name" in found else "",
        description=found["description"].text() if "description" in found else "",
        labels=labels(found.get("labels")),
        annotations=labels(found.get("annotations")),
        exclusions=(*exclusions, *(exclusion(one) for one in own)),
        minimum_bad_events=_minimum(found.get("minimum_bad_events")),
        place=Place(entry.file, entry.line),
    )
    check(made, entry, [found["objective"]])
    return made


def _window(entry: Entry) -> Window:
    """A length that rolls, or `calendar` with its start and zone."""
    if isinstance(entry.node.value, str):
        return rolling(entry)
    found = entry.fields(("calendar", "start", "time_zone"), ("calendar",))
    return calendar(found["calendar"], found.get("start"), found.get("time_zone"))


def _method(entry: Entry, found: dict[str, Entry]) -> tuple[Method, float | None, int]:
    if "timeslices" in found and "ratio_timeslices" in found:
        entry.fail("only one of timeslices and ratio_timeslices is possible")
    if "timeslices" in found:
        inside = found["timeslices"].fields(("target", "window"), ("target", "window"))
        target = slice_target(inside["target"], percent=True)
        return "Timeslices", target, slice_minutes(inside["window"])
    if "ratio_timeslices" in found:
        inside = found["ratio_timeslices"].fields(("window",), ("window",))
        return "RatioTimeslices", None, slice_minutes(inside["window"])
    return "Occurrences", None, 1


def _indicator(
    entry: Entry, found: dict[str, Entry]
) -> tuple[Indicator, Comparison | None, float | None]:
    ways = [way for way in ("spans", "total", "threshold") if way in found]
    if len(ways) != 1:
        entry.fail("exactly one of spans, total and threshold is expected")
    if "threshold" in found:
        return _threshold(found)
    if ("good" in found) == ("bad" in found):
        entry.fail("exactly one of good and bad is expected")
    if "spans" in found:
        return _of_spans(found), None, None
    counter = "counter" in found and found["counter"].boolean()
    total = goldeneye(found["total"])
    if "good" in found:
        return GoodRatio(_distinct(found["good"], total), total, counter), None, None
    return BadRatio(_distinct(found["bad"], total), total, counter), None, None


def _distinct(entry: Entry, total: Source) -> Source:
    source = goldeneye(entry)
    if source == total:
        entry.fail("is the same as total, so that the ratio is always 1")
    return source


def _of_spans(found: dict[str, Entry]) -> GoodRatio:
    """`good` or `bad` is a filter of the spans that count."""
    if "counter" in found:
        found["counter"].fail("spans are counted by themselves")
    total = spans(found["spans"], found["service"].text())
    good = span_filter(found["good"]) if "good" in found else Not(span_filter(found["bad"]))
    both: Filter = And((total.filter, good)) if total.filter else good
    return GoodRatio(Spans(total.service, total.operation, total.kind, both), total)


def _threshold(found: dict[str, Entry]) -> tuple[Threshold, Comparison, float]:
    for other in ("good", "bad", "counter"):
        if other in found:
            found[other].fail("has no meaning beside threshold")
    inside = found["threshold"].fields(("source", "op", "value"), ("source", "op", "value"))
    op: Comparison = inside["op"].one_of(get_args(Comparison))
    of = threshold(inside["source"], goldeneye(inside["source"]))
    return of, op, float(inside["value"].number())


def _policies(
    found: dict[str, Entry], window: Window, catalogues: Catalogues
) -> tuple[AlertPolicy, ...]:
    if "alerts" not in found:
        return catalogues.policies(window.minutes)
    if isinstance(found["alerts"].node.value, str):
        found["alerts"].one_of(("none",))
        return ()
    rows = [_alert(row, window) for row in found["alerts"].items()]
    severities = dict.fromkeys(severity for severity, _ in rows)
    return tuple(
        AlertPolicy(one, one, tuple(alert for severity, alert in rows if severity == one))
        for one in severities
    )


def _with_choice(policies: tuple[AlertPolicy, ...], entry: Entry | None) -> tuple[AlertPolicy, ...]:
    if entry is None:
        return policies
    choice: NoData = entry.one_of(get_args(NoData))
    return tuple(replace(one, no_data=choice) for one in policies)


def _alert(entry: Entry, window: Window) -> tuple[str, BurnAlert]:
    found = entry.fields(ALERT, ("severity", "windows"))
    lengths = [length(one) for one in found["windows"].items()]
    if not lengths:
        found["windows"].fail("at least one length is expected, such as [1h, 5m]")
    if ("burn_rate" in found) == ("budget_percent" in found):
        entry.fail("exactly one of burn_rate and budget_percent is expected")
    if "burn_rate" in found:
        rate = _positive(found["burn_rate"])
    else:
        rate = _positive(found["budget_percent"]) * window.minutes / (100 * max(lengths))
    conditions = tuple(BurnCondition(minutes, rate) for minutes in lengths)
    after = length(found["for"]) if "for" in found else 0
    return found["severity"].text(), BurnAlert(conditions, after)


def _positive(entry: Entry) -> float:
    number = entry.number()
    if number <= 0:
        entry.fail("must be above 0")
    return float(number)


def _minimum(entry: Entry | None) -> float:
    if entry is None:
        return 1
    if not 0 <= entry.number() < Decimal("1e15"):
        entry.fail("a number from 0 is expected")
    return float(entry.number())
