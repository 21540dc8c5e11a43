"""Alertmanager's configuration, read whole or not at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from alerting.documents.decode import decode
from alerting.documents.dump import dump
from alerting.labels import Labels
from alerting.routing.inhibition import Rule
from alerting.routing.receivers.receiver import Receiver
from alerting.routing.resolve import resolved
from alerting.routing.route import Options, Route, child_key
from alerting.routing.spec import ALL_LABELS, ConfigSpec, RouteSpec
from alerting.routing.time_intervals import Interval
from goldeneye.errors import ConfigurationError
from goldeneye.text_files import text_of


@dataclass(frozen=True)
class Configuration:
    """Everything that routing needs to know; `shown` is the document without its secrets."""

    route: Route
    receivers: Mapping[str, Receiver]
    inhibit_rules: tuple[Rule, ...]
    time_intervals: Mapping[str, tuple[Interval, ...]]
    # Patterns of file names.
    templates: tuple[str, ...]
    resolve_timeout_ns: int
    shown: str
    warnings: tuple[str, ...]

    def receivers_of(self, labels: Labels) -> tuple[str, ...]:
        """The names of who is told of an alert, in the tree's order."""
        return tuple(route.options.receiver for route in self.route.matches(labels))

    def template_files(self) -> tuple[Path, ...]:
        """Those that are there now."""
        return tuple(file for pattern in self.templates for file in _glob(pattern))


def load_file(path: Path) -> Configuration:
    """Raises ConfigurationError: file, line, field and reason of each fault."""
    return load(text_of(path), str(path), path.parent)


def load(text: str, name: str, folder: Path | None = None) -> Configuration:
    """Raises ConfigurationError, as `load_file` does; `name` stands for the file."""
    spec, warnings = decode(text, name, ConfigSpec, folder)
    faults = [f"{name}:{line}: {reason}" for line, reason in _contradictions(spec)]
    receivers = dict[str, Receiver]()
    for receiver in spec.receivers:
        try:
            receivers[receiver.name] = resolved(receiver, spec.global_)
        except ValueError as error:
            faults.append(f"{name}:{receiver.line}: receivers: {receiver.name}: {error}")
    if faults or spec.route is None:
        raise ConfigurationError("\n".join(faults))
    warnings.extend(_matcher_warnings(spec))
    return Configuration(
        route=_tree(spec.route, None, 0),
        receivers=receivers,
        inhibit_rules=tuple(
            Rule(rule.source, rule.target, rule.equal, rule.name) for rule in spec.inhibit_rules
        ),
        time_intervals={
            named.name: tuple(each.interval for each in named.time_intervals)
            for named in (*spec.mute_time_intervals, *spec.time_intervals)
        },
        templates=spec.templates,
        resolve_timeout_ns=spec.global_.resolve_timeout,
        shown=dump(spec),
        warnings=tuple(warnings),
    )


def _glob(pattern: str) -> list[Path]:
    path = Path(pattern)
    return sorted(path.parent.glob(path.name)) if path.name else []


def _contradictions(spec: ConfigSpec) -> Iterator[tuple[int, str]]:
    """What only shows when the parts are seen together: line and reason."""
    names = set[str]()
    for receiver in spec.receivers:
        if receiver.name in names:
            yield receiver.line, f"receivers: name {receiver.name!r} is not unique"
        names.add(receiver.name)
    intervals = set[str]()
    for named in (*spec.mute_time_intervals, *spec.time_intervals):
        if named.name in intervals:
            yield named.line, f"time_intervals: name {named.name!r} is not unique"
        intervals.add(named.name)
    if spec.route is None:
        yield 1, "route: no route provided in config"
        return
    yield from _root_faults(spec.route)
    for path, route in _walk(spec.route, "route"):
        if route.receiver and route.receiver not in names:
            yield route.line, f"{path}.receiver: undefined receiver {route.receiver!r}"
        for name in (*route.mute_time_intervals, *route.active_time_intervals):
            if name not in intervals:
                yield route.line, f"{path}: undefined time interval {name!r}"


def _root_faults(root: RouteSpec) -> Iterator[tuple[int, str]]:
    if not root.receiver:
        yield root.line, "route.receiver: root route must specify a default receiver"
    if root.conditions:
        yield root.line, "route: root route must not have any matchers"
    if root.continues:
        yield root.line, "route.continue: cannot have continue in root route"
    for name in ("mute_time_intervals", "active_time_intervals"):
        if getattr(root, name):
            yield root.line, f"route.{name}: root route must not have any"


def _walk(route: RouteSpec, path: str) -> Iterator[tuple[str, RouteSpec]]:
    yield path, route
    for index, child in enumerate(route.routes):
        yield from _walk(child, f"{path}.routes[{index}]")


def _matcher_warnings(spec: ConfigSpec) -> Iterator[str]:
    lists = [route.matchers for _, route in _walk(spec.route or RouteSpec(), "")]
    lists += [
        m for rule in spec.inhibit_rules for m in (rule.source_matchers, rule.target_matchers)
    ]
    return (parsed.warning for matchers in lists for parsed in matchers if parsed.warning)


def _tree(spec: RouteSpec, parent: Route | None, index: int) -> Route:
    """The node with what it inherits, and all below it."""
    above = parent.options if parent else Options(spec.receiver)
    by_all = ALL_LABELS in spec.group_by
    options = Options(
        receiver=spec.receiver or above.receiver,
        group_by=(frozenset(spec.group_by) if not by_all else frozenset())
        if spec.group_by
        else above.group_by,
        group_by_all=by_all if spec.group_by else above.group_by_all,
        group_wait_ns=_given(spec.group_wait, above.group_wait_ns),
        group_interval_ns=_given(spec.group_interval, above.group_interval_ns),
        repeat_interval_ns=_given(spec.repeat_interval, above.repeat_interval_ns),
        mute_time_intervals=spec.mute_time_intervals,
        active_time_intervals=spec.active_time_intervals,
    )
    matchers = spec.conditions
    key = child_key(parent.key, matchers) if parent else "{}"
    node = Route(
        options,
        matchers,
        spec.continues,
        key=key,
        id=f"{child_key(parent.id, matchers)}/{index}" if parent else "{}",
        line=spec.line,
    )
    children = tuple(_tree(child, node, at) for at, child in enumerate(spec.routes))
    return replace(node, routes=children)


def _given(own: int | None, inherited: int) -> int:
    return inherited if own is None else own
