"""What is asked of a query's text alone: how it is written well, and its tree."""

from typing import Any

from query.prometheus.answers import success
from query.prometheus.asked import Asked
from query.prometheus.bad_requests import BadParameter
from query.promql.errors import ParseFailure
from query.promql.parsing.durations import is_computed
from query.promql.parsing.parse import parse
from query.promql.printing.as_tree import as_tree
from query.promql.printing.pretty import pretty
from query.promql.tree import Node


def format_query(_: object, __: object, asked: Asked) -> dict[str, Any]:
    """The answer of `/format_query`. Raises BadParameter."""
    return success(pretty(_parsed(asked)))


def parse_query(_: object, __: object, asked: Asked) -> dict[str, Any]:
    """The answer of `/parse_query`. Raises BadParameter."""
    return success(as_tree(_parsed(asked)))


def _parsed(asked: Asked) -> Node:
    query = asked.text("query")
    try:
        if is_computed(query):
            raise BadParameter("query", "durations that are computed are not printed")
        return parse(query)
    except ParseFailure as error:
        raise BadParameter("query", error) from error
