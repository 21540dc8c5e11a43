"""Series as the test language writes them: `name{label="v"} 1 2+3x4 _ stale {{sum:1}}x2`."""

import re
from dataclasses import dataclass
from typing import Any

from query.promql.errors import PromqlError
from query.promql.labels import METRIC_NAME, Labels, from_mapping
from query.promql.native.histogram import Histogram
from query.promql.parsing.tokens import unquoted
from query.promql.samples import STALE
from query.promql.testing.histograms import histogram, sequence

_STRING = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`'
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_PAIR = re.compile(
    rf"\s*(?:([a-zA-Z_][a-zA-Z0-9_]*|{_STRING})\s*=\s*({_STRING})|({_STRING}))\s*(?:,|(?=\}}))"
)
_NUMBER = r"(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[iI][nN][fF]|[nN][aA][nN])"
_FLOATS = re.compile(rf"([+-]?{_NUMBER})(?:([+-])({_NUMBER}))?(?:x(\d+))?")
_HISTOGRAMS = re.compile(r"\{\{(.*?)\}\}(?:([+-])\{\{(.*?)\}\})?(?:x(\d+))?")
_BLANKS = re.compile(r"_(?:x(\d+))?")

Sample = float | Histogram | None


class BadNotation(PromqlError):
    """A line that is no series, no duration or no command."""


@dataclass(frozen=True, slots=True)
class Described:
    """One line: a series and its samples, None where there is none."""

    labels: Labels
    values: list[Sample]


def described(line: str) -> Described:
    """Read one line. Raises BadNotation."""
    labels, rest = _labels(line.strip())
    return Described(labels, values(rest))


def _labels(line: str) -> tuple[Labels, str]:
    pairs: dict[str, str] = {}
    match = _NAME.match(line)
    at = match.end() if match else 0
    if match:
        pairs[METRIC_NAME] = match.group()
    if line[at : at + 1] != "{" or line[at : at + 2] == "{{":
        return from_mapping(pairs), line[at:]
    at += 1
    while line[at:].lstrip()[:1] != "}":
        pair = _PAIR.match(line, at)
        if pair is None:
            raise BadNotation(f"no labels: {line}")
        name, value, quoted_name = pair.groups()
        if quoted_name:
            pairs[METRIC_NAME] = unquoted(quoted_name)
        else:
            pairs[unquoted(name) if name[0] in "\"'`" else name] = unquoted(value)
        at = pair.end()
    return from_mapping(pairs), line[line.index("}", at) + 1 :]


def values(text: str) -> list[Sample]:
    """The samples of one series. Raises BadNotation."""
    found: list[Sample] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        samples, at = _item(text, at)
        if at < len(text) and not text[at].isspace():
            raise BadNotation(f"no samples: {text[at:]}")
        found += samples
    return found


def _item(text: str, at: int) -> tuple[list[Any], int]:
    if text.startswith("stale", at):
        return [STALE], at + len("stale")
    blank = _BLANKS.match(text, at)
    if blank:
        return [None] * int(blank.group(1) or 1), blank.end()
    native = _HISTOGRAMS.match(text, at)
    if native:
        base, sign, step, times = native.groups()
        first, added = histogram(base), histogram(step) if step is not None else None
        return sequence(first, added, sign == "-", int(times or 0)), native.end()
    number = _FLOATS.match(text, at)
    if number is None:
        raise BadNotation(f"no samples: {text[at:]}")
    base, sign, step, times = number.groups()
    rise = float(step) * (-1 if sign == "-" else 1) if step is not None else 0.0
    return _rising(float(base), rise, int(times or 0)), number.end()


def _rising(value: float, added: float, times: int) -> list[float]:
    found = [value]
    for _ in range(times):
        value += added
        found.append(value)
    return found


_UNITS_MS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}
_PART = re.compile(r"(\d+)(ms|[smhdwy])")


def milliseconds(text: str) -> int:
    """A duration such as `1h30m`, or seconds as a number. Raises BadNotation."""
    sign, body = (-1, text[1:]) if text.startswith("-") else (1, text)
    if re.fullmatch(r"(?:\d+(?:ms|[smhdwy]))+", body):
        return sign * sum(int(number) * _UNITS_MS[unit] for number, unit in _PART.findall(body))
    try:
        return sign * round(float(body) * 1000)
    except ValueError:
        raise BadNotation(f"no duration: {text}") from None
