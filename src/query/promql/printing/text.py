"""A query on one line, as Prometheus prints its own tree."""

from query.promql.labels import METRIC_NAME, label_key, quoted
from query.promql.numbers import general, plain
from query.promql.printing.durations import duration_text
from query.promql.tree import (
    Aggregate,
    At,
    Binary,
    Call,
    Edge,
    Matcher,
    Matching,
    MatchKind,
    Negative,
    Node,
    Number,
    Paren,
    Range,
    Selector,
    String,
    Subquery,
    value_type,
)


def text(node: Node) -> str:
    """The whole query."""
    match node:
        case Number():
            return _number(node)
        case String():
            return quoted(node.value)
        case Selector():
            at, extension, offset = _modifiers(node)
            return f"{_selected(node)}{at}{extension}{offset}"
        case Range():
            at, extension, offset = _modifiers(node.selector)
            window = f"[{duration_text(node.range_ms)}]"
            return f"{_selected(node.selector)}{window}{extension}{at}{offset}"
        case Subquery():
            return f"{text(node.inner)}{subquery_window(node)}"
        case Paren():
            return f"({text(node.inner)})"
        case Negative():
            return f"-{text(node.inner)}"
        case Binary():
            return _chain(node)
        case Aggregate():
            parameter = "" if node.parameter is None else f"{text(node.parameter)}, "
            return f"{aggregation(node)}({parameter}{text(node.inner)})"
        case Call():
            return f"{node.function}({', '.join(map(text, node.arguments))})"


def _number(node: Number) -> str:
    return duration_text(round(node.value * 1000)) if node.as_duration else plain(node.value)


def _chain(node: Binary) -> str:
    """From the innermost left side on: a chain may be longer than Python's stack."""
    links: list[Binary] = []
    left: Node = node
    while isinstance(left, Binary):
        links.append(left)
        left = left.left
    parts = [text(left)]
    for link in reversed(links):
        parts += [operation(link), text(link.right)]
    return " ".join(parts)


def operation(node: Binary) -> str:
    """The operator with `bool`, and how the sides are matched."""
    words = [node.operator]
    if node.return_bool:
        words.append("bool")
    if matches_vectors(node):
        words += _matching(node.matching)
    return " ".join(words)


def matches_vectors(node: Binary) -> bool:
    """Whether both sides are vectors, so that they are matched."""
    return value_type(node.left) == value_type(node.right) == "vector"


def _matching(own: Matching) -> list[str]:
    words = []
    if own.labels or own.on or own.many:
        words.append(f"{'on' if own.on else 'ignoring'} ({_names(own.labels)})")
    if own.many:
        words.append(f"group_{own.many} ({_names(own.include)})")
    if own.fill_left is not None and own.fill_left == own.fill_right:
        return [*words, f"fill ({general(own.fill_left)})"]
    sides = {"left": own.fill_left, "right": own.fill_right}
    filled = (f"fill_{side} ({general(by)})" for side, by in sides.items() if by is not None)
    return [*words, *filled]


def aggregation(node: Aggregate) -> str:
    """The operator and what it groups by."""
    if node.without:
        return f"{node.operator} without ({_names(node.labels)}) "
    return f"{node.operator} by ({_names(node.labels)}) " if node.labels else node.operator


def subquery_window(node: Subquery) -> str:
    """What stands behind the inner query."""
    step = duration_text(node.step_ms) if node.step_ms else ""
    window = f"[{duration_text(node.range_ms)}:{step}]"
    return f"{window}{_at(node.at)}{_offset(node.offset_ms)}"


def _names(labels: tuple[str, ...]) -> str:
    return ", ".join(map(label_key, labels))


def _selected(node: Selector) -> str:
    """Name and matchers; the name is left out of these, and they are sorted."""
    name = node.written_name
    told = sorted(_matcher(one) for one in node.matchers if not (name and _is_name(one, name)))
    return f"{name}{{{','.join(told)}}}" if told else name


def _is_name(matcher: Matcher, name: str) -> bool:
    return matcher == Matcher(METRIC_NAME, MatchKind.EQUAL, name)


def _matcher(own: Matcher) -> str:
    return f"{label_key(own.name)}{own.kind.value}{quoted(own.value)}"


def _modifiers(node: Selector) -> tuple[str, str, str]:
    extension = f" {node.extension}" if node.extension else ""
    return _at(node.at), extension, _offset(node.offset_ms)


def _at(at: At) -> str:
    if at is None:
        return ""
    return f" @ {at.value}()" if isinstance(at, Edge) else f" @ {at / 1000:.3f}"


def _offset(offset_ms: int) -> str:
    return f" offset {duration_text(offset_ms)}" if offset_ms else ""
