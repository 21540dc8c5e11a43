"""SLO documents of tests, and their loading."""

from alerting.slo.loader import load
from alerting.slo.model import Slo

NATIVE = """
slos:
  - name: checkout
    service: shop
    objective: 99.9
    window: 30d
    spans: {operation: POST /checkout}
    good: status != error
"""
OPENSLO = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout, displayName: Checkout}
spec:
  service: shop
  indicator:
    metadata: {name: ok}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: 'sum(requests_total{code!~"5.."})'}}}
        total: {metricSource: {type: Prometheus, spec: {query: sum(requests_total)}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
"""


def only(text: str, *changes: tuple[str, str]) -> Slo:
    """The one SLO of the text, of which pieces were replaced."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (slo,) = load({"slo.yaml": text}).slos
    return slo
