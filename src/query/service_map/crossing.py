"""Calls whose answers are in another source, and those that nobody answers."""

from typing import NamedTuple

import numpy as np

from query.service_map.kinds import CONNECTION_TYPES, MESSAGE, NOBODY, Kinds, Numbers
from query.service_map.layout import Layout
from query.service_map.sides import Side
from query.service_map.statements import REACH_NS
from query.service_map.tally import Tally


class _Pairs(NamedTuple):
    """Places among calls and answers."""

    call: Numbers
    answer: Numbers


def crossed(calls: Side, answers: Side) -> list[Tally]:
    """Of calls of the range and all answers within reach. Pairs of one source that are no farther
    apart than REACH_NS are counted already."""
    pairs = _pairs(calls, answers)
    answered = np.zeros(len(calls.keys), np.bool_)
    answered[pairs.call] = True
    apart = np.abs(calls.times_ns[pairs.call] - answers.times_ns[pairs.answer]) > REACH_NS
    elsewhere = calls.source[pairs.call] != answers.source[pairs.answer]
    chosen = np.flatnonzero(apart | elsewhere)
    found = _paired(calls, answers, _Pairs(pairs.call[chosen], pairs.answer[chosen]))
    named = calls.kinds.server[calls.kind] != NOBODY
    counts = np.bincount(calls.kind[named & ~answered], minlength=len(calls.kinds.weight))
    return [Layout.of(found).tally(np.ones(len(chosen))), Layout.of(calls.kinds).tally(counts)]


def _pairs(calls: Side, answers: Side) -> _Pairs:
    first = np.searchsorted(answers.keys, calls.keys, "left")
    counts = np.searchsorted(answers.keys, calls.keys, "right") - first
    call = np.repeat(np.arange(len(counts)), counts)
    # Of each call its answers, one after the other.
    answer = np.arange(len(call)) + np.repeat(first - np.cumsum(counts) + counts, counts)
    is_message = calls.kinds.connection_type[calls.kind[call]] == MESSAGE
    chosen = is_message | ~answers.kinds.by_link[answers.kind[answer]]
    return _Pairs(call[chosen], answer[chosen])


def _paired(calls: Side, answers: Side, pairs: _Pairs) -> Kinds:
    one = calls.kinds.at(calls.kind[pairs.call])
    other = answers.kinds.at(answers.kind[pairs.answer])
    is_message = (one.connection_type == MESSAGE) | (other.connection_type == MESSAGE)
    # Of one trace both are kept where the scarcer one is; of two, each by its own chance.
    weight = np.where(
        other.of_one_trace, np.maximum(one.weight, other.weight), one.weight * other.weight
    )
    return Kinds(
        client=one.client,
        server=other.server,
        connection_type=np.where(is_message, MESSAGE, CONNECTION_TYPES.index("")),
        virtual_side=np.zeros(len(weight), np.int8),
        client_bucket=one.client_bucket,
        server_bucket=other.server_bucket,
        failed=one.failed | other.failed,
        weight=weight,
        by_link=other.by_link,
        of_one_trace=other.of_one_trace,
    )
