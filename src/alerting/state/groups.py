"""The states of groups of rules, as the last evaluation left them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from alerting.rules.definitions import (
    AlertingRule,
    Burn,
    Expression,
    Group,
    LogSearch,
    Promql,
    RecordingRule,
    Rule,
    Sql,
    kind_of,
)
from alerting.rules.group import Health, RuleState
from alerting.rules.instance import Key
from alerting.rules.saving import instance, plain
from alerting.rules.thresholds import Threshold
from alerting.state.database import Database

# Of what is no longer evaluated only the kind is told.
_OTHERS: Final[Mapping[str, Expression]] = {
    kind_of(one): one for one in (Sql(""), LogSearch("", 0, Threshold(">", 0.0)), Burn("", "", ""))
}


@dataclass(frozen=True, slots=True)
class SavedGroup:
    """A group with what identifies its rules, which is not all that they say."""

    group: Group
    states: tuple[RuleState, ...]
    evaluated_at_ns: int


class GroupStates:
    """One row a group."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[SavedGroup]:
        """Raises StorageUnavailable."""
        return [
            _saved(file, name, evaluated_at_ns, json.loads(rules))
            for file, name, evaluated_at_ns, rules in self._database.rows("select_groups")
        ]

    def save(self, group: Group, states: Sequence[RuleState], evaluated_at_ns: int) -> None:
        """Raises StorageUnavailable."""
        rules = [_plain(rule, state) for rule, state in zip(group.rules, states, strict=True)]
        values = (group.file, group.name, evaluated_at_ns, json.dumps(rules))
        self._database.write("replace_group", values)

    def forget(self, group: Group) -> None:
        """Raises StorageUnavailable."""
        self._database.write("delete_group", (group.file, group.name))


def _plain(rule: Rule, state: RuleState) -> dict[str, Any]:
    return {
        "record" if isinstance(rule, RecordingRule) else "alert": rule.name,
        "kind": kind_of(rule.expression),
        "query": rule.expression.text if isinstance(rule.expression, Promql) else "",
        "labels": dict(rule.labels),
        "instances": [plain(one) for one in state.instances.values()],
        "written": list(state.written),
        "health": str(state.health),
        "error": state.error,
        "evaluated_at_ns": state.evaluated_at_ns,
        "template_errors": state.template_errors,
    }


def _saved(
    file: str, name: str, evaluated_at_ns: int, rules: Sequence[Mapping[str, Any]]
) -> SavedGroup:
    group = Group(name, tuple(_rule(rule) for rule in rules), file)
    return SavedGroup(group, tuple(_state(rule) for rule in rules), evaluated_at_ns)


def _rule(saved: Mapping[str, Any]) -> Rule:
    promql = Promql(saved.get("query", ""))
    expression = _OTHERS.get(saved.get("kind", "promql"), promql)
    if "record" in saved:
        return RecordingRule(saved["record"], expression, saved["labels"])
    return AlertingRule(saved["alert"], expression, labels=saved["labels"])


def _state(saved: Mapping[str, Any]) -> RuleState:
    instances = [instance(one) for one in saved["instances"]]
    return RuleState(
        instances={one.key: one for one in instances},
        written=frozenset(_key(key) for key in saved["written"]),
        health=Health(saved["health"]),
        error=saved["error"],
        evaluated_at_ns=saved["evaluated_at_ns"],
        template_errors=saved["template_errors"],
    )


def _key(saved: Sequence[Sequence[str]]) -> Key:
    return tuple((name, value) for name, value in saved)
