"""The grammar of Go's text/template."""

from collections.abc import Collection
from typing import Final

from alerting.go_strings import unquote
from alerting.templates.errors import Source
from alerting.templates.lexer import Kind, Token, tokens
from alerting.templates.operands import OperandParser
from alerting.templates.tree import (
    Branch,
    Call,
    Jump,
    Output,
    Parsed,
    Pipe,
    Statement,
    Text,
)

# Go stops at far more; nobody writes these by hand.
MAX_DEPTH: Final = 100


def parse(source: Source, functions: Collection[str], variables: Collection[str] = ()) -> Parsed:
    """The statements of a template. Raises TemplateError for what Go would refuse."""
    return _Parser(source, functions, variables).whole()


class _Parser(OperandParser):
    def __init__(
        self, source: Source, functions: Collection[str], variables: Collection[str]
    ) -> None:
        super().__init__(source, tokens(source), functions, variables)
        self._defined: dict[str, tuple[Statement, ...]] = {}
        self._loops = 0

    def whole(self) -> Parsed:
        body, ending = self._list(())
        if ending is not None:
            self.fail(ending, f"unexpected {{{{{ending.text}}}}}")
        return Parsed(body, self._defined)

    def _list(self, endings: tuple[str, ...]) -> tuple[tuple[Statement, ...], Token | None]:
        """Statements, and the `end` or `else` behind them."""
        statements, outside = list[Statement](), len(self.variables)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(self.peek(), "nested too deeply")
        while True:
            token = self.next()
            if token.kind is Kind.END:
                if endings:
                    self.fail(token, "unexpected EOF")
                ending = None
                break
            if token.kind is Kind.TEXT:
                statements.append(Text(token.at, token.text))
                continue
            keyword = self.peek()
            if keyword.kind is Kind.WORD and keyword.text in ("end", "else"):
                ending = self.next()
                break
            statement = self._action(keyword)
            if statement is not None:
                statements.append(statement)
        self.depth -= 1
        del self.variables[outside:]
        return tuple(statements), ending

    def _action(self, keyword: Token) -> Statement | None:
        word = keyword.text if keyword.kind is Kind.WORD else ""
        if word in ("if", "with", "range"):
            self.next()
            return self._branch(keyword)
        if word in ("template", "block"):
            self.next()
            return self._call(keyword)
        if word == "define":
            self.next()
            self._define(keyword)
            return None
        if word in ("break", "continue"):
            self.next()
            self.close()
            if not self._loops:
                self.fail(keyword, f"{{{{{word}}}}} outside {{{{range}}}}")
            return Jump(keyword.at, word)
        pipe = self.pipe("command")
        self.close()
        return Output(keyword.at, pipe)

    def _branch(self, keyword: Token) -> Branch:
        outside, kind = len(self.variables), keyword.text
        pipe = self.pipe(kind, in_range=kind == "range")
        self.close()
        self._loops += kind == "range"
        body, ending = self._list(("end", "else"))
        self._loops -= kind == "range"
        otherwise: tuple[Statement, ...] = ()
        if ending is not None and ending.text == "else":
            otherwise = self._otherwise(kind)
        else:
            self.close()
        del self.variables[outside:]
        return Branch(keyword.at, kind, pipe, body, otherwise)

    def _otherwise(self, kind: str) -> tuple[Statement, ...]:
        following = self.peek()
        if following.kind is Kind.WORD and following.text in ("if", "with"):
            if following.text != kind:
                self.fail(following, f"unexpected <{following.text}> in {kind}'s else")
            self.depth += 1
            if self.depth > MAX_DEPTH:
                self.fail(following, "nested too deeply")
            self.next()
            chained = self._branch(following)
            self.depth -= 1
            return (chained,)
        self.close()
        body, ending = self._list(("end",))
        if ending is not None and ending.text == "else":
            self.fail(ending, "expected end; found {{else}}")
        self.close()
        return body

    def _name(self, keyword: Token) -> str:
        token = self.next()
        if token.kind is not Kind.STRING:
            self.fail(token, f"unexpected {token.text!r} in {keyword.text} clause")
        return unquote(token.text)

    def _call(self, keyword: Token) -> Call:
        name = self._name(keyword)
        pipe: Pipe | None = None
        if keyword.text == "block" or self.peek().kind is not Kind.CLOSE:
            pipe = self.pipe(f"{keyword.text} clause")
        self.close()
        if keyword.text == "block":
            self._body(keyword, name)
        return Call(keyword.at, name, pipe)

    def _define(self, keyword: Token) -> None:
        if self.depth > 1:
            self.fail(keyword, "unexpected {{define}}")
        name = self._name(keyword)
        self.close()
        self._body(keyword, name)

    def _body(self, keyword: Token, name: str) -> None:
        visible, loops = self.variables, self._loops
        self.variables, self._loops = list(self.given), 0
        body, ending = self._list(("end",))
        if ending is None or ending.text == "else":
            self.fail(ending or keyword, f"unexpected {{{{else}}}} in {keyword.text} clause")
        self.close()
        self.variables, self._loops = visible, loops
        # As in Go, an empty definition does not replace one that says something.
        if name not in self._defined or not _blank(body):
            self._defined[name] = body


def _blank(body: tuple[Statement, ...]) -> bool:
    return all(isinstance(node, Text) and not node.text.strip() for node in body)
