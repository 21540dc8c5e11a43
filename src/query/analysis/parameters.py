"""The values that a statement's parameters are bound to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from query.analysis.statement import Node, children

# By position, or by name.
Params = Sequence[Any] | Mapping[str, Any] | None


@dataclass(frozen=True)
class Parameters:
    """Values by the identifier that the tree calls a parameter by: a number from 1, or a name."""

    values: Mapping[str, Any]

    @classmethod
    def of(cls, params: Params) -> "Parameters":
        if isinstance(params, Mapping):
            return cls(dict(params))
        return cls({str(number): value for number, value in enumerate(params or (), start=1)})

    def text(self, node: Node) -> str | None:
        """The string that the node is, as a literal or by its parameter; None if it is neither."""
        if node["class"] == "CONSTANT" and node["literal"]["kind"] == "STRING":
            return str(node["literal"]["text"])
        value = self.values.get(node["identifier"]) if node["class"] == "PARAMETER" else None
        return value if isinstance(value, str) else None


def used(tree: Any) -> set[str]:
    """The identifiers of the parameters in a tree."""
    return {node["identifier"] for node in parameter_nodes(tree)}


def keep_used(root: Node, before: set[str], params: Params) -> Params:
    """The params without those that only the text before a change used; renumbers the tree's.

    DuckDB refuses values that no parameter asks for.
    """
    gone = before - used(root["node"])
    if not gone or params is None:
        return params
    if isinstance(params, Mapping):
        _set_names(root, sorted(used(root["node"])), {})
        return {name: value for name, value in params.items() if name not in gone}
    kept = [n for n in range(1, len(params) + 1) if str(n) not in gone]
    _set_names(root, [str(n) for n in kept], {str(old): str(i + 1) for i, old in enumerate(kept)})
    return [params[n - 1] for n in kept]


def _set_names(root: Node, identifiers: Sequence[str], renamed: Mapping[str, str]) -> None:
    for node in parameter_nodes(root["node"]):
        node["identifier"] = renamed.get(node["identifier"], node["identifier"])
    root["named_param_map"] = [
        {"key": renamed.get(name, name), "value": number}
        for number, name in enumerate(identifiers, start=1)
    ]


def parameter_nodes(tree: Any) -> list[Node]:
    """The parameters in a tree."""
    if isinstance(tree, dict) and tree.get("class") == "PARAMETER":
        return [tree]
    return [node for child in children(tree) for node in parameter_nodes(child)]
