"""`goldeneye test route LABELS`: who would be told of an alert, and by which route."""

import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from alerting.engine.configured import shipped
from alerting.matching.matcher import Operator, written
from alerting.matching.parse import parse_matchers
from alerting.routing.configuration import Configuration, load_file
from alerting.routing.route import Route
from goldeneye.commands.check_rules import has_key
from goldeneye.config_file import load
from goldeneye.errors import ConfigurationError


def show_routes(
    labels: Sequence[str], config: Path | None, tree: bool, expected: str | None = None
) -> int:
    """Print each receiver with its route; 1 where others than the `expected` ones are told."""
    configuration = _configuration(config)
    for warning in configuration.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    alert = _labels(labels)
    matching = configuration.route.matches(alert)
    if tree:
        print(*_drawn(configuration.route, {route.id for route in matching}), sep="\n")
    else:
        width = max(len(route.options.receiver) for route in matching)
        for route in matching:
            print(f"{route.options.receiver:{width}}  {route.key}")
    found = [route.options.receiver for route in matching]
    if expected is None or found == [name.strip() for name in expected.split(",")]:
        return 0
    print(f"expected {expected}, found {','.join(found)}", file=sys.stderr)
    return 1


def _configuration(file: Path | None) -> Configuration:
    """An Alertmanager's file, or the one that Goldeneye's configuration names."""
    if file is not None and has_key(file, "route"):
        return load_file(file)
    named = load(file, {}).alerting.alertmanager_config
    return shipped() if named is None else load_file(named)


def _labels(texts: Sequence[str]) -> dict[str, str]:
    """Of `name=value` and `{name="value", …}`. Raises ConfigurationError."""
    labels = dict[str, str]()
    for text in texts:
        try:
            matchers, _ = parse_matchers(text)
        except ValueError as error:
            raise ConfigurationError(f"{text}: {error}") from None
        for matcher in matchers:
            if matcher.operator is not Operator.EQUAL:
                raise ConfigurationError(f"{text}: a label is written name=value")
            labels[matcher.name] = matcher.value
    return labels


def _drawn(root: Route, matching: Collection[str]) -> Iterator[str]:
    """A line for each route; those that take the alert are marked."""
    yield _line("", root, matching)
    yield from _below("", root, matching)


def _below(indent: str, route: Route, matching: Collection[str]) -> Iterator[str]:
    for child in route.routes:
        last = child is route.routes[-1]
        yield _line(f"{indent}{'└── ' if last else '├── '}", child, matching)
        yield from _below(f"{indent}{'    ' if last else '│   '}", child, matching)


def _line(indent: str, route: Route, matching: Collection[str]) -> str:
    goes_on = "  continue: true" if route.continues else ""
    mark = "  <- told" if route.id in matching else ""
    return f"{indent}{written(route.matchers)}{goes_on}  receiver: {route.options.receiver}{mark}"
