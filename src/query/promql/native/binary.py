"""Operators on native histograms; what cannot be combined gives an info and no sample."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from query.promql import annotations as notes
from query.promql.frame import Frame
from query.promql.native.arithmetic import combine, divided, scaled
from query.promql.native.histogram import Histogram, ResetHint
from query.promql.native.layout import IncompatibleSchemas
from query.promql.native.trimming import trimmed
from query.promql.samples import Bools, Floats, Objects
from query.promql.tree import Binary
from query.promql.vector import Vector, no_histograms

Cell = float | Histogram


_WITH_FLOAT: dict[str, Callable[[Histogram, float], Histogram]] = {
    "*": scaled,
    "/": divided,
    "</": lambda histogram, edge: trimmed(histogram, edge, below=True),
    ">/": lambda histogram, edge: trimmed(histogram, edge, below=False),
}


def with_scalar(
    node: Binary, frame: Frame, vector: Vector, scalar: Floats, scalar_left: bool, result: Vector
) -> Vector:
    """Put what the operator gives for native histograms beside the floats' results."""
    assert vector.histograms is not None
    cells, held = vector.histograms, vector.histograms_present
    given, present = no_histograms(held.shape), result.present & ~held
    values = result.values if result.values is not vector.values else result.values.copy()
    for row, step in np.argwhere(held).tolist():
        number, native = float(scalar[step]), cells[row, step]
        pair = (number, native) if scalar_left else (native, number)
        _put(given, values, present, (row, step), _computed(node, frame, *pair))
    return replace(result, values=values, present=present, histograms=given)


def _put(
    given: Objects,
    values: Floats,
    present: Bools,
    place: tuple[int, int],
    value: Cell | None,
) -> None:
    if value is None:
        return
    present[place] = True
    values[place] = value if isinstance(value, float) else np.nan
    given[place] = value if isinstance(value, Histogram) else None


def untrimmable(node: Binary, frame: Frame, floats: Vector) -> Vector:
    """Nothing for floats, from which nothing can be trimmed."""
    if floats.present.any():
        _note_incompatible(node, frame, "float", "float")
    return floats.where(np.zeros(floats.present.shape, dtype=np.bool_))


def _note_incompatible(node: Binary, frame: Frame, left: str, right: str) -> None:
    text = notes.incompatible_types(left, node.operator, right)
    frame.query.annotations.inform(text, node.position)


def negated(vector: Vector, result: Vector) -> Vector:
    """Put native histograms with the other sign beside the floats."""
    assert vector.histograms is not None
    held = vector.histograms_present
    given = no_histograms(held.shape)
    for row, step in np.argwhere(held).tolist():
        given[row, step] = scaled(vector.histograms[row, step], -1.0)
    return replace(result, present=result.present | held, histograms=given)


def between_vectors(
    node: Binary, frame: Frame, left: Vector, right: Vector, result: Vector
) -> Vector:
    """Put what the operator gives for pairs with native histograms beside the floats' results."""
    both = left.present & right.present
    held = both & (left.histograms_present | right.histograms_present)
    given, values, present = no_histograms(held.shape), result.values.copy(), result.present
    for row, step in np.argwhere(held).tolist():
        pair = _cell(left, row, step), _cell(right, row, step)
        _put(given, values, present, (row, step), _computed(node, frame, *pair))
    return replace(result, values=values, present=present, histograms=given)


def _cell(vector: Vector, row: int, step: int) -> Cell:
    native = None if vector.histograms is None else vector.histograms[row, step]
    return float(vector.values[row, step]) if native is None else native


def _computed(node: Binary, frame: Frame, left: Cell, right: Cell) -> Cell | None:
    if isinstance(left, Histogram) and isinstance(right, Histogram):
        if node.operator in ("+", "-"):
            return _summed(node, frame, left, right)
        if node.operator in ("==", "!="):
            holds = left.equals(right) == (node.operator == "==")
            return float(holds) if node.return_bool else left if holds else None
    elif isinstance(left, Histogram) and isinstance(right, float):
        if node.operator in _WITH_FLOAT:
            return _WITH_FLOAT[node.operator](left, right)
    elif isinstance(right, Histogram) and isinstance(left, float) and node.operator == "*":
        return scaled(right, left)
    kinds = ["histogram" if isinstance(side, Histogram) else "float" for side in (left, right)]
    _note_incompatible(node, frame, *kinds)
    return None


def _summed(node: Binary, frame: Frame, left: Histogram, right: Histogram) -> Histogram | None:
    told, added = frame.query.annotations, node.operator == "+"
    operation = "addition" if added else "subtraction"
    try:
        found = combine(left, right, 1.0 if added else -1.0)
    except IncompatibleSchemas:
        told.warn(notes.incompatible_layout(node.operator), node.position)
        return None
    if found.contradicting:
        told.warn(notes.conflicting_resets(operation), node.position)
    if found.rebound:
        told.inform(notes.reconciled_buckets(operation), node.position)
    return found.histogram if added else found.histogram.hinted(ResetHint.GAUGE)
