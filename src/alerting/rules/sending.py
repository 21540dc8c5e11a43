"""Which alerts of a rule are reported now, and as what."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote_plus

from alerting.alert import Alert
from alerting.durations import MINUTE_NS
from alerting.rules.definitions import AlertingRule, Promql
from alerting.rules.instance import Instance, Instances, Key, State

RESEND_NS: Final = MINUTE_NS
# So many evaluations may fail to come before an alert ends by itself.
_MISSED_REPORTS: Final = 4


@dataclass(frozen=True, slots=True)
class Sent:
    """The alerts to report, and the rule's alerts with the time of the report."""

    alerts: tuple[Alert, ...]
    instances: Instances


def send(
    rule: AlertingRule,
    instances: Instances,
    at_ns: int,
    interval_ns: int,
    external_labels: Mapping[str, str],
    external_url: str,
) -> Sent:
    """What to report after the evaluation at `at_ns`: new ones, resolved ones, old ones again."""
    kept, alerts = dict[Key, Instance](instances), list[Alert]()
    valid_until_ns = at_ns + validity_ns(interval_ns)
    for key, instance in instances.items():
        if _is_due(instance, at_ns):
            kept[key] = replace(instance, sent_at_ns=at_ns)
            ends_at_ns = instance.resolved_at_ns or valid_until_ns
            alerts.append(
                Alert(
                    labels={**external_labels, **instance.labels},
                    annotations=instance.annotations,
                    starts_at_ns=instance.fired_at_ns,
                    ends_at_ns=ends_at_ns,
                    generator_url=generator_url(rule, external_url),
                    updated_at_ns=at_ns,
                    timeout=instance.resolved_at_ns == 0,
                )
            )
    return Sent(tuple(alerts), kept)


def validity_ns(interval_ns: int) -> int:
    """How long after a report an alert ends where no other comes."""
    return _MISSED_REPORTS * max(interval_ns, RESEND_NS)


def _is_due(instance: Instance, at_ns: int) -> bool:
    if instance.state is State.PENDING:
        return False
    # The last where the clock was set back.
    if instance.resolved_at_ns > instance.sent_at_ns or instance.sent_at_ns > at_ns:
        return True
    return instance.sent_at_ns == 0 or instance.sent_at_ns + RESEND_NS < at_ns


def generator_url(rule: AlertingRule, external_url: str) -> str:
    """Where the expression is answered; of other kinds the server alone."""
    if not isinstance(rule.expression, Promql):
        return external_url
    query = quote_plus(rule.expression.text)
    return f"{external_url}/prometheus/api/v1/query?query={query}"
