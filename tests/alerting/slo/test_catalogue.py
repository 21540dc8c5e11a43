"""Windows as data, for their own period and for others."""

import pytest

from alerting.documents.entry import entries
from alerting.slo.catalogue import read_catalogue, workbook
from goldeneye.errors import ConfigurationError

DAY = 1_440
WINDOWS = """
apiVersion: sloth.slok.dev/v1
kind: AlertWindows
spec:
  sloPeriod: 30d
  page:
    quick: {errorBudgetPercent: 2, shortWindow: 5m, longWindow: 1h}
    slow: {errorBudgetPercent: 5, shortWindow: 30m, longWindow: 6h}
  ticket:
    quick: {errorBudgetPercent: 10, shortWindow: 2h, longWindow: 1d}
    slow: {errorBudgetPercent: 10, shortWindow: 6h, longWindow: 3d}
"""


def _rows(days: int) -> list[tuple[str, list[int], float]]:
    return [
        (policy.severity, [c.minutes for c in alert.conditions], alert.conditions[0].threshold)
        for policy in workbook().policies(days * DAY)
        for alert in policy.alerts
    ]


def test_the_workbook_for_thirty_days() -> None:
    assert _rows(30) == [
        ("page", [60, 5], 14.4),
        ("page", [360, 30], 6),
        ("ticket", [1440, 120], 3),
        ("ticket", [4320, 360], 1),
    ]


def test_other_periods_keep_the_share_of_the_budget() -> None:
    rates = [rate for _, _, rate in _rows(28)]
    assert rates == pytest.approx([13.44, 5.6, 2.8, 0.9333333333333333])


def test_windows_longer_than_the_period_are_left_out() -> None:
    assert [lengths[0] for _, lengths, _ in _rows(1)] == [60, 360, 1440]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Percent: 2,", "Percent: 0,", ":7: spec.page.quick.errorBudgetPercent: must be above 0"),
        ("shortWindow: 5m", "shortWindow: 1h", "shortWindow: must be shorter than longWindow"),
        ("longWindow: 3d", "longWindow: 90s", "longWindow: whole minutes are expected"),
        ("sloPeriod: 30d", "sloPeriod: month", "sloPeriod: 'month' is no duration"),
        ("  ticket:", "  tickets:", "unknown field; did you mean ticket?"),
    ],
)
def test_faults(old: str, new: str, fault: str) -> None:
    assert old in WINDOWS
    with pytest.raises(ConfigurationError) as refused:
        read_catalogue(next(entries("windows.yaml", WINDOWS.replace(old, new))))
    assert fault in str(refused.value)
