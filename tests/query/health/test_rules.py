"""When requests are worse than they may be, at and just below each threshold."""

import pytest

from query.health.rules import Figures, past_of, reasons, state_of

MS = 1_000_000
WELL = Figures(1_000, 0, 0.0, 20 * MS)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (Figures(), "healthy"),
        (Figures(1_000, 19, 0.0199, MS), "healthy"),
        (Figures(1_000, 20, 0.02, MS), "degraded"),
        (Figures(1_000, 99, 0.0999, MS), "degraded"),
        (Figures(1_000, 100, 0.1, MS), "unhealthy"),
        (Figures(4, 4, 1.0, MS), "healthy"),
        (Figures(5, 5, 1.0, MS), "unhealthy"),
    ],
    ids=["nothing", "below", "degraded", "almost", "unhealthy", "too-few", "few"],
)
def test_errors_against_a_threshold(now: Figures, state: str) -> None:
    assert state_of(reasons(now, None)) == state


@pytest.mark.parametrize(
    ("now", "before", "rules"),
    [
        (Figures(1_000, 5, 0.005, MS), 0.0, ["errors_grown"]),
        (Figures(1_000, 4, 0.005, MS), 0.0, []),
        (Figures(1_001, 5, 0.0049, MS), 0.0, []),
        (Figures(1_000, 15, 0.0151, MS), 0.005, ["errors_grown"]),
        (Figures(1_000, 14, 0.0149, MS), 0.005, []),
        (Figures(1_000, 30, 0.0301, MS), 0.01, ["errors", "errors_grown"]),
    ],
    ids=["from-nothing", "few", "rare", "tripled", "doubled", "both"],
)
def test_errors_against_the_past(now: Figures, before: float, rules: list[str]) -> None:
    found = reasons(now, Figures(1_000, 1, before, MS))
    assert [one.rule for one in found] == rules
    assert all(one.past == before for one in found if one.rule == "errors_grown")


@pytest.mark.parametrize(
    ("now_ms", "before_ms", "grown"),
    [(40, 20, True), (39.9, 20, False), (11, 1, True), (10.9, 1, False)],
    ids=["twice", "less", "ten-ms-more", "noise"],
)
def test_p95_against_the_past(now_ms: float, before_ms: float, grown: bool) -> None:
    found = reasons(Figures(20, 0, 0.0, now_ms * MS), Figures(20, 0, 0.0, before_ms * MS))
    assert [(one.rule, one.state) for one in found] == [("p95_grown", "degraded")] * grown


def test_p95_of_few_requests_says_nothing() -> None:
    assert reasons(Figures(19, 0, 0.0, 900 * MS), WELL) == []


def test_the_past_is_the_first_that_has_enough_requests() -> None:
    few, enough = Figures(19, 0, 0.0, MS), Figures(20, 0, 0.0, MS)
    assert past_of(enough, WELL) == enough
    assert past_of(few, WELL) == WELL
    assert past_of(few, few) is None


def test_a_reason_says_what_was_measured_and_what_is_allowed() -> None:
    (errors, grown) = reasons(Figures(200, 24, 0.12, MS), Figures(200, 2, 0.01, MS))
    assert errors.entry() == {
        "rule": "errors",
        "state": "unhealthy",
        "value": 0.12,
        "threshold": 0.1,
        "past": None,
        "message": "12.00 % of requests fail; 10.00 % is unhealthy",
    }
    assert grown.message == "12.00 % of requests fail, where it was 1.00 %"
