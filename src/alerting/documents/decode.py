"""Nodes of YAML into dataclasses, by the types of their fields."""

import dataclasses
import os
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

from alerting.documents.faults import BadFile, Problem, unknown
from alerting.documents.kinds import FILE, Scalar
from alerting.documents.members import CannotMerge, Merges
from alerting.documents.nodes import MAX_DEPTH, MAX_NODES, compose, described, is_null, line_of

_T = TypeVar("_T")
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_KEY = "key"
_WORD = re.compile(r"[\w.]*")


def named(key: str, default: Any) -> Any:
    """A field whose name in YAML is no name in Python."""
    return field(default=default, metadata={_KEY: key})


def place() -> Any:
    """A field that holds the line where the value begins; no part of what it says."""
    return field(default=0, compare=False, repr=False, metadata={_KEY: ""})


class Refused(ValueError):
    """What a value's own `check` finds wrong; `where` is the field, empty for all of it."""

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(reason)
        self.where = where


def decode(
    text: str, name: str, kind: type[_T], folder: Path | None = None
) -> tuple[_T, list[str]]:
    """The document as a `kind`, and what its author should know.

    Relative paths of files are taken from `folder`. A `kind` may say more of itself: `check()`
    raises Refused, REFUSALS has reasons by key, IGNORED are keys that have no effect, SHORT is
    the key that may stand for the whole.

    Raises BadFile with all that is wrong.
    """
    root = compose(text, name)
    reader = _Reader(name, folder)
    if root is None or is_null(root):
        root = yaml.MappingNode("tag:yaml.org,2002:map", [], yaml.Mark(name, 0, 0, 0, "", 0))
    try:
        value = reader.value(root, kind, "")
    except RecursionError as error:
        raise BadFile([Problem(name, 1, "", "is nested too deeply")]) from error
    if reader.faults:
        raise BadFile(reader.faults)
    return value, reader.warnings


@cache
def keys(kind: type) -> Mapping[str, tuple[str, Any]]:
    """Of a dataclass: each key of YAML with the field's name and type."""
    hints = get_type_hints(kind, include_extras=True)
    named_fields = ((f.metadata.get(_KEY, f.name), f.name) for f in dataclasses.fields(kind))
    return {key: (name, hints[name]) for key, name in named_fields if key}


@cache
def place_field(kind: type) -> str | None:
    """The field of a dataclass that holds its line."""
    return next((f.name for f in dataclasses.fields(kind) if f.metadata.get(_KEY) == ""), None)


