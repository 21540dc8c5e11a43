"""Rule files: Prometheus's format, strictly, with two more kinds of expression."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from alerting.documents.entry import Entry
from alerting.documents.reading import Reading
from alerting.durations import MILLISECOND_NS, SECOND_NS, duration_ns
from alerting.rules.definitions import (
    AlertingRule,
    Expression,
    Group,
    LogSearch,
    Promql,
    RecordingRule,
    Rule,
    Sql,
    Unknown,
)
from alerting.rules.thresholds import Threshold, threshold
from alerting.templates.errors import TemplateError
from alerting.templates.rules import check

METRIC_NAME: Final = "__name__"
_FILE: Final = frozenset({"groups"})
_GROUP: Final = frozenset({"name", "interval", "limit", "query_offset", "labels", "rules"})
_KINDS: Final = ("expr", "sql", "log")
_ONLY_ALERTS: Final = ("annotations", "for", "keep_firing_for", "no_data", "error")
_RULE: Final = frozenset({"record", "alert", "labels", *_KINDS, *_ONLY_ALERTS})
_LOG: Final = frozenset({"search", "window", "threshold", "by"})
_LOG_WINDOW_NS: Final = 300 * SECOND_NS

# Raises ValueError with the reason where a text is no query of its language.
Check = Callable[[str], object]


def unchecked(text: str) -> object:
    """Whatever is written will do."""
    return text


@dataclass(frozen=True, slots=True)
class Checks:
    """Who reads the languages that are not ours."""

    promql: Check
    sql: Check = unchecked
    log: Check = unchecked


def load(text: str, file: str, checks: Checks, ignore_unknown: bool = False) -> tuple[Group, ...]:
    """The groups of a file. Raises BadFile with all that is wrong."""
    reading = Reading(file, ignore_unknown)
    document = reading.document(text)
    fields = reading.fields(document, _FILE) if document else {}
    loader = _Loader(reading, checks)
    groups = tuple(loader.group(place) for place in reading.items(fields.get("groups")))
    reading.finish()
    return groups


def duplicates(groups: tuple[Group, ...]) -> list[Rule]:
    """Rules of which an earlier one has the same name and labels; legal, but rarely meant."""
    seen, found = set[tuple[object, ...]](), list[Rule]()
    for rule in (rule for group in groups for rule in group.rules):
        key = (type(rule), rule.name, *sorted(rule.labels.items()))
        if key in seen:
            found.append(rule)
        seen.add(key)
    return found


class _Loader:
    """Reads groups and rules, noting what is wrong."""

    def __init__(self, reading: Reading, checks: Checks) -> None:
        self._reading = reading
        self._checks = checks
        self._groups = set[str]()

    def group(self, place: Entry) -> Group:
        read = self._reading
        fields = read.fields(place, _GROUP)
        labels = self._labels(fields.get("labels"))
        limit = read.integer(fields.get("limit"))
        return Group(
            name=self._group_name(place, fields),
            rules=tuple(self.rule(item, labels) for item in read.items(fields.get("rules"))),
            file=read.file,
            interval_ns=read.duration(fields.get("interval")),
            limit=limit,
            query_offset_ns=read.duration(fields.get("query_offset")),
            line=place.line,
        )

    def _group_name(self, place: Entry, fields: Mapping[str, Entry]) -> str:
        name = self._reading.text(fields.get("name"))
        where = fields.get("name", place)
        if not name:
            self._reading.fault(where, "a group must have a name")
        elif name in self._groups:
            self._reading.fault(where, f"the group {name!r} is there twice")
        self._groups.add(name)
        return name

    def rule(self, place: Entry, inherited: Mapping[str, str]) -> Rule:
        read = self._reading
        fields = read.fields(place, _RULE)
        alert, record = read.text(fields.get("alert")), read.text(fields.get("record"))
        if bool(alert) == bool(record):
            read.fault(place, "exactly one of 'record' and 'alert' must be set")
        expression = self._expression(place, fields)
        labels = dict(sorted({**inherited, **self._labels(fields.get("labels"))}.items()))
        if record:
            self._only_alerts(fields)
            self._record_name(fields["record"], record)
            return RecordingRule(record, expression, labels, place.line)
        self._templates(alert, fields)
        return self._alerting(place, alert, fields, expression, labels)

    def _alerting(
        self,
        place: Entry,
        name: str,
        fields: Mapping[str, Entry],
        expression: Expression,
        labels: Mapping[str, str],
    ) -> AlertingRule:
        read = self._reading
        annotations = read.texts(fields.get("annotations"))
        if "" in annotations:
            read.fault(fields["annotations"], "invalid annotation name: it is empty")
        return AlertingRule(
            name=name,
            expression=expression,
            hold_ns=read.duration(fields.get("for")),
            keep_firing_ns=read.duration(fields.get("keep_firing_for")),
            labels=labels,
            annotations=annotations,
            no_data=self._choice(fields.get("no_data"), Unknown.RESOLVE),
            error=self._choice(fields.get("error"), Unknown.KEEP),
            line=place.line,
        )

    def _choice(self, place: Entry | None, otherwise: Unknown) -> Unknown:
        text = self._reading.text(place)
        if place is None:
            return otherwise
        if text not in list(Unknown):
            self._reading.fault(place, f"must be one of {', '.join(Unknown)}")
            return otherwise
        return Unknown(text)

    def _expression(self, place: Entry, fields: Mapping[str, Entry]) -> Expression:
        given = [kind for kind in _KINDS if kind in fields]
        if len(given) != 1:
            reason = "exactly one of 'expr', 'sql' and 'log' must be set"
            self._reading.fault(fields[given[1]] if given else place, reason)
            return Promql("")
        if given == ["log"]:
            return self._log(fields["log"])
        where = fields[given[0]]
        text = self._reading.text(where)
        check_text = self._checks.promql if given == ["expr"] else self._checks.sql
        self._query(where, text, check_text)
        return Promql(text) if given == ["expr"] else Sql(text)

    def _query(self, place: Entry, text: str, check_text: Check) -> None:
        if not text.strip():
            self._reading.fault(place, "must not be empty")
            return
        try:
            check_text(text)
        except ValueError as error:
            self._reading.fault(place, f"could not parse expression: {error}")

    def _log(self, place: Entry) -> LogSearch:
        read = self._reading
        fields = read.fields(place, _LOG)
        search = read.text(fields.get("search"))
        self._query(fields.get("search", place), search, self._checks.log)
        if "threshold" not in fields:
            read.fault(place, "must have a threshold, such as '> 10'")
        window = fields.get("window")
        window_ns = _LOG_WINDOW_NS if window is None else read.converted(window, duration_ns)
        if window is not None and window_ns == 0:
            read.fault(window, "must be longer than 0")
        return LogSearch(
            search=search,
            window_ns=window_ns or _LOG_WINDOW_NS,
            threshold=read.converted(fields.get("threshold"), threshold) or Threshold(">", 0),
            by=tuple(read.text(item) for item in read.items(fields.get("by"))),
        )

    def _labels(self, place: Entry | None) -> Mapping[str, str]:
        labels = self._reading.texts(place)
        if place is not None:
            for name in labels:
                if not name or name == METRIC_NAME:
                    self._reading.fault(place, f"invalid label name: {name!r}")
        return labels

    def _only_alerts(self, fields: Mapping[str, Entry]) -> None:
        for name in _ONLY_ALERTS:
            if name in fields and not self._is_nothing(fields[name]):
                self._reading.fault(fields[name], f"invalid field {name!r} in recording rule")

    def _is_nothing(self, place: Entry) -> bool:
        """Prometheus takes `for: 0s` and `annotations: {}` of recording rules for not set."""
        value = place.node.value
        if not isinstance(value, str):
            return not value
        try:
            return duration_ns(value) < MILLISECOND_NS
        except ValueError:
            return False

    def _record_name(self, place: Entry, name: str) -> None:
        if "{" in name or "}" in name:
            self._reading.fault(
                place, f"braces in the name {name!r}; do they belong into the expression?"
            )

    def _templates(self, alert: str, fields: Mapping[str, Entry]) -> None:
        for kind in ("labels", "annotations"):
            place = fields.get(kind)
            entries = self._reading.mapping(place) if place is not None else {}
            for value in entries.values():
                try:
                    check(self._reading.text(value), f"__alert_{alert}")
                except TemplateError as error:
                    self._reading.fault(value, str(error))
