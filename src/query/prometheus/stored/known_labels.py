"""Names and values of labels, from the columns in which series are remembered."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from query.prometheus.reader import Reader
from query.prometheus.stored.families import Named, families, of_name
from query.prometheus.stored.made import made_labels
from query.prometheus.stored.series import held, ids_of
from query.prometheus.stored.span import Span
from query.prometheus.stored.wanted import LATE_LABELS, by_late_label
from query.promql.labels import METRIC_NAME
from query.promql.naming.families import Part
from query.promql.tree import Matcher


@dataclass
class _Found:
    """What series that match have; `named` are the names of those."""

    texts: set[str] = field(default_factory=set)
    named: set[Named] = field(default_factory=set)


def known_values(reader: Reader, span: Span, matchers: Sequence[Matcher], label: str) -> set[str]:
    """Of a label that series have themselves, or that is the name, of series that match and had
    points on the days of the range. Matchers are of no label that only points tell."""
    found = _found(reader, span, matchers, label)
    made = made_labels(reader, span, matchers, label)
    if label == METRIC_NAME:
        found.texts = {one.name for one in found.named}
    return found.texts | {value for one in made for name, value in one if name == label}


def known_names(reader: Reader, span: Span, matchers: Sequence[Matcher]) -> set[str]:
    """As `known_values`, the names of all labels."""
    found = _found(reader, span, matchers, None)
    late = {LATE_LABELS[one.part] for one in found.named if one.part in LATE_LABELS}
    own = found.texts | late | ({METRIC_NAME} if found.named else set())
    return own | {name for one in made_labels(reader, span, matchers) for name, _ in one}


def _found(reader: Reader, span: Span, matchers: Sequence[Matcher], label: str | None) -> _Found:
    """The values of the label, or the names of all."""
    found = _Found()
    known = of_name(families(reader, span), matchers)
    named = [one for one in known if one.part is not Part.EXEMPLARS]
    names = {one.family.name for one in named}
    ids = ids_of(reader, span, names)
    for memory, some in held(reader, span, names, ids, len(ids)):
        for own, early in by_late_label(named, matchers):
            families_ = frozenset(one.family for one in own)
            chosen = some[memory.of_families(some, families_) & memory.passing(some, early)]
            found.texts |= memory.names(chosen) if label is None else memory.values(chosen, label)
            having = memory.families(chosen)
            found.named |= {one for one in own if one.family in having}
    return found