@dataclass
class _Reader:
    name: str
    folder: Path | None
    faults: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _left: int = MAX_NODES
    _merges: Merges = field(default_factory=Merges)

    def fault(self, node: yaml.Node, path: str, reason: str) -> None:
        self.faults.append(Problem(self.name, line_of(node), path, reason))

    def value(self, node: yaml.Node, kind: Any, path: str) -> Any:
        """The value; None where a fault was found."""
        self._left -= 1
        if path.count(".") + path.count("[") > MAX_DEPTH:
            return self.fault(node, path[:100], f"nested more than {MAX_DEPTH} deep")
        if self._left < 0:
            if self._left == -1:
                self.fault(node, path, f"more than {MAX_NODES} values")
            return None
        if get_origin(kind) is Annotated:
            return self._annotated(node, kind, path)
        if get_origin(kind) in (types.UnionType, Union):
            chosen = next(arm for arm in get_args(kind) if arm is not type(None))
            return None if is_null(node) else self.value(node, chosen, path)
        if get_origin(kind) is tuple:
            return self._list(node, get_args(kind)[0], path)
        if get_origin(kind) is dict:
            return self._dict(node, get_args(kind)[1], path)
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            return self._dataclass(node, kind, path)
        return self._plain(node, kind, path)

    def _annotated(self, node: yaml.Node, kind: Any, path: str) -> Any:
        base, how = get_args(kind)[:2]
        if how == FILE:
            text = self._plain(node, base, path)
            return os.path.join(self.folder, text) if text and self.folder else text
        if not isinstance(how, Scalar):
            return self.value(node, base, path)
        if is_null(node):
            return self.fault(node, path, "missing value")
        if not isinstance(node, yaml.ScalarNode):
            return self.fault(node, path, f"expected a single value, found {described(node)}")
        try:
            return how.read(node.value)
        except ValueError as error:
            return self.fault(node, path, str(error))

    def _plain(self, node: yaml.Node, kind: Any, path: str) -> Any:
        if kind is Any:
            return self._anything(node, path)
        if not isinstance(node, yaml.ScalarNode):
            return self.fault(node, path, f"expected a single value, found {described(node)}")
        text: str = node.value
        if kind is str:
            return "" if is_null(node) else text
        if kind is bool:
            if text.lower() not in _TRUTH or node.tag != "tag:yaml.org,2002:bool":
                return self.fault(node, path, f"expected true or false, found {text!r}")
            return _TRUTH[text.lower()]
        try:
            return kind(text.replace("_", "") if node.tag != "tag:yaml.org,2002:str" else "x")
        except ValueError:
            return self.fault(node, path, f"expected a number, found {text!r}")

    def _anything(self, node: yaml.Node, path: str) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._dict(node, Any, path)
        if isinstance(node, yaml.SequenceNode):
            return list(self._list(node, Any, path) or ())
        try:
            return yaml.SafeLoader("").construct_object(node)
        except yaml.YAMLError as error:
            return self.fault(node, path, f"cannot be read: {error}")

    def _list(self, node: yaml.Node, kind: Any, path: str) -> Any:
        if is_null(node):
            return ()
        if not isinstance(node, yaml.SequenceNode):
            return self.fault(node, path, f"expected a list, found {described(node)}")
        return tuple(self.value(n, kind, f"{path}[{at}]") for at, n in enumerate(node.value))

    def _pairs(self, node: yaml.Node, path: str) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """Key, its node and the value's, each key once; the node must be a mapping."""
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, path, f"expected a mapping, found {described(node)}")
            return
        try:
            members = self._merges.members(node)
        except CannotMerge as error:
            self.fault(error.node, path, str(error))
            return
        for key, key_node, value_node, again in members:
            if key is None:
                self.fault(key_node, path, "a key must be a single value")
            elif again:
                self.fault(key_node, _inner(path, key), "is given twice")
            else:
                yield key, key_node, value_node

    def _dict(self, node: yaml.Node, kind: Any, path: str) -> Any:
        if is_null(node):
            return {}
        return {k: self.value(v, kind, _inner(path, k)) for k, _, v in self._pairs(node, path)}

    def _dataclass(self, node: yaml.Node, kind: type, path: str) -> Any:
        if is_null(node):
            node = yaml.MappingNode(node.tag, [], node.start_mark, node.end_mark)
        if (short := getattr(kind, "SHORT", "")) and not isinstance(node, yaml.MappingNode):
            node = _mapping(short, node)
        before, given = len(self.faults), dict[str, Any]()
        places = dict[str, yaml.Node]()
        known = keys(kind)
        for key, key_node, value_node in self._pairs(node, path):
            if key in getattr(kind, "IGNORED", ()):
                where = _inner(path, key)
                self.warnings.append(f"line {line_of(key_node)}: {where}: has no effect here")
            elif key not in known:
                self.fault(key_node, _inner(path, _shown(key)), _unknown(key, kind))
            elif not is_null(value_node):
                name, hint = known[key]
                places[name] = value_node
                given[name] = self.value(value_node, hint, _inner(path, key))
        if len(self.faults) > before:
            return None
        if (line := place_field(kind)) is not None:
            given[line] = line_of(node)
        return self._built(node, kind, path, given, places)

    def _built(
        self,
        node: yaml.Node,
        kind: type,
        path: str,
        given: dict[str, Any],
        places: Mapping[str, yaml.Node],
    ) -> Any:
        missing = [
            f.metadata.get(_KEY, f.name)
            for f in dataclasses.fields(kind)
            if f.name not in given and f.default is f.default_factory is dataclasses.MISSING
        ]
        if missing:
            return self.fault(node, path, f"missing {', '.join(missing)}")
        try:
            built = kind(**given)
            if hasattr(built, "check"):
                built.check()
        except Refused as error:
            place = places.get(error.where, node)
            return self.fault(place, _inner(path, error.where), str(error))
        except ValueError as error:
            return self.fault(node, path, str(error))
        return built


def _mapping(key: str, node: yaml.Node) -> yaml.MappingNode:
    """The long form of what is written short."""
    key_node = yaml.ScalarNode("tag:yaml.org,2002:str", key, node.start_mark, node.end_mark)
    return yaml.MappingNode(node.tag, [(key_node, node)], node.start_mark, node.end_mark)


def _inner(path: str, key: str) -> str:
    return f"{path}.{key}" if path and key else path or key


def _shown(key: str) -> str:
    """Its first word: with a blank left out, a value stands in the key, and may be a secret."""
    word = _WORD.match(key)
    return key if word is None or word[0] == key else f"{word[0]}…"


def _unknown(key: str, kind: type) -> str:
    refusal = getattr(kind, "REFUSALS", {}).get(key)
    if refusal:
        return str(refusal)
    return unknown(key, keys(kind))
