"""histogram_quantile, histogram_quantiles, histogram_fraction."""

import math
from collections.abc import Callable

import numpy as np

from query.promql.annotations import (
    bad_bucket_label,
    forced_monotonicity,
    invalid_quantile,
    mixed_classic_native,
    nan_observations,
)
from query.promql.bucket_quantile import fraction, monotonic, quantile
from query.promql.buckets import Histograms, bound_of, grouped, whole
from query.promql.errors import PromqlError
from query.promql.frame import Frame
from query.promql.labels import BUCKET_BOUND, Labels, get, metric_name, with_label, without
from query.promql.merging import merged
from query.promql.native.estimates import fraction as native_fraction
from query.promql.native.estimates import quantile as native_quantile
from query.promql.native.functions import PROPERTIES, Estimate, estimated
from query.promql.native.histogram import Histogram
from query.promql.numbers import label_bound
from query.promql.samples import Bools, Floats
from query.promql.tree import Call, Node
from query.promql.vector import Vector, empty, of_floats

Classic = Callable[[Histograms, Bools], Floats]
"""One value for each histogram and step, given where there is a sample."""


def classic_only(frame: Frame, vector: Vector, argument: Node) -> Vector:
    """The bucket series, after warnings about what is none or stands beside a native one."""
    floats = vector.floats_present
    for row in np.flatnonzero(floats.any(axis=1)).tolist():
        labels = vector.labels[row]
        if bound_of(labels) is None:
            text = bad_bucket_label(metric_name(labels), get(labels, BUCKET_BOUND))
            frame.query.annotations.warn(text, argument.position)
    return vector.floats_only()


def mixed_cells(vector: Vector) -> dict[Labels, Bools]:
    """By labels without a bound: at which steps there are both buckets and a native one."""
    if vector.histograms is None:
        return {}
    floats, natives = vector.floats_present, vector.histograms_present
    buckets: dict[Labels, Bools] = {}
    for row, labels in enumerate(vector.labels):
        if bound_of(labels) is not None:
            key = without(labels, (BUCKET_BOUND,))
            buckets[key] = buckets.get(key, False) | floats[row]
    both = {}
    for row, labels in enumerate(vector.labels):
        if labels in buckets and (natives[row] & buckets[labels]).any():
            both[labels] = natives[row] & buckets[labels]
    return both


def warn_of_mixtures(frame: Frame, mixed: dict[Labels, Bools], argument: Node) -> None:
    """Nothing is answered where classic buckets and a native histogram have the same labels."""
    for labels in mixed:
        text = mixed_classic_native(metric_name(labels))
        frame.query.annotations.warn(text, argument.position)


def classic(vector: Vector, mixed: dict[Labels, Bools], compute: Classic) -> Vector:
    """What a function gives for each classic histogram."""
    steps, labels = vector.present.shape[1], list[Labels]()
    values, present = [np.empty((0, steps))], [np.empty((0, steps), dtype=np.bool_)]
    for histograms in grouped(vector):
        some: Bools = np.logical_or.reduce(histograms.present, axis=0)
        for row, own in enumerate(histograms.labels):
            if own in mixed:
                some[row] &= ~mixed[own]
        labels += histograms.labels
        with np.errstate(all="ignore"):
            values.append(compute(histograms, some))
        present.append(some)
    return of_floats(labels, np.concatenate(values), np.concatenate(present), True).compact()


def _quantiles_of(
    frame: Frame, wanted: Floats, argument: Node
) -> Callable[[Histograms, Bools], Floats]:
    def compute(histograms: Histograms, present: Bools) -> Floats:
        counts, forced = monotonic(histograms)
        forced &= present & whole(histograms) & (wanted >= 0) & (wanted <= 1)
        for row in np.flatnonzero(forced.any(axis=1)).tolist():
            text = forced_monotonicity(metric_name(histograms.labels[row]))
            frame.query.annotations.inform(text, argument.position)
        return quantile(histograms, counts, wanted)

    return compute


def _warn_of_quantile(frame: Frame, wanted: Floats, argument: Node) -> None:
    for value in np.unique(wanted[~((wanted >= 0) & (wanted <= 1))]).tolist():
        frame.query.annotations.warn(invalid_quantile(value), argument.position)


