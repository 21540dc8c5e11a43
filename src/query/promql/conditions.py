"""What a condition is decided for: its expression without the comparisons that filter."""

from dataclasses import replace

from query.promql.tree import (
    Aggregate,
    Binary,
    Call,
    Negative,
    Node,
    Paren,
    value_type,
    walk,
)

_COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
_ABSENCE = frozenset({"absent", "absent_over_time"})


def decided(node: Node) -> Node | None:
    """An expression whose series are those for which the condition could be decided.

    None where the condition is about absence, so that no answer can tell.
    """
    if any(isinstance(part, Call) and part.function in _ABSENCE for part in walk(node)):
        return None
    return _decided(node)


def _decided(node: Node) -> Node:
    match node:
        case Paren() | Negative():
            return replace(node, inner=_decided(node.inner))
        case Aggregate():
            return replace(node, inner=_decided(node.inner))
        case Call():
            return replace(node, arguments=tuple(map(_decided, node.arguments)))
        case Binary():
            return node if node.is_scalar else _binary(node)
        case _:
            return node


def _binary(node: Binary) -> Node:
    left, right = _decided(node.left), _decided(node.right)
    if node.operator == "unless":
        return left
    if node.operator not in _COMPARISONS or node.return_bool:
        return replace(node, left=left, right=right)
    if value_type(right) == "scalar":
        return left
    if value_type(left) == "scalar":
        return right
    # A difference has the label sets of the pairs that were compared.
    return replace(node, operator="-", left=left, right=right)
