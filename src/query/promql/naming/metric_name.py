"""Metric names: what a family is called, before `_bucket`, `_sum` and `_count`."""

import re
from functools import lru_cache
from typing import Final

from query.promql.naming.metric_kind import Kind
from query.promql.naming.strategy import Strategy
from query.promql.naming.units import escaped_unit_words, unit_words

_FOREIGN: Final = re.compile(r"[^a-zA-Z0-9:_]+", re.ASCII)
_SEPARATORS: Final = re.compile(r"[^a-zA-Z0-9:]+", re.ASCII)


@lru_cache(maxsize=65_536)
def metric_name(
    name: str, unit: str, kind: Kind, strategy: Strategy, namespace: str = ""
) -> str | None:
    """The name in Prometheus; None where it has none, as of `@#$`, which it refuses to take."""
    if not strategy.escapes:
        prefixed = f"{namespace}_{name}" if namespace else name
        if strategy.adds_suffixes:
            prefixed = _with_suffixes(prefixed, unit, kind)
        return prefixed or None
    if strategy.adds_suffixes:
        escaped = _from_tokens(name, unit, kind, namespace)
    else:
        escaped = _joined([_escaped(part) for part in (namespace, name) if part])
    if escaped != name and not escaped.strip("_"):
        return None
    return escaped or None


def _from_tokens(name: str, unit: str, kind: Kind, namespace: str) -> str:
    """Suffixes that the name has anywhere are not repeated; type suffixes move to the end."""
    tokens = [token for token in _SEPARATORS.split(name) if token]
    main, per = escaped_unit_words(unit)
    present = set(tokens)
    tokens += [word for word in (main, per) if word and word not in present]
    for suffix in _type_suffixes(unit, kind):
        tokens = [token for token in tokens if token != suffix] + [suffix]
    if namespace:
        tokens.insert(0, _escaped(namespace))
    return _joined(tokens)


def _with_suffixes(name: str, unit: str, kind: Kind) -> str:
    main, per = unit_words(unit)
    suffixes = [*([per] if per else []), *_type_suffixes(unit, kind)]
    for suffix in reversed(suffixes):
        name = _trimmed(name, suffix)
    if main and not name.endswith(main):
        name = f"{name}_{main}"
    return "_".join([name, *suffixes])


def _type_suffixes(unit: str, kind: Kind) -> list[str]:
    if kind == "counter":
        return ["total"]
    return ["ratio"] if kind == "gauge" and unit == "1" else []


def _trimmed(name: str, suffix: str) -> str:
    """Without the suffix and the character before it, whichever that is: Prometheus does so."""
    if name.endswith(suffix) and len(name) > len(suffix) + 1:
        return name[: -len(suffix) - 1]
    return name


def _escaped(text: str) -> str:
    return "_".join(part for part in _FOREIGN.split(text) if part)


def _joined(tokens: list[str]) -> str:
    joined = "_".join(tokens)
    return f"_{joined}" if joined[:1].isdigit() else joined
