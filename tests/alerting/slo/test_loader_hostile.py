"""Whatever stands in a document's fields, it loads or it is a fault of the file."""

import copy
from collections.abc import Iterator
from typing import Any, Final

import pytest
import yaml

from alerting.slo.loader import load
from goldeneye.errors import ConfigurationError
from tests.support.slo_documents import NATIVE, OPENSLO

ODD: Final[tuple[Any, ...]] = (
    None,
    "",
    "x",
    -1,
    0,
    10**400,
    True,
    1.5,
    "9" * 400 + "s",
    "0." + "9" * 400,
    "\udcff",
    [],
    [[]],
    {},
    {"x": None},
    {"name": {"name": 1}},
)
CALENDAR = NATIVE.replace(
    "window: 30d",
    "window: {calendar: 1M, start: 2026-01-01 00:00:00, time_zone: UTC}\n"
    "    timeslices: {target: 95, window: 5m}\n"
    "    minimum_bad_events: 5\n"
    "    exclusions:\n"
    "      - {start: 2026-01-01T00:00:00Z, end: 2026-01-01T01:00:00Z}\n"
    "      - {weekdays: [sat], from: '22:00', to: '06:00', time_zone: UTC}\n"
    "    alerts: [{severity: page, windows: [1h, 5m], budget_percent: 2, for: 2m}]\n",
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inside: Any = ()
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in inside:
        yield from _paths(inner, (*path, key))


def _with(value: Any, path: tuple[Any, ...], odd: Any) -> str:
    whole = copy.deepcopy(value)
    at = whole
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = odd
    return yaml.safe_dump(whole)


@pytest.mark.parametrize("text", [OPENSLO, NATIVE, CALENDAR], ids=["openslo", "short", "calendar"])
def test_odd_values_anywhere(text: str) -> None:
    document = yaml.safe_load(text)
    load({"slo.yaml": yaml.safe_dump(document)})
    faults = [_fault(_with(document, path, odd)) for path in _paths(document) for odd in ODD]
    named = [fault for fault in faults if fault is not None]
    assert len(named) > 100
    assert all(fault.startswith("slo.yaml:") for fault in named)


def _fault(text: str) -> str | None:
    try:
        load({"slo.yaml": text})
    except ConfigurationError as fault:
        return str(fault)
    return None
