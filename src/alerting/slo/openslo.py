"""SLOs as OpenSLO v1 documents."""

from typing import Final, get_args

from alerting.documents.entry import Entry
from alerting.slo.catalogue import Catalogues
from alerting.slo.exclusions import Exclusion
from alerting.slo.feasible import check
from alerting.slo.fields import calendar, rolling
from alerting.slo.indicators import indicator
from alerting.slo.model import Indicator, Method, Place, Service, Slo, Window
from alerting.slo.objectives import objective
from alerting.slo.policies import policies
from alerting.slo.references import API_VERSION, Metadata, Shelf, Written, inline, metadata

KINDS: Final = (
    "SLO",
    "SLI",
    "AlertPolicy",
    "AlertCondition",
    "AlertNotificationTarget",
    "Service",
)
SPEC: Final = (
    "description",
    "service",
    "indicator",
    "indicatorRef",
    "timeWindow",
    "budgetingMethod",
    "objectives",
    "alertPolicies",
)
# What OpenSLO has no field for.
MINIMUM_BAD_EVENTS: Final = "goldeneye/minimum-bad-events"


def shelve(entry: Entry, shelf: Shelf) -> None:
    """Notes the document by kind and name. Raises ConfigurationError."""
    names = ("apiVersion", "kind", "metadata", "spec")
    found = entry.fields(names, ("apiVersion", "kind", "metadata"))
    if found["apiVersion"].text() != API_VERSION:
        written = found["apiVersion"].text()
        found["apiVersion"].fail(f"{written!r} is not understood: {API_VERSION} is expected")
    kind = found["kind"].one_of(KINDS)
    if kind != "Service":
        entry.fields(names, ("spec",))
    shelf.put(kind, Written(entry, metadata(found["metadata"]), found.get("spec", entry)))


def service(written: Written) -> Service:
    if written.spec is written.entry:
        return Service(written.metadata.name, written.metadata.display_name)
    found = written.spec.fields(("description",))
    description = found["description"].text() if "description" in found else ""
    return Service(written.metadata.name, written.metadata.display_name, description)


def slo(
    written: Written, shelf: Shelf, catalogues: Catalogues, exclusions: tuple[Exclusion, ...]
) -> Slo:
    """Raises ConfigurationError. `catalogues` give the alerts where the document has none."""
    found = written.spec.fields(SPEC, ("service", "timeWindow", "budgetingMethod", "objectives"))
    of = _indicator(written.spec, found, shelf)
    method = found["budgetingMethod"].one_of(get_args(Method))
    places = found["objectives"].items()
    if not places:
        found["objectives"].fail("at least one objective is expected")
    window = time_window(found["timeWindow"])
    said = "alertPolicies" in found
    made = Slo(
        name=written.metadata.name,
        service=found["service"].text(),
        indicator=of,
        window=window,
        method=method,
        objectives=tuple(objective(one, n, of, method) for n, one in enumerate(places)),
        policies=policies(found["alertPolicies"], shelf)
        if said
        else catalogues.policies(window.minutes),
        display_name=written.metadata.display_name,
        description=found["description"].text() if "description" in found else "",
        labels=written.metadata.labels,
        annotations=written.metadata.annotations,
        exclusions=exclusions,
        minimum_bad_events=_minimum(written.entry, written.metadata),
        place=Place(written.entry.file, written.entry.line),
    )
    _distinct_names(made, found["objectives"])
    check(made, written.entry, places)
    return made


def time_window(entry: Entry) -> Window:
    """The value of `timeWindow`, a list of one."""
    items = entry.items()
    if len(items) != 1:
        entry.fail("exactly one window is expected")
    found = items[0].fields(("duration", "isRolling", "calendar"), ("duration",))
    is_rolling = found["isRolling"].boolean() if "isRolling" in found else "calendar" not in found
    if is_rolling:
        if "calendar" in found:
            found["calendar"].fail("a rolling window has no calendar")
        return rolling(found["duration"])
    if "calendar" not in found:
        items[0].fail("calendar is missing: the window does not roll")
    names = ("startTime", "timeZone")
    inside = found["calendar"].fields(names, names)
    return calendar(found["duration"], inside["startTime"], inside["timeZone"])


def _indicator(spec: Entry, found: dict[str, Entry], shelf: Shelf) -> Indicator:
    if ("indicator" in found) == ("indicatorRef" in found):
        spec.fail("exactly one of indicator and indicatorRef is expected")
    if "indicator" in found:
        return indicator(inline(found["indicator"], "SLI").spec)
    return indicator(shelf.named("SLI", found["indicatorRef"]).spec)


def _minimum(entry: Entry, said: Metadata) -> float:
    written = dict(said.annotations).get(MINIMUM_BAD_EVENTS, "1")
    try:
        number = float(written)
    except ValueError:
        number = -1
    if not 0 <= number < 1e15:
        entry.fail(f"metadata.annotations.{MINIMUM_BAD_EVENTS}: a number from 0 is expected")
    return number


def _distinct_names(made: Slo, entry: Entry) -> None:
    if len({one.name for one in made.objectives}) < len(made.objectives):
        entry.fail("two objectives have the same displayName")
