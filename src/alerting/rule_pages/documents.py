"""Groups of rules that are made by the API: checked whole, kept, and in force at once."""

from collections.abc import Mapping
from typing import Any

import yaml

from alerting.engine.engine import Engine
from alerting.engine.planned import API
from alerting.rules.definitions import Group
from alerting.rules.loading import Checks, load
from goldeneye.errors import InvalidRequest, NotFound

_RULE_NAMES = ("alert", "record")


def group_text(body: str) -> str:
    """A body as the text of a rule file: a file, a group, or one rule, in YAML or JSON.

    Raises InvalidRequest.
    """
    try:
        given = yaml.safe_load(body)
    except yaml.YAMLError as error:
        raise InvalidRequest(f"the body is no YAML and no JSON: {error}") from error
    if not isinstance(given, dict):
        raise InvalidRequest("the body is no group of rules, and no rule")
    if "groups" in given:
        return body
    if "rules" not in given:
        name = next((given[key] for key in _RULE_NAMES if key in given), None)
        if name is None:
            raise InvalidRequest("the body has none of `groups`, `rules`, `alert` and `record`")
        given = {"name": name, "rules": [given]}
    return _dumped(given)


def checked(body: str, checks: Checks) -> Group:
    """The one group that the body is. Raises InvalidRequest and ConfigurationError."""
    groups = load(group_text(body), API, checks)
    if len(groups) != 1:
        raise InvalidRequest(f"one group is expected, {len(groups)} are given")
    return groups[0]


def create(engine: Engine, body: str) -> str:
    """The new group's name.

    Raises InvalidRequest, ConfigurationError with all faults, and StorageUnavailable.
    """
    group = checked(body, engine.checks)
    if any(known.planned.group.name == group.name for known in engine.rules.running):
        raise InvalidRequest(f"there is a group {group.name!r} already")
    _keep(engine, group.name, group_text(body))
    return group.name


def change(engine: Engine, name: str, body: str) -> str:
    """The group's name. What is known of rules that stay goes on.

    Raises as `create`, and NotFound.
    """
    _own(engine, name)
    group = checked(body, engine.checks)
    if group.name != name:
        raise InvalidRequest(f"the group is called {group.name!r} in the body, not {name!r}")
    _keep(engine, name, group_text(body))
    return name


def delete(engine: Engine, name: str) -> None:
    """Its alerts end. Raises NotFound, InvalidRequest and StorageUnavailable."""
    _own(engine, name)
    engine.change(lambda kept: kept.forget("rules", name))


def exported(documents: Mapping[str, str]) -> str:
    """All of them as one rule file."""
    groups = [one for text in documents.values() for one in yaml.safe_load(text)["groups"]]
    return yaml.safe_dump({"groups": groups}, sort_keys=False, allow_unicode=True)


def _keep(engine: Engine, name: str, text: str) -> None:
    engine.change(lambda kept: kept.keep("rules", name, text))


def _own(engine: Engine, name: str) -> None:
    if name in engine.documents.all("rules"):
        return
    for known in engine.rules.running:
        if known.planned.group.name == name:
            raise InvalidRequest(
                f"the group {name!r} is changed where it stands: {known.planned.group.file}"
            )
    raise NotFound(f"there is no group {name!r}")


def _dumped(group: Mapping[str, Any]) -> str:
    return yaml.safe_dump({"groups": [dict(group)]}, sort_keys=False, allow_unicode=True)
