"""`goldeneye check` of rule files."""

import sys
from pathlib import Path

import yaml

from alerting.rules.loading import duplicates, load
from goldeneye.rule_queries import CHECKS
from goldeneye.text_files import text_of


def has_key(file: Path, key: str) -> bool:
    """Whether its first document has `key` at the top. Raises ConfigurationError."""
    try:
        document = next(iter(yaml.compose_all(text_of(file), yaml.SafeLoader)), None)
    except yaml.YAMLError:
        return False
    if not isinstance(document, yaml.MappingNode):
        return False
    return any(found.value == key for found, _ in document.value)


def is_rule_file(file: Path) -> bool:
    """Whether it has `groups`. Raises ConfigurationError."""
    return has_key(file, "groups")


def check_rules(file: Path) -> None:
    """Warn of rules that are there twice. Raises ConfigurationError."""
    for rule in duplicates(load(text_of(file), str(file), CHECKS)):
        print(
            f"{file}:{rule.line}: warning: {rule.name} is there twice with the same labels",
            file=sys.stderr,
        )