def histogram_quantile(call: Call, frame: Frame) -> Vector:
    """A quantile of each histogram."""
    number, argument = call.arguments
    wanted = frame.scalar(number)
    _warn_of_quantile(frame, wanted, number)
    vector = frame.vector(argument)
    mixed = mixed_cells(vector)
    warn_of_mixtures(frame, mixed, argument)
    buckets = classic_only(frame, vector, argument)
    found = classic(buckets, mixed, _quantiles_of(frame, wanted, argument))
    return joined([found, estimated(vector, mixed, _native_quantile(frame, wanted, argument))])


def _native_quantile(frame: Frame, wanted: Floats, argument: Node) -> Estimate:
    def estimate(histogram: Histogram, step: int, labels: Labels) -> float:
        value = native_quantile(histogram, float(wanted[step]))
        if math.isnan(histogram.sum) and histogram.count and 0 <= wanted[step] <= 1:
            result = "result is NaN" if math.isnan(value) else "result is skewed higher"
            text = nan_observations(
                metric_name(labels), f"histogram_quantile has NaN observations, {result}"
            )
            frame.query.annotations.inform(text, argument.position)
        return value

    return estimate


def histogram_quantiles(call: Call, frame: Frame) -> Vector:
    """Several quantiles of each histogram, told apart by a label."""
    argument, name, *numbers = call.arguments
    vector, label = frame.vector(argument), frame.text(name)
    mixed = mixed_cells(vector)
    warn_of_mixtures(frame, mixed, argument)
    buckets = classic_only(frame, vector, argument)
    found = [empty(frame.grid.count)]
    for number in numbers:
        wanted = frame.scalar(number)
        _warn_of_quantile(frame, wanted, number)
        natives = estimated(vector, mixed, _native_quantile(frame, wanted, argument))
        part = joined([classic(buckets, mixed, _quantiles_of(frame, wanted, argument)), natives])
        found.append(_labelled(part, label, label_bound(float(wanted[0]))))
    return joined(found)


def _labelled(vector: Vector, name: str, value: str) -> Vector:
    for labels in vector.labels:
        if get(labels, name):
            raise PromqlError(f"label {name!r} is already used by the input of histogram_quantiles")
    named = [with_label(labels, name, value) for labels in vector.labels]
    return of_floats(named, vector.values, vector.present, True)


def joined(parts: list[Vector]) -> Vector:
    """Vectors of floats, one after the other."""
    labels = [labels for part in parts for labels in part.labels]
    values = np.concatenate([part.values for part in parts])
    present = np.concatenate([part.present for part in parts])
    return merged(of_floats(labels, values, present, True))


def histogram_fraction(call: Call, frame: Frame) -> Vector:
    """The share of observations between two values."""
    lower, upper = frame.scalar(call.arguments[0]), frame.scalar(call.arguments[1])
    argument = call.arguments[2]
    vector = frame.vector(argument)
    mixed = mixed_cells(vector)
    warn_of_mixtures(frame, mixed, argument)
    buckets = classic_only(frame, vector, argument)
    found = classic(buckets, mixed, lambda histograms, _: fraction(histograms, lower, upper))

    def estimate(histogram: Histogram, step: int, labels: Labels) -> float:
        if math.isnan(histogram.sum) and histogram.count:
            what = "histogram_fraction has NaN observations, which are excluded from all fractions"
            text = nan_observations(metric_name(labels), what)
            frame.query.annotations.inform(text, argument.position)
        return native_fraction(histogram, float(lower[step]), float(upper[step]))

    return joined([found, estimated(vector, mixed, estimate)])


def _property(name: str) -> Callable[[Call, Frame], Vector]:
    of_histogram = PROPERTIES[name]

    def apply(call: Call, frame: Frame) -> Vector:
        vector = frame.vector(call.arguments[0])
        return estimated(vector, {}, lambda histogram, step, labels: of_histogram(histogram))

    return apply


FUNCTIONS = {
    "histogram_quantile": histogram_quantile,
    "histogram_quantiles": histogram_quantiles,
    "histogram_fraction": histogram_fraction,
    **{name: _property(name) for name in PROPERTIES},
}
