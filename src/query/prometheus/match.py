"""The selectors of `match[]`, which are no expressions: nothing may stand behind them."""

from typing import Final

from query.prometheus.bad_requests import BadRequest
from query.promql.errors import ParseFailure
from query.promql.matching import passing
from query.promql.parsing.complaints import place
from query.promql.parsing.parse import parse
from query.promql.parsing.syntax import described
from query.promql.parsing.tokens import Token, tokens
from query.promql.tree import Matcher, Selector

_EMPTY: Final = "match[] must contain at least one non-empty matcher"


def selector(text: str) -> tuple[Matcher, ...]:
    """The matchers of one. Raises BadRequest."""
    try:
        node = parse(text)
    except ParseFailure as error:
        told = str(error)
        raise BadRequest(_EMPTY if "non-empty matcher" in told else told) from error
    behind = _behind(tokens(text))
    if behind is not None or not isinstance(node, Selector):
        at = behind.start if behind else 0
        raise BadRequest(f"{place(text, at)}: parse error: unexpected {described(behind)}")
    if all(passing([matcher], [()]) for matcher in node.matchers):
        raise BadRequest(_EMPTY)
    return node.matchers


def _behind(words: list[Token]) -> Token | None:
    """The first word that belongs to no selector, of an expression without faults."""
    at = 1 if words and words[0].kind == "word" else 0
    if at < len(words) and words[at].text == "{":
        at = 1 + next(index for index, word in enumerate(words) if word.text == "}")
    return words[at] if at < len(words) else None
