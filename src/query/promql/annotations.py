"""Warnings and infos beside an answer, worded as Prometheus words them."""

from dataclasses import dataclass, field

from query.promql.labels import quoted
from query.promql.numbers import general

_WARNING = "PromQL warning: "
_INFO = "PromQL info: "
USELESS_SORT = "sort is ineffective for range queries since results are always ordered by labels"
_GUIDE = "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile"


@dataclass(slots=True)
class Annotations:
    """What was noted so far, each text with the place in the query once."""

    query: str
    warnings: dict[str, None] = field(default_factory=dict)
    infos: dict[str, None] = field(default_factory=dict)

    def warn(self, text: str, position: int) -> None:
        """Note a warning about the part of the query at this character."""
        self.warnings[f"{_WARNING}{text} ({self._place(position)})"] = None

    def inform(self, text: str, position: int) -> None:
        """Note an info about the part of the query at this character."""
        self.infos[f"{_INFO}{text} ({self._place(position)})"] = None

    def _place(self, position: int) -> str:
        before = self.query[:position]
        return f"{before.count(chr(10)) + 1}:{position - (before.rfind(chr(10)) + 1) + 1}"


def invalid_quantile(quantile: float) -> str:
    return f"quantile value should be between 0 and 1, got {general(quantile)}"


def invalid_ratio(ratio: float, capped: float) -> str:
    return (
        f"ratio value should be between -1 and 1, got {general(ratio)}, "
        f"capping to {general(capped)}"
    )


def _for_metric(text: str, metric: str) -> str:
    return f"{text} for metric name {quoted(metric)}" if metric else text


def bad_bucket_label(metric: str, value: str) -> str:
    text = f'bucket label "le" is missing or has a malformed value of {quoted(value)}'
    return _for_metric(text, metric)


def mixed_floats_histograms(metric: str) -> str:
    return f"encountered a mix of histograms and floats for metric name {quoted(metric)}"


def mixed_floats_histograms_aggregation() -> str:
    return "encountered a mix of histograms and floats for aggregation"


def mixed_classic_native(metric: str) -> str:
    return _for_metric("vector contains a mix of classic and native histograms", metric)


def mixed_exponential_custom(metric: str) -> str:
    text = "vector contains a mix of histograms with exponential and custom buckets schemas"
    return _for_metric(text, metric)


def conflicting_resets(operation: str) -> str:
    return f"conflicting counter resets during histogram {operation}"


def reconciled_buckets(operation: str) -> str:
    return f"mismatched custom buckets were reconciled during {operation}"


def incompatible_layout(operator: str) -> str:
    return f"incompatible bucket layout encountered for binary operator {operator}"


def nan_observations(metric: str, what: str) -> str:
    return f"input to {what} for metric name {quoted(metric)}"


def not_a_counter(metric: str) -> str:
    return f"this native histogram metric is not a counter: {quoted(metric)}"


def not_a_gauge(metric: str) -> str:
    return f"this native histogram metric is not a gauge: {quoted(metric)}"


def possible_non_counter(metric: str) -> str:
    return (
        "metric might not be a counter, name does not end in "
        f"_total/_sum/_count/_bucket: {quoted(metric)}"
    )


def forced_monotonicity(metric: str) -> str:
    text = f"input to histogram_quantile needed to be fixed for monotonicity (see {_GUIDE})"
    return f"{text} for metric name {quoted(metric)}"


def incompatible_types(left: str, operator: str, right: str) -> str:
    return (
        "incompatible sample types encountered for binary operator "
        f"{quoted(operator)}: {left} {operator} {right}"
    )


def histogram_ignored_in_aggregation(aggregation: str) -> str:
    return f"ignored histogram in {aggregation} aggregation"


def histogram_ignored_in_mixed_range(metric: str) -> str:
    return (
        "ignored histograms in a range containing both floats and histograms "
        f"for metric name {quoted(metric)}"
    )
