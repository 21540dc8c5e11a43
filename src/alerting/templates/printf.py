"""Go's `fmt.Sprintf` and `fmt.Sprint`, for the values that templates hold."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isinf, isnan
from typing import Final

from alerting.go_strings import quote
from alerting.templates.values import float_text, text_of, type_name

_DIRECTIVE: Final = re.compile(r"%([-+# 0]*)(\*|\d+)?(?:(\.)(\*|\d+)?)?(.|$)", re.DOTALL)
# Wider fields are not columns but attacks.
MAX_WIDTH: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Directive:
    flags: str
    width: int
    precision: int | None
    verb: str


def printf(form: str, *arguments: object) -> str:
    """The arguments in the places that `form` gives them; mistakes are written, as Go does."""
    remaining, parts, at = iter(arguments), list[str](), 0
    for found in _DIRECTIVE.finditer(form):
        parts.append(form[at : found.start()])
        parts.append(_directive(found, remaining))
        at = found.end()
    parts.append(form[at:])
    extra = [f"{type_name(value)}={text_of(value, inside=True)}" for value in remaining]
    if extra:
        parts.append(f"%!(EXTRA {', '.join(extra)})")
    return "".join(parts)


_NOTHING_LEFT: Final = object()


def _directive(found: re.Match[str], remaining: Iterator[object]) -> str:
    flags, width, dot, precision, verb = found.groups()
    if verb == "%":
        return "%"
    if not verb:
        return "%!(NOVERB)"
    wide = _size(width, remaining)
    precise = (_size(precision, remaining) or 0) if dot else None
    value = next(remaining, _NOTHING_LEFT)
    if value is _NOTHING_LEFT:
        return f"%!{verb}(MISSING)"
    if wide is not None and wide < 0:
        flags, wide = flags + "-", -wide
    directive = _Directive(flags, wide or 0, precise, verb)
    text = _formatted(directive, value)
    if text is None:
        return f"%!{verb}({type_name(value)}={text_of(value, inside=True)})"
    return _padded(directive, text, value)


def _size(given: str | None, remaining: Iterator[object]) -> int | None:
    size = next(remaining, None) if given == "*" else int(given) if given else None
    return max(-MAX_WIDTH, min(size, MAX_WIDTH)) if isinstance(size, int) else None


def _formatted(directive: _Directive, value: object) -> str | None:
    """The text before padding; None for a verb that does not suit the value."""
    verb = directive.verb
    if verb == "v":
        text = text_of(value, inside=True)
        return _signed(directive, text) if isinstance(value, int | float) else text
    if verb == "T":
        return type_name(value)
    if isinstance(value, bool):
        return ("true" if value else "false") if verb == "t" else None
    if isinstance(value, int):
        return _whole(directive, value)
    if isinstance(value, float):
        return _fraction(directive, value)
    return _text(directive, text_of(value, inside=True))


def _text(directive: _Directive, text: str) -> str | None:
    precision = directive.precision
    cut = text if precision is None else text[:precision]
    makers: dict[str, Callable[[str], str]] = {
        "s": str,
        "q": quote,
        "x": lambda t: t.encode().hex(),
        "X": lambda t: t.encode().hex().upper(),
    }
    maker = makers.get(directive.verb)
    return maker(cut) if maker else None


def _whole(directive: _Directive, value: int) -> str | None:
    verb = directive.verb
    if verb in "cqU":
        # As Go, which has no character for halves of one either.
        is_character = 0 <= value <= 0x10FFFF and not 0xD800 <= value <= 0xDFFF
        char = chr(value) if is_character else "\ufffd"
        return {"c": char, "q": f"'{char}'", "U": f"U+{value:04X}"}[verb]
    if verb not in "dboxX":
        return None
    digits = format(abs(value), verb)
    if "#" in directive.flags and verb in "boxX":
        digits = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}[verb] + digits
    if directive.precision is not None:
        digits = digits.rjust(directive.precision, "0")
    return _signed(directive, "-" + digits if value < 0 else digits)


def _fraction(directive: _Directive, value: float) -> str | None:
    verb, precision = directive.verb, directive.precision
    if verb not in "eEfFgG":
        return None
    if isnan(value) or isinf(value) or (verb in "gG" and precision is None):
        text = float_text(value)
        return _signed(directive, text.upper() if verb == "G" else text)
    digits = 6 if precision is None else precision
    return _signed(directive, f"{value:.{digits}{verb}}")


def _signed(directive: _Directive, text: str) -> str:
    if text[0] in "+-" and not (text == "+Inf" and "+" not in directive.flags):
        return text
    if text == "+Inf":
        return text
    return ("+" if "+" in directive.flags else " " if " " in directive.flags else "") + text


def _padded(directive: _Directive, text: str, value: object) -> str:
    if "-" in directive.flags:
        return text.ljust(directive.width)
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if "0" in directive.flags and numeric and directive.verb not in "cqUTv":
        sign = text[:1] if text[:1] in "+- " else ""
        return sign + text[len(sign) :].rjust(directive.width - len(sign), "0")
    return text.rjust(directive.width)


def sprint(*arguments: object) -> str:
    """One after the other, with a space between two of which neither is text."""
    parts = list[str]()
    for at, value in enumerate(arguments):
        if at and not isinstance(value, str) and not isinstance(arguments[at - 1], str):
            parts.append(" ")
        parts.append(text_of(value, inside=True))
    return "".join(parts)


def sprintln(*arguments: object) -> str:
    """With a space between all of them and a line break behind."""
    return " ".join(text_of(value, inside=True) for value in arguments) + "\n"
