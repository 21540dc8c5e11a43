"""Reading the configuration, so that a mistake is named with its place and the nearest key."""

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

import orjson
import yaml
from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource

from goldeneye.config import ENV_PREFIX, Config
from goldeneye.errors import ConfigurationError
from goldeneye.text_files import text_of

Tree = dict[str, Any]
# What the commands that talk to a server read (goldeneye/cli.py).
CLIENT_VARIABLES = (
    "GOLDENEYE_TOKEN",
    "GOLDENEYE_CA_FILE",
    "GOLDENEYE_CERT_FILE",
    "GOLDENEYE_KEY_FILE",
)
_OPEN_SECTIONS = (
    "alerting.external_labels",
    "storage.promote.attributes",
    "storage.promote.resource_attributes",
)


def load(
    file: Path | None, flags: Mapping[str, Any], environment: Mapping[str, str] = os.environ
) -> Config:
    """The configuration from a YAML file, the environment and flags; the later wins.

    `flags` is a tree of sections like the file's. Raises ConfigurationError, one line a fault.
    """
    text = text_of(file) if file else ""
    tree = _parse(text, file)
    _refuse_unknown_variables(environment)
    merged = _merge(_merge(tree, _from_environment(environment)), flags)
    try:
        return Config.model_validate(merged)
    except ValidationError as error:
        lines = _lines(text)
        raise ConfigurationError(
            "\n".join(_explain(fault, file, lines) for fault in error.errors())
        ) from None


def known_keys(model: type[BaseModel] = Config) -> Iterator[str]:
    """Every key as `section.key`."""
    return (key for key, _ in _known(model))


def _known(model: type[BaseModel] = Config, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every key with the type of its value."""
    for name, field in model.model_fields.items():
        section = _section(field.annotation)
        if section is None:
            yield prefix + name, field.annotation
        else:
            yield from _known(section, f"{prefix}{name}.")


def _section(annotation: Any) -> type[BaseModel] | None:
    candidates = [annotation, *get_args(annotation)]
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)


def _parse(text: str, file: Path | None) -> Tree:
    try:
        tree = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{file}:{line}: is not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{file}: is not YAML: {error}") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigurationError(f"{file}:1: must be a mapping of sections, such as `wal:`")
    _refuse_repeated_keys(text, file)
    return tree


def _refuse_repeated_keys(text: str, file: Path | None) -> None:
    """YAML would forget all but the last."""
    first: dict[str, int] = {}
    for key, line in _keys(text):
        if key in first:
            lines = sorted((first[key], line))
            raise ConfigurationError(f"{file}:{lines[1]}: `{key}` is there twice, see {lines[0]}")
        first[key] = line


def _from_environment(environment: Mapping[str, str]) -> Tree:
    """The variables' tree, with numbers and lists read as pydantic-settings reads them."""

    source = EnvSettingsSource(
        Config,  # type: ignore[arg-type]  # it asks only for fields, which every model has
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
    )
    # As in YAML: `null` turns a receiver off.
    source.env_vars = {
        name.lower(): None if value == "null" else value for name, value in environment.items()
    }
    return source()


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    known = {key: get_origin(kind) for key, kind in _known()}
    for variable in sorted(environment):
        if not variable.startswith(ENV_PREFIX) or variable in CLIENT_VARIABLES:
            continue
        key = variable.removeprefix(ENV_PREFIX).lower().replace("__", ".")
        if known.get(key) in (tuple, dict):
            _refuse_other_than_json(variable, environment[variable])
        if key not in known and not key.startswith(_OPEN_SECTIONS):
            nearest = _nearest(key, known)
            hint = f"; did you mean {_variable(nearest)}?" if nearest else ""
            raise ConfigurationError(f"environment: unknown variable {variable}{hint}")


def _refuse_other_than_json(variable: str, value: str) -> None:
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        raise ConfigurationError(
            f"environment: {variable}: write lists and mappings as JSON, "
            f'such as ["{value}"] or {{"key": "value"}}'
        ) from None


def _variable(key: str) -> str:
    return ENV_PREFIX + key.replace(".", "__").upper()


def _nearest(key: str, known: Iterable[str]) -> str | None:
    found = difflib.get_close_matches(key, list(known), n=1, cutoff=0.5)
    return found[0] if found else None


def _keys_and_sections() -> set[str]:
    """What may stand in a file at any depth."""
    parts = [key.split(".") for key in known_keys()]
    return {".".join(part[:depth]) for part in parts for depth in range(1, len(part) + 1)}


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> Tree:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _explain(fault: Any, file: Path | None, lines: Mapping[str, int]) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    place = f"{file}:{lines[key]}: " if key in lines else ""
    if fault["type"] == "extra_forbidden":
        nearest = _nearest(key, _keys_and_sections())
        return f"{place}unknown key `{key}`" + (f"; did you mean `{nearest}`?" if nearest else "")
    message = fault["msg"].removeprefix("Value error, ")
    return f"{place}{key}: {message} (given: {fault['input']!r})" if key else f"{place}{message}"


def _lines(text: str) -> dict[str, int]:
    """`section.key` -> the line (from 1) that it stands on."""
    return dict(_keys(text))


def _keys(text: str) -> Iterator[tuple[str, int]]:
    """Each `section.key` that is written, with its line."""
    root = yaml.compose(text, Loader=yaml.SafeLoader) if text else None
    stack: list[tuple[str, yaml.Node | None]] = [("", root)]
    # An alias may name what it is in.
    seen = set[int]()
    while stack:
        prefix, node = stack.pop()
        if isinstance(node, yaml.MappingNode) and id(node) not in seen:
            seen.add(id(node))
            for key, value in node.value:
                path = f"{prefix}{key.value}"
                yield path, key.start_mark.line + 1
                stack.append((f"{path}.", value))
