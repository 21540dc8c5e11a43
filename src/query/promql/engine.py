"""Instant and range queries: limits, the evaluation, and the answer's final form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from query.promql.annotations import Annotations
from query.promql.errors import ParseFailure, TooManyPoints
from query.promql.evaluating import evaluate
from query.promql.frame import MAX_CELLS, Frame, Grid, Query, one_step
from query.promql.labels import Labels, without_metadata
from query.promql.merging import duplicate_labels, names_dropped
from query.promql.parsing.parse import parse
from query.promql.samples import Floats, Ints
from query.promql.source import Source
from query.promql.subquery import range_vector
from query.promql.tree import Node, value_type
from query.promql.vector import Scalar, Text, Value, Vector, of_floats

MAX_POINTS = 11_000
_TYPE_NAMES = {"matrix": "range vector", "string": "string"}


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one query.

    `max_samples` counts what the query holds at its peak, as Prometheus does; `max_cells` bounds
    arrays of series x steps, where most cells may be empty, and the raw samples in memory at once.
    `check` is called at each part of the expression and raises QueryTimeout or QueryCanceled.
    """

    lookback_ms: int = 300_000
    max_samples: int = 50_000_000
    max_cells: int = MAX_CELLS
    max_points: int = MAX_POINTS
    subquery_step_ms: int = 60_000
    check: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Samples:
    """One series of an answer: times in ms, values, and native histograms by their index."""

    labels: Labels
    times: Ints
    values: Floats
    histograms: dict[int, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """`kind` is `scalar`, `string`, `vector` or `matrix`; scalars are one series without labels.

    `warnings` and `infos` are worded as Prometheus does; `saw_histograms` tells whether native
    histograms were selected at all.
    """

    kind: str
    series: Sequence[Samples]
    text: str
    warnings: Sequence[str]
    infos: Sequence[str]
    saw_histograms: bool


@dataclass(frozen=True, slots=True)
class Engine:
    """Answers queries from a source."""

    source: Source
    limits: Limits = Limits()

    def instant(self, query: str, time_ms: int) -> Answer:
        """The query's value at one time. Raises PromqlError."""
        return self.instant_of(parse(query), query, time_ms)

    def range(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> Answer:
        """The query's value at each step from start to end. Raises PromqlError."""
        return self.range_of(
            parse(query, step_ms, end_ms - start_ms), query, start_ms, end_ms, step_ms
        )

    def instant_of(self, node: Node, query: str, time_ms: int) -> Answer:
        """As `instant`, for a query that is parsed."""
        frame = self._frame(query, one_step(time_ms), 0)
        if value_type(node) == "matrix":
            return _matrix(node, frame)
        with np.errstate(all="ignore"):
            value = evaluate(node, frame)
        kind = {Scalar: "scalar", Text: "string", Vector: "vector"}[type(value)]
        return _answer(kind, value, frame)

    def range_of(self, node: Node, query: str, start_ms: int, end_ms: int, step_ms: int) -> Answer:
        """As `range`, for a query that is parsed."""
        if value_type(node) in _TYPE_NAMES:
            raise ParseFailure(
                f'invalid expression type "{_TYPE_NAMES[value_type(node)]}" for range query, '
                "must be Scalar or instant Vector"
            )
        if step_ms <= 0:
            raise ParseFailure("zero or negative query resolution step widths are not accepted")
        count = max(0, (end_ms - start_ms) // step_ms + 1)
        if count > self.limits.max_points:
            raise TooManyPoints(
                f"exceeded maximum resolution of {self.limits.max_points:,} points per timeseries."
                " Try decreasing the query resolution (?step=XX)"
            )
        frame = self._frame(query, Grid(start_ms, step_ms, count), step_ms)
        with np.errstate(all="ignore"):
            value = evaluate(node, frame)
        return _answer("matrix", value, frame)

    def _frame(self, text: str, grid: Grid, step_ms: int) -> Frame:
        limits = self.limits
        query = Query(
            source=self.source,
            start_ms=grid.start_ms,
            end_ms=grid.end_ms,
            step_ms=step_ms,
            lookback_ms=limits.lookback_ms,
            subquery_step_ms=limits.subquery_step_ms,
            max_samples=limits.max_samples,
            max_cells=limits.max_cells,
            annotations=Annotations(text),
            evaluate=evaluate,
            check=limits.check,
        )
        return Frame(query, grid)


def _answer(kind: str, value: Value, frame: Frame, series: Sequence[Samples] = ()) -> Answer:
    if isinstance(value, Scalar):
        row = value.values.reshape(1, -1)
        value = of_floats([()], row, np.ones(row.shape, dtype=np.bool_), False)
    if isinstance(value, Vector):
        series = _series(names_dropped(value.compact()), frame.grid)
        if kind == "matrix":
            series = sorted(series, key=lambda one: one.labels)
    notes = frame.query.annotations
    return Answer(
        kind,
        series,
        value.value if isinstance(value, Text) else "",
        list(notes.warnings),
        list(notes.infos),
        frame.query.saw_histograms,
    )


def _series(vector: Vector, grid: Grid) -> list[Samples]:
    times, cells = grid.times, vector.histograms
    return [
        Samples(labels, times[here], vector.values[row][here], _held(cells, row, here))
        for row, (labels, here) in enumerate(zip(vector.labels, vector.present, strict=True))
    ]


def _held(cells: Any, row: int, here: Any) -> dict[int, Any]:
    if cells is None:
        return {}
    return {index: cell for index, cell in enumerate(cells[row][here]) if cell is not None}


def _matrix(node: Node, frame: Frame) -> Answer:
    """A range vector as it is selected."""
    found = range_vector(frame, node)
    frame.query.count(found.series.samples)
    window = found.float_windows(0, len(found.series.labels))
    natives = found.histogram_windows(0, len(found.series.labels))
    series = []
    for row, labels in enumerate(found.series.labels):
        part = slice(int(window.lows[row, 0]), int(window.highs[row, 0]))
        pairs: list[tuple[int, float, Any]] = [
            (time, value, None)
            for time, value in zip(
                window.samples.times[part].tolist(),
                window.samples.values[part].tolist(),
                strict=True,
            )
        ]
        if natives is not None:
            held = slice(int(natives.lows[row, 0]), int(natives.highs[row, 0]))
            cells = zip(
                natives.samples.times[held].tolist(), natives.samples.values[held], strict=True
            )
            pairs += [(time, np.nan, cell) for time, cell in cells]
        if pairs:
            named = without_metadata(labels) if found.drop_name[row] else labels
            series.append(_samples(named, sorted(pairs, key=lambda pair: pair[0])))
    if len({one.labels for one in series}) < len(series):
        raise duplicate_labels()
    return _answer("matrix", Text(""), frame, sorted(series, key=lambda one: one.labels))


def _samples(labels: Labels, pairs: list[tuple[int, float, Any]]) -> Samples:
    return Samples(
        labels,
        np.array([time for time, _, _ in pairs], dtype=np.int64),
        np.array([value for _, value, _ in pairs], dtype=np.float64),
        {index: cell for index, (_, _, cell) in enumerate(pairs) if cell is not None},
    )
