"""What a template is made of, once parsed."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Node:
    """Where it stands in the source."""

    at: int


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A string, number, truth value or nil."""

    value: object


@dataclass(frozen=True, slots=True)
class Dot(Node):
    """The value in hand."""


@dataclass(frozen=True, slots=True)
class Field(Node):
    """`.A.B` of the value in hand."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """`$name.A.B`."""

    name: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word(Node):
    """A function's name."""

    name: str


@dataclass(frozen=True, slots=True)
class Command(Node):
    """An operand and its arguments."""

    operands: "tuple[Operand, ...]"


@dataclass(frozen=True, slots=True)
class Pipe(Node):
    """Commands, each of which takes the one before it as its last argument."""

    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()
    # `=` and not `:=`.
    assigns: bool = False


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """`(pipe).A.B`."""

    operand: "Operand"
    names: tuple[str, ...]


Operand = Constant | Dot | Field | Variable | Word | Pipe | Chain


@dataclass(frozen=True, slots=True)
class Text(Node):
    """What stands outside of actions."""

    text: str


@dataclass(frozen=True, slots=True)
class Output(Node):
    """`{{pipe}}`: its value is written, unless it sets variables."""

    pipe: Pipe


@dataclass(frozen=True, slots=True)
class Branch(Node):
    """`if`, `with` or `range`."""

    kind: str
    pipe: Pipe
    body: "tuple[Statement, ...]"
    otherwise: "tuple[Statement, ...]" = ()


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`template` or the place of a `block`."""

    name: str
    pipe: Pipe | None


@dataclass(frozen=True, slots=True)
class Jump(Node):
    """`break` or `continue`."""

    kind: str


Statement = Text | Output | Branch | Call | Jump


@dataclass(slots=True)
class Parsed:
    """A text's own statements, and the templates that it defines."""

    body: tuple[Statement, ...]
    defined: dict[str, tuple[Statement, ...]] = field(default_factory=dict)
