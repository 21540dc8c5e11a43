"""Finds the first word of a query at which it stops being PromQL."""

from dataclasses import dataclass

from query.promql.labels import quoted
from query.promql.parsing.tokens import Token

AGGREGATIONS = frozenset(
    {
        "sum",
        "avg",
        "count",
        "min",
        "max",
        "group",
        "stddev",
        "stdvar",
        "topk",
        "bottomk",
        "count_values",
        "quantile",
        "limitk",
        "limit_ratio",
    }
)
_SYMBOLS = frozenset({"+", "-", "*", "/", "%", "^", "==", "!=", ">", "<", ">=", "<=", "</", ">/"})
_WORD_OPERATORS = frozenset({"and", "or", "unless", "atan2"})
OPERATORS = _SYMBOLS | _WORD_OPERATORS
_GROUPINGS = frozenset({"by", "without"})
_KEYWORDS = _GROUPINGS | {"offset", "on", "ignoring", "group_left", "group_right", "bool"}
# Those that are no names of metrics either.
_MODIFIERS = frozenset({"on", "ignoring", "group_left", "group_right", "bool"})
_FILLS = frozenset({"fill", "fill_left", "fill_right"})
_EDGES = frozenset({"start", "end"})
_OFFSET = " in offset, expected number, duration, step(), or range()"
_LONG = 10


@dataclass(frozen=True, slots=True)
class Unexpected(Exception):
    """The word, None at the end of the query, and what is known of its surroundings."""

    token: Token | None
    context: str = ""

    @property
    def text(self) -> str:
        """What Prometheus says of it."""
        return f"unexpected {described(self.token)}{self.context}"


def described(token: Token | None) -> str:
    """A word as messages name it."""
    if token is None:
        return "end of input"
    text, lower = token.text, token.text.lower()
    if lower in _SYMBOLS or lower in _WORD_OPERATORS or lower == "@":
        return f"<op:{text}>"
    if lower in AGGREGATIONS:
        return f"<aggr:{text}>"
    if lower in _KEYWORDS:
        return f"<{text}>"
    shown = f"{quoted(text[:_LONG])}..." if len(text) > _LONG else quoted(text)
    kind = {"word": "identifier ", "number": "number ", "string": "string "}.get(token.kind, "")
    if kind == "identifier ":
        shown = quoted(text)
    return f"{'duration ' if token.kind == 'duration' else kind}{shown}"


def is_expression(words: list[Token]) -> bool:
    """Whether the words are one as far as can be told without the parser."""
    try:
        Checker(words).check()
    except Unexpected:
        return False
    return True


class Checker:
    """Walks the words once; raises Unexpected at the first that cannot stand where it does."""

    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._at = 0

    def check(self) -> None:
        """Raises Unexpected where the words are no expression."""
        self._expression()
        if self._at < len(self._words):
            raise Unexpected(self._words[self._at])

    def _peek(self) -> str:
        return self._words[self._at].text.lower() if self._at < len(self._words) else ""

    def _token(self) -> Token | None:
        return self._words[self._at] if self._at < len(self._words) else None

    def _take(self, text: str, context: str = "") -> None:
        if self._peek() != text:
            raise Unexpected(self._token(), context)
        self._at += 1

    def _expression(self) -> None:
        self._operand()
        while self._peek() in _SYMBOLS or self._peek() in _WORD_OPERATORS:
            self._at += 1
            self._modifiers()
            self._operand()

    def _modifiers(self) -> None:
        if self._peek() == "bool":
            self._at += 1
        if self._peek() in ("on", "ignoring"):
            self._at += 1
            self._labels()
            if self._peek() in ("group_left", "group_right"):
                self._at += 1
                if self._peek() == "(":
                    self._labels()
        while self._peek() in _FILLS and self._at + 1 < len(self._words):
            if self._words[self._at + 1].text != "(":
                return
            self._at += 1
            self._arguments()

    def _operand(self) -> None:
        while self._peek() in ("+", "-"):
            self._at += 1
        token = self._token()
        if token is None:
            raise Unexpected(None)
        if token.kind in ("number", "duration", "string"):
            self._at += 1
        elif token.text == "(":
            self._at += 1
            self._expression()
            self._take(")")
        elif token.text == "{":
            self._braces()
        elif token.kind == "word" and token.text.lower() not in _WORD_OPERATORS | _MODIFIERS:
            self._named(token)
        else:
            raise Unexpected(token)
        self._behind()

    def _named(self, token: Token) -> None:
        self._at += 1
        following = self._peek()
        is_aggregation = token.text.lower() in AGGREGATIONS
        if is_aggregation and following in _GROUPINGS:
            self._at += 1
            self._labels()
            self._arguments()
        elif following == "(":
            self._arguments()
            if is_aggregation and self._peek() in _GROUPINGS:
                self._at += 1
                self._labels()
        elif following == "{":
            self._braces()

    def _arguments(self) -> None:
        self._take("(")
        while self._peek() != ")":
            self._expression()
            if self._peek() != ")":
                self._take(",")
        self._take(")")

    def _labels(self) -> None:
        self._take("(", ' in grouping opts, expected "("')
        while self._peek() != ")":
            token = self._token()
            if token is None or token.kind not in ("word", "string"):
                raise Unexpected(token, " in grouping opts, expected label")
            self._at += 1
            if self._peek() != ")":
                self._take(",", ' in grouping opts, expected "," or ")"')
        self._take(")")

    def _braces(self) -> None:
        self._take("{")
        while self._peek() != "}":
            token = self._token()
            if token is None or token.kind not in ("word", "string"):
                raise Unexpected(token, ' in label matching, expected identifier or "}"')
            self._at += 1
            self._condition(quoted_name=token.kind == "string")
            if self._peek() != "}":
                self._take(",", ' in label matching, expected "," or "}"')
        self._take("}")

    def _condition(self, quoted_name: bool) -> None:
        token = self._token()
        if quoted_name and (token is None or token.text[0] not in "=!"):
            return
        if token is not None and token.text == "==":
            equal = Token("sign", "=", token.start + 1)
            raise Unexpected(equal, " in label matching, expected string")
        if self._peek() not in ("=", "!=", "=~", "!~"):
            raise Unexpected(self._token(), " in label matching, expected label matching operator")
        self._at += 1
        token = self._token()
        if token is None or token.kind != "string":
            raise Unexpected(token, " in label matching, expected string")
        self._at += 1

    def _behind(self) -> None:
        """What may follow an operand: windows, `offset`, `@`."""
        while self._peek() in ("[", "offset", "@"):
            if self._peek() == "[":
                self._window()
            elif self._peek() == "offset":
                self._at += 1
                self._signed(("number", "duration"), _OFFSET)
            else:
                self._at += 1
                self._instant()

    def _window(self) -> None:
        while self._peek() != "]":
            if self._token() is None:
                raise Unexpected(None, " inside brackets")
            self._at += 1
        self._at += 1

    def _signed(self, kinds: tuple[str, ...], context: str) -> None:
        if self._peek() in ("+", "-"):
            self._at += 1
        token = self._token()
        if token is None or token.kind not in kinds:
            raise Unexpected(token, context)
        self._at += 1

    def _instant(self) -> None:
        if self._peek() in _EDGES:
            self._at += 1
            self._take("(", " in @, expected timestamp")
            self._take(")", " in @, expected timestamp")
        else:
            self._signed(("number", "duration"), " in @, expected timestamp")
