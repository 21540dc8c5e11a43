"""Windows of burn-rate alerts as data: how much of the budget may go in how long.

The format is that of sloth's `AlertWindows`. A catalogue says what share of the budget its windows
may spend; the burn rate that means follows from the period: `share x period / long window`.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal, get_args

from alerting.documents.entry import Entry, entries
from alerting.durations import SECOND_NS, duration_ns
from alerting.slo.fields import understood
from alerting.slo.model import AlertPolicy, BurnAlert, BurnCondition

API_VERSION: Final = "sloth.slok.dev/v1"
Severity = Literal["page", "ticket"]


@dataclass(frozen=True)
class WindowPair:
    """`percent` of the budget spent in `long_minutes`, and still burning in `short_minutes`."""

    severity: Severity
    percent: float
    short_minutes: int
    long_minutes: int

    def alert(self, period_minutes: int) -> BurnAlert:
        rate = self.percent * period_minutes / (100 * self.long_minutes)
        lengths = (self.long_minutes, self.short_minutes)
        conditions = tuple(BurnCondition(minutes, rate) for minutes in lengths)
        return BurnAlert(conditions)


@dataclass(frozen=True)
class Catalogue:
    period_minutes: int
    pairs: tuple[WindowPair, ...]

    def policies(self, period_minutes: int) -> tuple[AlertPolicy, ...]:
        """One alert per severity; windows longer than the period are left out."""
        found = []
        for severity in get_args(Severity):
            pairs = [pair for pair in self.pairs if pair.severity == severity]
            fitting = [pair for pair in pairs if pair.long_minutes <= period_minutes]
            if fitting:
                alerts = tuple(pair.alert(period_minutes) for pair in fitting)
                found.append(AlertPolicy(severity, severity, alerts))
        return tuple(found)


@dataclass(frozen=True)
class Catalogues:
    """Windows that users gave for certain periods; the workbook's are for all others."""

    own: tuple[Catalogue, ...] = ()

    def policies(self, period_minutes: int) -> tuple[AlertPolicy, ...]:
        own = (one for one in self.own if one.period_minutes == period_minutes)
        return next(own, workbook()).policies(period_minutes)


def read_catalogue(entry: Entry) -> Catalogue:
    """The document `kind: AlertWindows`. Raises ConfigurationError."""
    top = entry.fields(("apiVersion", "kind", "spec"), ("apiVersion", "kind", "spec"))
    top["apiVersion"].one_of((API_VERSION,))
    top["kind"].one_of(("AlertWindows",))
    spec = top["spec"].fields(("sloPeriod", "page", "ticket"), ("sloPeriod", "page", "ticket"))
    pairs = []
    for severity in get_args(Severity):
        rows = spec[severity].fields(("quick", "slow"), ("quick", "slow"))
        pairs += [_pair(rows[name], severity) for name in ("quick", "slow")]
    return Catalogue(_minutes(spec["sloPeriod"]), tuple(pairs))


def _pair(entry: Entry, severity: Severity) -> WindowPair:
    names = ("errorBudgetPercent", "shortWindow", "longWindow")
    found = entry.fields(names, names)
    percent = float(found["errorBudgetPercent"].number())
    if not 0 < percent <= 100:
        found["errorBudgetPercent"].fail("must be above 0 and at most 100")
    short, long = _minutes(found["shortWindow"]), _minutes(found["longWindow"])
    if short >= long:
        found["shortWindow"].fail("must be shorter than longWindow")
    return WindowPair(severity, percent, short, long)


def _minutes(entry: Entry) -> int:
    minutes, rest = divmod(understood(entry, duration_ns), 60 * SECOND_NS)
    if rest or minutes == 0:
        entry.fail("whole minutes are expected")
    return minutes


@cache
def workbook() -> Catalogue:
    """The windows of the SRE workbook."""
    text = files("alerting.slo").joinpath("workbook.yaml").read_text(encoding="utf-8")
    return read_catalogue(next(entries("workbook.yaml", text)))
