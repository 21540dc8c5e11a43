"""The `objectives` of an SLO."""

from decimal import Decimal
from typing import Final, get_args

from alerting.documents.entry import Entry
from alerting.slo.lengths import minutes_of
from alerting.slo.model import Comparison, Indicator, Method, Objective, Threshold

FIELDS: Final = (
    "displayName",
    "op",
    "value",
    "target",
    "targetPercent",
    "timeSliceTarget",
    "timeSliceWindow",
    "indicator",
    "indicatorRef",
    "compositeWeight",
)
# Below it, sums of floats say nothing about a budget.
LEAST_BUDGET: Final = Decimal("1e-9")
_COMPOSITE: Final = ("indicator", "indicatorRef", "compositeWeight")


def objective(entry: Entry, number: int, of: Indicator, method: Method) -> Objective:
    """Raises ConfigurationError."""
    found = entry.fields(FIELDS)
    for name in _COMPOSITE:
        if name in found:
            found[name].fail("SLOs that are made of several indicators are not supported")
    op, value = _comparison(entry, found, of)
    return Objective(
        found["displayName"].text() if "displayName" in found else f"objective-{number + 1}",
        _target(entry, found),
        op,
        value,
        _slice_target(entry, found, method),
        _slice_minutes(entry, found, method),
    )


def slice_minutes(entry: Entry) -> int:
    """The length of a slice, which a plain number gives in minutes."""
    written = entry.text()
    try:
        minutes = int(written) if written.isdecimal() else minutes_of(written)
    except ValueError as error:
        entry.fail(str(error))
    if minutes < 1 or 1_440 % minutes:
        entry.fail("a day must be a whole number of slices, of a minute or more")
    return minutes


def share(entry: Entry, percent: bool) -> Decimal:
    """A target, from 0 to below 1."""
    written = entry.number()
    target = written / 100 if percent else written
    if not 0 <= target < 1:
        most = "100" if percent else "1"
        entry.fail(f"must be from 0 to below {most}: at {most} there is no budget to spend")
    if 1 - target < LEAST_BUDGET:
        entry.fail(f"leaves a budget of less than {LEAST_BUDGET}")
    return target


def _target(entry: Entry, found: dict[str, Entry]) -> Decimal:
    if ("target" in found) == ("targetPercent" in found):
        entry.fail("exactly one of target and targetPercent is expected")
    if "target" in found:
        return share(found["target"], percent=False)
    return share(found["targetPercent"], percent=True)


def _comparison(
    entry: Entry, found: dict[str, Entry], of: Indicator
) -> tuple[Comparison | None, float | None]:
    op: Comparison | None = None
    if "op" in found:
        op = found["op"].one_of(get_args(Comparison))
    if isinstance(of, Threshold):
        for name in ("op", "value"):
            if name not in found:
                entry.fail(f"{name} is missing: the indicator is a threshold")
        return op, float(found["value"].number())
    if "value" in found:
        found["value"].fail("only a thresholdMetric is compared with a value")
    # OpenSLO's examples give ratios an `op` as well, where it can only mean "enough".
    if op in ("lt", "lte"):
        found["op"].fail("a ratio is of good events: only gt and gte have a meaning")
    return None, None


def _slice_target(entry: Entry, found: dict[str, Entry], method: Method) -> float | None:
    if method != "Timeslices":
        if "timeSliceTarget" in found:
            found["timeSliceTarget"].fail(f"has no meaning with the method {method}")
        return None
    if "timeSliceTarget" not in found:
        entry.fail("timeSliceTarget is missing: the method is Timeslices")
    return slice_target(found["timeSliceTarget"], percent=False)


def slice_target(entry: Entry, percent: bool) -> float:
    target = float(entry.number() / (100 if percent else 1))
    if not 0 < target <= 1:
        entry.fail(f"must be above 0 and at most {'100' if percent else '1'}")
    return target


def _slice_minutes(entry: Entry, found: dict[str, Entry], method: Method) -> int:
    if method == "Occurrences":
        if "timeSliceWindow" in found:
            found["timeSliceWindow"].fail("has no meaning with the method Occurrences")
        return 1
    if "timeSliceWindow" not in found:
        entry.fail(f"timeSliceWindow is missing: the method is {method}")
    return slice_minutes(found["timeSliceWindow"])
