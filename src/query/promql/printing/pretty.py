"""A query on several lines where it is long, indented as Prometheus does."""

from typing import Final

from query.promql.printing.text import aggregation, operation, subquery_window, text
from query.promql.tree import Aggregate, Binary, Call, Negative, Node, Paren, Subquery, children

# In bytes, without the indent.
_LONGEST_LINE: Final = 100
_INDENT: Final = "  "


def pretty(node: Node, level: int = 0) -> str:
    """The query; each part that fits a line has one."""
    match node:
        case Negative():
            return f"{_INDENT * level}-{pretty(node.inner, level).strip()}"
        case Binary() if _is_long(node):
            return _chain(node, level)
        case Subquery():
            return (
                f"{pretty(node.inner, level)}{subquery_window(node)}"
                if _is_long(node)
                else text(node)
            )
        case Paren() | Call() | Aggregate() if _is_long(node):
            return _bracketed(node, level)
        case _:
            return f"{_INDENT * level}{text(node)}"


def _is_long(node: Node) -> bool:
    return len(text(node).encode(errors="surrogateescape")) > _LONGEST_LINE


def _bracketed(node: Paren | Call | Aggregate, level: int) -> str:
    match node:
        case Paren():
            head = ""
        case Call():
            head = node.function
        case Aggregate():
            head = aggregation(node)
    inside = ",\n".join(pretty(part, level + 1) for part in children(node))
    indent = _INDENT * level
    return f"{indent}{head}(\n{inside}\n{indent})"


def _chain(node: Binary, level: int) -> str:
    """Each link's left side is a level deeper; a chain may be longer than Python's stack."""
    links: list[Binary] = []
    left: Node = node
    while isinstance(left, Binary) and _is_long(left):
        links.append(left)
        left = left.left
    deepest = level + len(links)
    lines = [pretty(left, deepest)]
    for depth, link in zip(range(deepest - 1, level - 1, -1), reversed(links), strict=True):
        lines.append(f"{_INDENT * depth}{operation(link)}")
        lines.append(pretty(link.right, depth + 1))
    return "\n".join(lines)
