"""Values as Go sees them: their truth, their names, how they are written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isinf, isnan
from typing import ClassVar, Final

# How Go names what a template can hold.
_TYPE_NAMES: Final[tuple[tuple[type, str], ...]] = (
    (bool, "bool"),
    (int, "int"),
    (float, "float64"),
    (str, "string"),
    (Mapping, "map[string]interface {}"),
    (Sequence, "[]interface {}"),
)


class Record:
    """An object with fields and methods that templates reach by Go's names."""

    FIELDS: ClassVar[Mapping[str, str]] = {}
    METHODS: ClassVar[Mapping[str, str]] = {}

    def field(self, name: str) -> object:
        """Raises KeyError."""
        return getattr(self, self.FIELDS[name])

    def method(self, name: str) -> "Function | None":
        attribute = self.METHODS.get(name)
        return getattr(self, attribute) if attribute else None


@dataclass(frozen=True, slots=True)
class Function:
    """What a template can call; `kinds` are those of the arguments, the last one repeatable."""

    call: Callable[..., object]
    kinds: tuple[type, ...] = ()
    repeats: bool = False

    def __call__(self, *arguments: object) -> object:
        return self.call(*self.checked(arguments))

    def checked(self, arguments: tuple[object, ...]) -> list[object]:
        """The arguments, of the kinds that are wanted. Raises TypeError."""
        fixed = len(self.kinds) - self.repeats
        if len(arguments) < fixed or (len(arguments) > fixed and not self.repeats):
            least = "at least " if self.repeats else ""
            raise TypeError(f"want {least}{fixed} arguments, got {len(arguments)}")
        kinds = [*self.kinds[:fixed], *self.kinds[-1:] * (len(arguments) - fixed)]
        return [_of_kind(value, kind) for value, kind in zip(arguments, kinds, strict=True)]


def _of_kind(value: object, kind: type) -> object:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is int and isinstance(value, bool):
        raise TypeError("expected int; found bool")
    if kind is not object and not isinstance(value, kind):
        raise TypeError(f"expected {_kind_name(kind)}; found {type_name(value)}")
    return value


def _kind_name(kind: type) -> str:
    return next((name for known, name in _TYPE_NAMES if kind is known), kind.__name__)


def type_name(value: object) -> str:
    """As Go would print it with `%T`."""
    if value is None:
        return "<nil>"
    return next((n for kind, n in _TYPE_NAMES if isinstance(value, kind)), type(value).__name__)


class SafeText(str):
    """Text that is HTML already, and is not escaped again."""

    __slots__ = ()
    is_html = True


def truth(value: object) -> bool:
    """Whether `if` takes it: not empty, not zero, not nil; records always are."""
    if isinstance(value, Record) and not isinstance(value, Mapping | Sequence):
        return True
    return bool(value)


def float_text(value: float) -> str:
    """A float64 as Go prints it: `1e+06`, `0.25`, `+Inf`."""
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if str(value)[0] == "-" else "0"
    exact = Decimal(repr(value)).normalize()
    exponent = exact.adjusted()
    # Where Go turns to exponents.
    if -4 <= exponent < 6:
        return format(exact, "f")
    digits = "".join(map(str, exact.as_tuple().digits))
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{'-' if value < 0 else ''}{digits[0]}{fraction}e{exponent:+03d}"


def text_of(value: object, *, inside: bool = False) -> str:
    """As Go's `%v`; `inside` lists and maps nothing is `<nil>`."""
    if type(value) is str:
        # Most are, and a storm of alerts has many.
        return value
    if value is None:
        return "<nil>" if inside else "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, Record):
        return str(value)
    if isinstance(value, Mapping):
        pairs = (f"{text_of(k)}:{text_of(v, inside=True)}" for k, v in sorted(value.items()))
        return f"map[{' '.join(pairs)}]"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{' '.join(text_of(item, inside=True) for item in value)}]"
    return str(value)
