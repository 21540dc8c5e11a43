"""The `spec` of an OpenSLO SLI: a ratio of events, a ratio made already, or a threshold."""

from typing import Final

from alerting.documents.entry import Entry
from alerting.slo.model import BadRatio, GoodRatio, Indicator, RawRatio, Source, Spans, Threshold
from alerting.slo.sources import metric_source

RATIO: Final = ("counter", "good", "bad", "total", "rawType", "raw")


def indicator(entry: Entry) -> Indicator:
    """Raises ConfigurationError."""
    found = entry.fields(("description", "thresholdMetric", "ratioMetric"))
    if ("thresholdMetric" in found) == ("ratioMetric" in found):
        entry.fail("exactly one of thresholdMetric and ratioMetric is expected")
    if "ratioMetric" in found:
        return _ratio(found["ratioMetric"])
    return threshold(found["thresholdMetric"], _source(found["thresholdMetric"]))


def threshold(entry: Entry, source: Source) -> Threshold:
    if isinstance(source, Spans):
        entry.fail("spans have no value: use a ratio with a filter such as `duration < 300ms`")
    return Threshold(source)


def _ratio(entry: Entry) -> Indicator:
    found = entry.fields(RATIO)
    if "raw" in found or "rawType" in found:
        return _raw(entry)
    counter = "counter" in found and found["counter"].boolean()
    if ("good" in found) == ("bad" in found):
        entry.fail("exactly one of good and bad is expected")
    if "total" not in found:
        entry.fail("total is missing")
    total = _source(found["total"])
    if "good" in found:
        return GoodRatio(_distinct(found["good"], total), total, counter)
    return BadRatio(_distinct(found["bad"], total), total, counter)


def _raw(entry: Entry) -> Indicator:
    found = entry.fields(("counter", "rawType", "raw"), ("rawType", "raw"))
    if "counter" in found:
        # OpenSLO: it has no effect here.
        found["counter"].boolean()
    success = found["rawType"].one_of(("success", "failure")) == "success"
    source = _source(found["raw"])
    if isinstance(source, Spans):
        found["raw"].fail("spans are no ratio: use good and total")
    return RawRatio(source, success)


def _distinct(entry: Entry, total: Source) -> Source:
    source = _source(entry)
    if source == total:
        entry.fail("is the same as total, so that the ratio is always 1")
    return source


def _source(entry: Entry) -> Source:
    return metric_source(entry.fields(("metricSource",), ("metricSource",))["metricSource"])
