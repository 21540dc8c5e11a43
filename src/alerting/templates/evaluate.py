"""Running a parsed template: Go's rules for fields, calls, variables and what is written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NoReturn

from alerting.templates.builtins import LAZY
from alerting.templates.errors import Source, TemplateError
from alerting.templates.tree import (
    Branch,
    Call,
    Chain,
    Command,
    Constant,
    Dot,
    Field,
    Jump,
    Operand,
    Output,
    Pipe,
    Statement,
    Text,
    Variable,
    Word,
)
from alerting.templates.values import Function, Record, text_of, truth, type_name
from goldeneye.limits import MAX_TEMPLATE_DEPTH, MAX_TEMPLATE_OUTPUT_CHARS, MAX_TEMPLATE_STEPS

_NONE: Final = object()


class _Jumped(Exception):
    """`break` or `continue` on its way to its loop."""


@dataclass(frozen=True, slots=True)
class Template:
    """Statements and the source that errors point into."""

    source: Source
    body: tuple[Statement, ...]


@dataclass(slots=True)
class Run:
    """One execution; `written` gathers what it writes."""

    templates: Mapping[str, Template]
    functions: Mapping[str, Function]
    source: Source
    escape: Callable[[str], str]
    written: list[str] = field(default_factory=list)
    variables: Mapping[str, object] = field(default_factory=dict)
    _variables: list[tuple[str, object]] = field(default_factory=list)
    _chars: int = 0
    _steps: int = 0
    _depth: int = 0

    def template(self, template: Template, dot: object) -> None:
        """Write what a template says of `dot`. Raises TemplateError."""
        source, variables = self.source, self._variables
        self.source, self._variables = template.source, [("$", dot), *self.variables.items()]
        self._depth += 1
        self._all(template.body, dot)
        self._depth -= 1
        self.source, self._variables = source, variables

    def fail(self, at: int, reason: str) -> NoReturn:
        raise self.source.error(at, reason)

    def _write(self, at: int, text: str) -> None:
        self._chars += len(text)
        if self._chars > MAX_TEMPLATE_OUTPUT_CHARS:
            self.fail(at, f"writes more than {MAX_TEMPLATE_OUTPUT_CHARS} characters")
        self.written.append(text)

    def _step(self, at: int) -> None:
        self._steps += 1
        if self._steps > MAX_TEMPLATE_STEPS:
            self.fail(at, f"takes more than {MAX_TEMPLATE_STEPS} steps")

    def _all(self, statements: Sequence[Statement], dot: object) -> None:
        outside = len(self._variables)
        try:
            for statement in statements:
                self._step(statement.at)
                self._one(statement, dot)
        finally:
            del self._variables[outside:]

    def _one(self, statement: Statement, dot: object) -> None:
        match statement:
            case Text():
                self._write(statement.at, statement.text)
            case Output():
                value = self._pipe(statement.pipe, dot)
                if not statement.pipe.variables:
                    self._write(statement.at, self._output(statement.at, value))
            case Branch(kind="range"):
                self._range(statement, dot)
            case Branch():
                self._branch(statement, dot)
            case Call():
                self._call(statement, dot)
            case Jump():
                raise _Jumped(statement.kind)

    def _output(self, at: int, value: object) -> str:
        if isinstance(value, Function) or callable(value):
            self.fail(at, "can't print a function")
        safe = getattr(value, "is_html", False)
        return text_of(value) if safe else self.escape(text_of(value))

    def _branch(self, branch: Branch, dot: object) -> None:
        outside = len(self._variables)
        value = self._pipe(branch.pipe, dot)
        if truth(value):
            self._all(branch.body, value if branch.kind == "with" else dot)
        else:
            self._all(branch.otherwise, dot)
        del self._variables[outside:]

    def _range(self, loop: Branch, dot: object) -> None:
        outside = len(self._variables)
        pipe = loop.pipe
        value = self._pipe(pipe, dot, declare=False)
        ran = False
        for key, item in self._items(pipe.at, value):
            ran = True
            self._step(pipe.at)
            self._loop_variables(pipe, key, item)
            try:
                self._all(loop.body, item)
            except _Jumped as jump:
                if str(jump) == "break":
                    break
            finally:
                del self._variables[outside:]
        if not ran:
            self._all(loop.otherwise, dot)

    def _loop_variables(self, pipe: Pipe, key: object, item: object) -> None:
        values = (item,) if len(pipe.variables) == 1 else (key, item)
        for name, value in zip(pipe.variables, values, strict=False):
            if pipe.assigns:
                self._assign(name, value)
            else:
                self._variables.append((name, value))

    def _items(self, at: int, value: object) -> Iterator[tuple[object, object]]:
        if isinstance(value, Mapping):
            return iter(sorted(value.items()))
        if isinstance(value, int) and not isinstance(value, bool):
            return ((number, number) for number in range(value))
        if value is None:
            return iter(())
        if isinstance(value, Sequence) and not isinstance(value, str):
            return iter(enumerate(value))
        raise self.source.error(at, f"range can't iterate over {text_of(value)}")

    def _call(self, call: Call, dot: object) -> None:
        template = self.templates.get(call.name)
        if template is None:
            self.fail(call.at, f'template "{call.name}" not defined')
        if self._depth >= MAX_TEMPLATE_DEPTH:
            self.fail(call.at, f"templates call each other more than {MAX_TEMPLATE_DEPTH} deep")
        value = None if call.pipe is None else self._pipe(call.pipe, dot)
        self.template(template, value)

    def _assign(self, name: str, value: object) -> None:
        for at in reversed(range(len(self._variables))):
            if self._variables[at][0] == name:
                self._variables[at] = (name, value)
                return

    def _pipe(self, pipe: Pipe, dot: object, *, declare: bool = True) -> object:
        value: object = _NONE
        for command in pipe.commands:
            self._step(command.at)
            value = self._command(command, dot, value)
        for name in pipe.variables if declare else ():
            if pipe.assigns:
                self._assign(name, value)
            else:
                self._variables.append((name, value))
        return value

    def _command(self, command: Command, dot: object, final: object) -> object:
        first, arguments = command.operands[0], command.operands[1:]
        if isinstance(first, Word):
            return self._function(first, arguments, dot, final)
        receiver, names = self._receiver(first, dot)
        if names:
            return self._fields(first.at, receiver, names, arguments, dot, final)
        if arguments or final is not _NONE:
            self.fail(first.at, "can't give argument to non-function")
        return receiver

    def _receiver(self, operand: Operand, dot: object) -> tuple[object, tuple[str, ...]]:
        """A value, and the names of fields still to be read of it."""
        match operand:
            case Constant():
                return operand.value, ()
            case Dot():
                return dot, ()
            case Field():
                return dot, operand.names
            case Variable():
                return self._variable(operand.name), operand.names
            case Pipe():
                return self._pipe(operand, dot), ()
            case Chain():
                return self._value(operand.operand, dot), operand.names
            case Word():
                return self._function(operand, (), dot, _NONE), ()

    def _variable(self, name: str) -> object:
        for known, value in reversed(self._variables):
            if known == name:
                return value
        raise KeyError(name)

    def _value(self, operand: Operand, dot: object) -> object:
        receiver, names = self._receiver(operand, dot)
        return self._fields(operand.at, receiver, names, (), dot, _NONE) if names else receiver

    def _fields(
        self,
        at: int,
        receiver: object,
        names: tuple[str, ...],
        arguments: tuple[Operand, ...],
        dot: object,
        final: object,
    ) -> object:
        for name in names[:-1]:
            receiver = self._field(at, receiver, name, [])
        values = [self._value(argument, dot) for argument in arguments]
        return self._field(at, receiver, names[-1], values if final is _NONE else [*values, final])

    def _field(self, at: int, receiver: object, name: str, arguments: list[object]) -> object:
        if isinstance(receiver, Record):
            method = receiver.method(name)
            if method is not None:
                return self._called(at, name, method, arguments)
        if arguments:
            self.fail(at, f"{name} has arguments but cannot be invoked as function")
        if isinstance(receiver, Record) and name in receiver.FIELDS:
            return receiver.field(name)
        if isinstance(receiver, Mapping):
            return receiver.get(name, "" if getattr(receiver, "all_text", False) else None)
        if receiver is None:
            self.fail(at, f"nil data; no entry for key {name!r}")
        raise self.source.error(at, f"can't evaluate field {name} in type {type_name(receiver)}")

    def _function(
        self, word: Word, operands: tuple[Operand, ...], dot: object, final: object
    ) -> object:
        if word.name in LAZY:
            return self._lazy(word, operands, dot, final)
        arguments = [self._value(operand, dot) for operand in operands]
        if final is not _NONE:
            arguments.append(final)
        return self._called(word.at, word.name, self.functions[word.name], arguments)

    def _lazy(
        self, word: Word, operands: tuple[Operand, ...], dot: object, final: object
    ) -> object:
        if not operands and final is _NONE:
            self.fail(word.at, f"wrong number of args for {word.name}: want at least 1 got 0")
        value: object = None
        for operand in operands:
            value = self._value(operand, dot)
            if truth(value) is (word.name == "or"):
                return value
        return value if final is _NONE else final

    def _called(self, at: int, name: str, function: Function, arguments: list[object]) -> object:
        try:
            return function(*arguments)
        except TemplateError:
            raise
        except (TypeError, ValueError, LookupError, ArithmeticError) as error:
            said = error.args[0] if error.args else type(error).__name__
            self.fail(at, f"error calling {name}: {said}")
