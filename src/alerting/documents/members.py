"""The keys of a mapping, merged ones (`<<`) included."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import yaml

_MERGE: Final = "tag:yaml.org,2002:merge"
# Merges of merges multiply.
_MAX_MERGES: Final = 10_000


class Member(NamedTuple):
    """`key` is None where it is no single value; `again`: it was there before."""

    key: str | None
    key_node: yaml.Node
    node: yaml.Node
    again: bool = False


class CannotMerge(ValueError):
    """What is merged is no mapping, or merges too much; `node` is where."""

    def __init__(self, reason: str, node: yaml.Node) -> None:
        super().__init__(reason)
        self.node = node


@dataclass
class Merges:
    """Counts those of one document."""

    left: int = _MAX_MERGES

    def members(self, node: yaml.MappingNode) -> list[Member]:
        """All of them; a mapping's own keys stand before those that it merges.

        Raises CannotMerge.
        """
        own, merged, seen = list[Member](), dict[str, Member](), set[str]()
        for key_node, value in node.value:
            if key_node.tag == _MERGE:
                merged |= self._merged(value)
            elif not isinstance(key_node, yaml.ScalarNode):
                own.append(Member(None, key_node, value))
            else:
                key = str(key_node.value)
                own.append(Member(key, key_node, value, key in seen))
                seen.add(key)
        return [*own, *(member for key, member in merged.items() if key not in seen)]

    def _merged(self, node: yaml.Node) -> dict[str, Member]:
        """Of several the first counts."""
        self.left -= 1
        if self.left < 0:
            raise CannotMerge("too many merged keys", node)
        if isinstance(node, yaml.MappingNode):
            return {one.key: one for one in self.members(node) if one.key is not None}
        if not isinstance(node, yaml.SequenceNode):
            raise CannotMerge("only mappings can be merged", node)
        found = dict[str, Member]()
        for inner in reversed(node.value):
            found |= self._merged(inner)
        return found
