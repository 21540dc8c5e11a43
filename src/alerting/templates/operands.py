"""Pipelines and their operands: the inner half of the grammar."""

from collections.abc import Collection
from typing import NoReturn

from alerting.go_strings import unquote
from alerting.templates.errors import Source
from alerting.templates.lexer import Kind, Token
from alerting.templates.tree import (
    Chain,
    Command,
    Constant,
    Dot,
    Field,
    Operand,
    Pipe,
    Variable,
    Word,
)

_CONSTANTS = {"true": True, "false": False, "nil": None}
_DEEPEST = 100


class OperandParser:
    """Reads tokens from left to right; keeps the variables that are known."""

    def __init__(
        self,
        source: Source,
        read: list[Token],
        functions: Collection[str],
        variables: Collection[str],
    ) -> None:
        self.source = source
        self.given = ["$", *variables]
        self.variables = list(self.given)
        self.depth = 0
        self._tokens = read
        self._functions = functions
        self._at = 0

    def peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def next(self) -> Token:
        token = self.peek()
        self._at += 1
        return token

    def fail(self, token: Token, reason: str) -> NoReturn:
        raise self.source.error(token.at, reason)

    def close(self) -> None:
        token = self.next()
        if token.kind is not Kind.CLOSE:
            self.fail(token, f"unexpected {token.text!r}; expected the end of the action")

    def pipe(self, context: str, *, in_range: bool = False) -> Pipe:
        """Up to `}}` or `)`, which is left for the caller."""
        start = self.peek()
        variables, assigns = self._declared(in_range)
        commands = [self._command(context)]
        while self._is_mark("|"):
            self.next()
            commands.append(self._command(context))
        for command in commands[1:]:
            if isinstance(command.operands[0], Constant | Dot):
                raise self.source.error(command.at, "non executable command in pipeline")
        if not assigns:
            self.variables.extend(variables)
        return Pipe(start.at, tuple(commands), variables, assigns)

    def _is_mark(self, text: str, ahead: int = 0) -> bool:
        token = self.peek(ahead)
        return token.kind is Kind.MARK and token.text == text

    def _declared(self, in_range: bool) -> tuple[tuple[str, ...], bool]:
        if self.peek().kind is not Kind.VARIABLE:
            return (), False
        names, ahead = [self.peek().text], 1
        if in_range and self._is_mark(",", 1) and self.peek(2).kind is Kind.VARIABLE:
            names.append(self.peek(2).text)
            ahead = 3
        if not self._is_mark(":=", ahead) and not self._is_mark("=", ahead):
            if self._is_mark(",", 1):
                self.fail(self.peek(1), "too many declarations")
            return (), False
        assigns = self.peek(ahead).text == "="
        for name in names if assigns else ():
            self._known(name, self.peek())
        self._at += ahead + 1
        return tuple(names), assigns

    def _known(self, name: str, token: Token) -> None:
        if name not in self.variables:
            self.fail(token, f"undefined variable {name!r}")

    def _command(self, context: str) -> Command:
        start, operands = self.peek(), list[Operand]()
        while not self._at_end():
            if operands and not self.peek().spaced:
                self.fail(self.peek(), f"unexpected {self.peek().text!r} in operand")
            operands.append(self._operand(context))
        if not operands:
            self.fail(start, f"missing value for {context}")
        return Command(start.at, tuple(operands))

    def _at_end(self) -> bool:
        token = self.peek()
        return token.kind in (Kind.CLOSE, Kind.END) or (
            token.kind is Kind.MARK and token.text in "|)"
        )

    def _operand(self, context: str) -> Operand:
        start = self.peek()
        operand = self._term(context)
        names = self._fields()
        if not names:
            return operand
        if isinstance(operand, Field):
            return Field(operand.at, operand.names + names)
        if isinstance(operand, Variable):
            return Variable(operand.at, operand.name, operand.names + names)
        if isinstance(operand, Constant | Dot):
            self.fail(start, f"unexpected <.> after term {start.text!r}")
        return Chain(start.at, operand, names)

    def _fields(self) -> tuple[str, ...]:
        names = list[str]()
        while self.peek().kind is Kind.FIELD and not self.peek().spaced:
            names.append(self.next().text[1:])
        return tuple(names)

    def _term(self, context: str) -> Operand:
        token = self.next()
        match token.kind:
            case Kind.STRING | Kind.CHAR | Kind.NUMBER:
                return Constant(token.at, self._constant(token))
            case Kind.DOT:
                return Dot(token.at)
            case Kind.FIELD:
                return Field(token.at, (token.text[1:],))
            case Kind.VARIABLE:
                self._known(token.text, token)
                return Variable(token.at, token.text, ())
            case Kind.WORD:
                return self._word(token)
            case Kind.MARK if token.text == "(":
                return self._parenthesised(token)
            case _:
                raise self.source.error(token.at, f"unexpected {token.text!r} in {context}")

    def _word(self, token: Token) -> Operand:
        if token.text in _CONSTANTS:
            return Constant(token.at, _CONSTANTS[token.text])
        if token.text not in self._functions:
            self.fail(token, f"function {token.text!r} not defined")
        return Word(token.at, token.text)

    def _parenthesised(self, opening: Token) -> Pipe:
        self.depth += 1
        if self.depth > _DEEPEST:
            self.fail(opening, "nested too deeply")
        inner = self.pipe("parenthesized pipeline")
        closing = self.next()
        if closing.kind is not Kind.MARK or closing.text != ")":
            self.fail(closing, "unclosed left paren")
        self.depth -= 1
        return inner

    def _constant(self, token: Token) -> str | int | float:
        try:
            if token.kind is Kind.STRING:
                return unquote(token.text)
            if token.kind is Kind.CHAR:
                return ord(unquote(token.text))
            return number(token.text)
        except ValueError as error:
            self.fail(token, f"{token.text}: {error}")


def number(text: str) -> int | float:
    """A number as Go writes constants. Raises ValueError."""
    plain = text.replace("_", "")
    if plain.lstrip("+-")[:2].lower() in ("0x", "0b", "0o"):
        whole = int(plain, 0)
    elif any(char in plain for char in ".eE"):
        return float(plain)
    elif plain.lstrip("+-").startswith("0"):
        whole = int(plain, 8)
    else:
        whole = int(plain, 10)
    if not -(1 << 63) <= whole < 1 << 63:
        raise ValueError("integer overflow")
    return whole
