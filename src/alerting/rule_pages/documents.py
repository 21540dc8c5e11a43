"""Groups of rules that are made by the API."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from alerting.engine.engine import Engine
from alerting.engine.planned import API
from alerting.made_by_api import Making
from alerting.rules.definitions import Group
from alerting.rules.loading import Checks, load
from goldeneye.errors import InvalidRequest

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
    return _only(group_text(body), checks)


def read(body: str, checks: Checks) -> tuple[str, str]:
    """The name of the group, and its text. Raises as `checked`."""
    text = group_text(body)
    return _only(text, checks).name, text


def known(engine: Engine) -> list[tuple[str, str]]:
    """The names of all groups, and their files."""
    groups = (running.planned.group for running in engine.rules.running)
    return [(group.name, group.file) for group in groups]


GROUPS: Final = Making("rules", "group", read, known, frozenset({"export"}))


def exported(documents: Mapping[str, str]) -> str:
    """All of them as one rule file."""
    groups = [one for text in documents.values() for one in yaml.safe_load(text)["groups"]]
    return yaml.safe_dump({"groups": groups}, sort_keys=False, allow_unicode=True)


def _only(text: str, checks: Checks) -> Group:
    groups = load(text, API, checks)
    if len(groups) != 1:
        raise InvalidRequest(f"one group is expected, {len(groups)} are given")
    return groups[0]


def _dumped(group: Mapping[str, Any]) -> str:
    return yaml.safe_dump({"groups": [dict(group)]}, sort_keys=False, allow_unicode=True)
