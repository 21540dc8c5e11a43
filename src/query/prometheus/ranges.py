"""Several range queries of one job: their numbers, for whoever reckons with them."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from query.prometheus.evaluation import add_reaches, check, engine
from query.prometheus.prepared import Context, Prepared, Tables
from query.prometheus.reader import Reader
from query.promql.engine import Engine, Samples
from query.promql.errors import PromqlError
from query.promql.parsing.parse import parse
from query.promql.reach import Reaches

# The same are asked at each tick.
_parsed = lru_cache(maxsize=8_192)(parse)
_Evaluation = Callable[[Engine], dict[str, Any]]


def ranges(asked: Sequence[tuple[str, int, int, int]], context: Context) -> Prepared:
    """Of each an expression, first and last time, and step, in ms. The answer is JSON with `NaN`
    and `Infinity`: query.slo.promql reads it."""
    tables = Tables()
    # Objectives often share their total.
    keys = [(expr, start, end, step) for expr, start, end, step in asked]
    evaluations = {key: _evaluation(tables, context, *key) for key in dict.fromkeys(keys)}

    def answer(reader: Reader) -> bytes:
        made = engine(reader, context.settings.lookback_ms, check(context.timeout_s))
        found = {key: evaluate(made) for key, evaluate in evaluations.items()}
        return json.dumps([found[key] for key in keys]).encode()

    return Prepared(tables, answer, context.timeout_s)


def _evaluation(
    tables: Tables, context: Context, expr: str, start_ms: int, end_ms: int, step_ms: int
) -> _Evaluation:
    """Adds what it reads to the tables."""
    try:
        node = _parsed(expr, step_ms, end_ms - start_ms)
    except PromqlError as error:
        failed = _failed(error)
        return lambda _: failed
    reaches = Reaches(start_ms, end_ms, context.settings.lookback_ms)
    add_reaches(tables, node, reaches, context.now_ns)

    def evaluate(made: Engine) -> dict[str, Any]:
        try:
            answer = made.range_of(node, expr, start_ms, end_ms, step_ms)
        except PromqlError as error:
            return _failed(error)
        return {"series": [_numbers(one) for one in answer.series]}

    return evaluate


def _failed(error: PromqlError) -> dict[str, Any]:
    return {"error": [error.kind, str(error)]}


def _numbers(one: Samples) -> tuple[list[int], list[float]]:
    """Times in ms and values, without native histograms."""
    if not one.histograms:
        return one.times.tolist(), one.values.tolist()
    pairs = zip(one.times.tolist(), one.values.tolist(), strict=True)
    kept = [pair for place, pair in enumerate(pairs) if place not in one.histograms]
    return [time for time, _ in kept], [value for _, value in kept]
