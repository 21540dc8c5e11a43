"""Alert policies, their conditions, and whom they tell."""

from typing import Final

from alerting.documents.entry import Entry
from alerting.slo.fields import length
from alerting.slo.model import AlertPolicy, BurnAlert, BurnCondition, NotificationTarget
from alerting.slo.references import Shelf, Written, inline

POLICY: Final = (
    "description",
    "alertWhenNoData",
    "alertWhenResolved",
    "alertWhenBreaching",
    "conditions",
    "notificationTargets",
)
CONDITION: Final = ("kind", "op", "threshold", "lookbackWindow", "alertAfter")


def policies(entry: Entry, shelf: Shelf) -> tuple[AlertPolicy, ...]:
    """The value of `alertPolicies`: references and policies written in place."""
    found = [
        policy(_referred(item, "AlertPolicy", "alertPolicyRef", shelf), shelf)
        for item in entry.items()
    ]
    if len({one.name for one in found}) < len(found):
        entry.fail("names a policy twice")
    return tuple(found)


def policy(written: Written, shelf: Shelf) -> AlertPolicy:
    """All its conditions must hold; their severities must agree."""
    found = written.spec.fields(POLICY, ("conditions",))
    items = found["conditions"].items()
    if not items:
        found["conditions"].fail("at least one condition is expected")
    read = [condition(_referred(item, "AlertCondition", "conditionRef", shelf)) for item in items]
    if len({severity for _, severity, _ in read}) > 1:
        found["conditions"].fail("the conditions of one policy must have the same severity")
    targets = found["notificationTargets"].items() if "notificationTargets" in found else []
    alert = BurnAlert(tuple(one for one, _, _ in read), max(after for _, _, after in read))
    return AlertPolicy(
        written.metadata.name,
        read[0][1],
        (alert,),
        tuple(
            target(_referred(item, "AlertNotificationTarget", "targetRef", shelf))
            for item in targets
        ),
        "fire" if _choice(found, "alertWhenNoData", False) else "resolve",
        _choice(found, "alertWhenResolved", True),
        _choice(found, "alertWhenBreaching", True),
        found["description"].text() if "description" in found else "",
    )


def condition(written: Written) -> tuple[BurnCondition, str, int]:
    """The condition, its severity, and for how many minutes it must hold."""
    spec = written.spec.fields(("description", "severity", "condition"), ("severity", "condition"))
    found = spec["condition"].fields(CONDITION, ("threshold", "lookbackWindow"))
    if "kind" in found:
        found["kind"].one_of(("burnrate",))
    op = found["op"].one_of(("gt", "gte")) if "op" in found else "gt"
    threshold = float(found["threshold"].number())
    if threshold <= 0:
        found["threshold"].fail("must be above 0")
    after = _after(found["alertAfter"]) if "alertAfter" in found else 0
    burn = BurnCondition(length(found["lookbackWindow"]), threshold, op == "gte")
    return burn, spec["severity"].text(), after


def target(written: Written) -> NotificationTarget:
    found = written.spec.fields(("description", "target"), ("target",))
    description = found["description"].text() if "description" in found else ""
    return NotificationTarget(written.metadata.name, found["target"].text(), description)


def _after(entry: Entry) -> int:
    return 0 if entry.text() in ("0", "0m", "0h") else length(entry)


def _choice(found: dict[str, Entry], name: str, default: bool) -> bool:
    return found[name].boolean() if name in found else default


def _referred(item: Entry, kind: str, reference: str, shelf: Shelf) -> Written:
    names = dict(item.pairs())
    if reference in names:
        return shelf.named(kind, item.fields((reference,), (reference,))[reference])
    return inline(item, kind)
