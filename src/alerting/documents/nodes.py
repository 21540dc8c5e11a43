"""YAML as a tree of nodes that know their lines."""

from collections.abc import Iterator
from contextlib import contextmanager

import yaml

from alerting.documents.faults import BadFile, Problem

# An alias stands for all that it points to; this many values are no configuration.
MAX_NODES = 100_000
# Nobody's routes are as deep; what is deeper would end the stack.
MAX_DEPTH = 64


def compose(text: str, name: str) -> yaml.Node | None:
    """The only document's root; None where it is empty. Raises BadFile."""
    with _reported(text, name):
        loader = yaml.SafeLoader(text)
        try:
            root: yaml.Node | None = loader.get_single_node()
        finally:
            loader.dispose()
    return None if root is None else _finite(root, name)


def documents(text: str, name: str) -> Iterator[yaml.Node]:
    """The roots of all documents that are not empty. Raises BadFile."""
    with _reported(text, name):
        for root in yaml.compose_all(text, yaml.SafeLoader):
            if root is not None and not is_null(root):
                yield _finite(root, name)


@contextmanager
def _reported(text: str, name: str) -> Iterator[None]:
    try:
        yield
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _bad(name, line, f"is not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _bad(name, line, f"is not YAML: {error.reason}") from error
    except RecursionError as error:
        raise _bad(name, 1, "is nested too deeply") from error


def _bad(name: str, line: int, reason: str) -> BadFile:
    return BadFile([Problem(name, line, "", reason)])


def _finite(root: yaml.Node, name: str) -> yaml.Node:
    """Raises BadFile where a node is among those below it."""
    done, above = set[int](), set[int]()
    waiting = [(root, False)]
    while waiting:
        node, is_left = waiting.pop()
        if is_left:
            above.discard(id(node))
            done.add(id(node))
        elif id(node) in above:
            raise _bad(name, line_of(root), "an anchor holds itself")
        elif _is_broken(node):
            raise _bad(name, line_of(node), "half of a character is no text")
        elif id(node) not in done:
            above.add(id(node))
            waiting.append((node, True))
            waiting += [(child, False) for child in _children(node)]
    return root


def _is_broken(node: yaml.Node) -> bool:
    """Escapes can say surrogates, which no UTF-8 has."""
    return isinstance(node, yaml.ScalarNode) and any("\ud800" <= c <= "\udfff" for c in node.value)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def line_of(node: yaml.Node) -> int:
    line: int = node.start_mark.line + 1
    return line


def is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def described(node: yaml.Node) -> str:
    """What it is, for those who expected something else."""
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a single value"
