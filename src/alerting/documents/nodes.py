"""YAML as a tree of nodes that know their lines."""

import yaml

from goldeneye.errors import ConfigurationError

# An alias stands for all that it points to; this many values are no configuration.
MAX_NODES = 100_000
# Nobody's routes are as deep; what is deeper would end the stack.
MAX_DEPTH = 64


def compose(text: str, name: str) -> yaml.Node | None:
    """The document's root; None where it is empty. Raises ConfigurationError with the line."""
    try:
        loader = yaml.SafeLoader(text)
        try:
            root: yaml.Node | None = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{name}:{line}: is not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigurationError(f"{name}:{line}: is not YAML: {error.reason}") from error
    except RecursionError as error:
        raise ConfigurationError(f"{name}:1: is nested too deeply") from error
    return root


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
