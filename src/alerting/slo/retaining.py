"""Whether minutes, and the data that they are counted of, are kept for as long as windows last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from alerting.slo.lengths import length_text
from alerting.slo.model import (
    BadRatio,
    GoodRatio,
    Indicator,
    Promql,
    RawRatio,
    Slo,
    Source,
    Spans,
    Threshold,
)
from alerting.slo.span_filter import is_of_rollups
from goldeneye.errors import ConfigurationError

_DAY: Final = 1_440


@dataclass(frozen=True)
class Kept:
    """For how many minutes: of SLOs, and of the tables that they are counted of."""

    slo: int = 400 * _DAY
    spans: int = 30 * _DAY
    metrics: int = 90 * _DAY
    rollups: int = 400 * _DAY


def check(slos: Sequence[Slo], kept: Kept) -> list[str]:
    """What its author should know of an SLO whose past cannot be counted as a whole at first.

    Raises ConfigurationError, a line for each SLO whose window outlasts its own minutes.
    """
    faults = [
        f"{_place(slo)}: the window of {slo.name} is longer than retention.slo "
        f"({length_text(kept.slo)}): its beginning would be forgotten"
        for slo in slos
        if slo.window.minutes > kept.slo
    ]
    if faults:
        raise ConfigurationError("\n".join(faults))
    return [warning for slo in slos for warning in _warnings(slo, kept)]


def _warnings(slo: Slo, kept: Kept) -> Iterator[str]:
    lengths = dict(_kept_of(source, kept) for source in sources(slo.indicator))
    for setting, minutes in lengths.items():
        if setting and slo.window.minutes > minutes:
            yield (
                f"{_place(slo)}: the window of {slo.name} is longer than {setting} "
                f"({length_text(minutes)}): while it is new, only so much of its past is counted"
            )


def _kept_of(source: Source, kept: Kept) -> tuple[str, int]:
    """The setting, and its minutes; nobody knows what a statement reads."""
    if isinstance(source, Promql):
        return "retention.metrics", kept.metrics
    if not isinstance(source, Spans):
        return "", 0
    if is_of_rollups(source.filter):
        return "retention.rollups", kept.rollups
    return "retention.spans", kept.spans


def sources(of: Indicator) -> tuple[Source, ...]:
    """All that an indicator asks."""
    match of:
        case GoodRatio(part, total) | BadRatio(part, total):
            return part, total
        case RawRatio(source) | Threshold(source):
            return (source,)


def _place(slo: Slo) -> str:
    return f"{slo.place.file}:{slo.place.line}"
