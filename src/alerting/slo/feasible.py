"""What is refused at load because it could never come true."""

from alerting.documents.entry import Entry
from alerting.slo.lengths import length_text
from alerting.slo.model import AlertPolicy, BurnCondition, Objective, Slo


def check(slo: Slo, entry: Entry, objectives: list[Entry]) -> None:
    """Fails at the objective whose alert cannot fire, or at the SLO itself."""
    for objective, place in zip(slo.objectives, objectives, strict=True):
        if objective.slice_minutes > slo.window.minutes:
            place.fail("a slice is longer than the window")
    for policy in slo.policies:
        for alert in policy.alerts:
            for condition in alert.conditions:
                _check_length(slo, condition, entry)
                for objective, place in zip(slo.objectives, objectives, strict=True):
                    _check_rate(objective, condition, policy, place)
                    _check_slices(slo, objective, condition, place)


def _check_rate(
    objective: Objective, condition: BurnCondition, policy: AlertPolicy, place: Entry
) -> None:
    ratio = round(condition.threshold * objective.budget, 12)
    if ratio > 1 or (ratio == 1 and not condition.or_equal):
        rate, window = condition.threshold, length_text(condition.minutes)
        place.fail(
            f"the alert {policy.name} can never fire: a burn rate of {rate:g} over {window} means "
            f"{ratio:.1%} of bad events, for the target leaves a budget of {objective.budget:.6g}; "
            f"raise the target above {1 - 1 / rate:.4%}, or choose other windows"
        )


def _check_length(slo: Slo, condition: BurnCondition, entry: Entry) -> None:
    if condition.minutes > slo.window.minutes:
        window = length_text(condition.minutes)
        entry.fail(f"an alert looks back {window}, further than the objective's own window")


def _check_slices(slo: Slo, objective: Objective, condition: BurnCondition, place: Entry) -> None:
    if slo.method != "Occurrences" and condition.minutes < objective.slice_minutes:
        window, size = length_text(condition.minutes), length_text(objective.slice_minutes)
        place.fail(f"an alert looks back {window}, which is shorter than a slice of {size}")
