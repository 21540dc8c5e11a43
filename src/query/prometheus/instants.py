"""Several instant queries of one job, as rules ask them: many, and the same again and again."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from query.prometheus.evaluation import add_reaches, check, engine
from query.prometheus.histogram_json import told
from query.prometheus.prepared import Context, Prepared, Tables
from query.prometheus.reader import Reader
from query.promql.conditions import decided
from query.promql.engine import Answer, Engine, Samples
from query.promql.errors import PromqlError
from query.promql.parsing.parse import parse
from query.promql.reach import Reaches
from query.promql.tree import Node

# Rules ask the same at each evaluation.
_parsed = lru_cache(maxsize=8_192)(parse)


@lru_cache(maxsize=8_192)
def _decided(expr: str) -> Node | None:
    return decided(_parsed(expr))


def instants(asked: Sequence[tuple[str, int, bool]], context: Context) -> Prepared:
    """Of each an expression, a time in ms, and whether all series are asked for that its condition
    is decided for. The answer is JSON with `NaN` and `Infinity`: `instant_answers` reads it."""
    tables = Tables()
    lookback_ms = context.settings.lookback_ms
    evaluations = [_evaluation(tables, context, *one) for one in asked]

    def answer(reader: Reader) -> bytes:
        made = engine(reader, lookback_ms, check(context.timeout_s))
        return json.dumps([one(made) for one in evaluations]).encode()

    return Prepared(tables, answer, context.timeout_s)


_Evaluation = Callable[[Engine], dict[str, Any]]


def _evaluation(
    tables: Tables, context: Context, expr: str, at_ms: int, present: bool
) -> _Evaluation:
    """Adds what it reads to the tables."""
    try:
        node = _decided(expr) if present else _parsed(expr)
    except PromqlError as error:
        failed = _failed(error)
        return lambda _: failed
    if node is None:
        return lambda _: {"undecided": True}
    reaches = Reaches(at_ms, at_ms, context.settings.lookback_ms)
    add_reaches(tables, node, reaches, context.now_ns)

    def evaluate(made: Engine) -> dict[str, Any]:
        try:
            return _told(made.instant_of(node, expr, at_ms))
        except PromqlError as error:
            return _failed(error)

    return evaluate


def _failed(error: PromqlError) -> dict[str, Any]:
    return {"error": [error.kind, str(error)]}


def _told(answer: Answer) -> dict[str, Any]:
    if answer.kind not in ("vector", "scalar"):
        return {"error": ["execution", "rule result is not a vector or scalar"]}
    samples = [(one.labels, float(one.values[0]), _histogram(one)) for one in answer.series]
    return {"samples": samples, "warnings": answer.warnings, "infos": answer.infos}


def _histogram(one: Samples) -> dict[str, Any] | None:
    return told(one.histograms[0]) if one.histograms else None
