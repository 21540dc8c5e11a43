"""Texts that no UTF-8 has are refused where they are written, and hold nothing up after it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from support.alert_engine import KeptLake, alert_engine
from support.rules import samples

from alerting.state.outbox import LakeTable, Line
from goldeneye.errors import ConfigurationError

DOWN = samples(({"job": "a"}, 0.0))
RULE = "groups: [{{name: g, rules: [{{alert: Down, expr: up == 0, {more}}}]}}]"


@pytest.mark.parametrize("place", ["labels", "annotations"])
def test_half_a_character_is_refused_by_its_line(tmp_path: Path, place: str) -> None:
    rules = RULE.format(more=f'{place}: {{x: "a\\uD800"}}')
    refused = pytest.raises(ConfigurationError, match=r"rules.yml:1: half of a character is no")
    with refused, alert_engine(tmp_path, rules):
        pass


def test_a_template_makes_no_half_of_a_character(tmp_path: Path) -> None:
    rules = RULE.format(more="annotations: {x: '{{ printf \"%c\" 55296 }}'}")
    with alert_engine(tmp_path, rules) as bench:
        bench.at(5, DOWN)
        (line,) = bench.lake.tables["alert_events"]
        assert line["annotations"] == '{"x":"\ufffd"}'


class StrictLake(KeptLake):
    def write(self, rows: Mapping[LakeTable, Sequence[Line]]) -> None:
        if any(line["rule"] == "Odd" for line in rows.get("alert_events", ())):
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        super().write(rows)


def test_a_row_that_cannot_be_stored_keeps_no_other_waiting(tmp_path: Path) -> None:
    rules = RULE.format(more="labels: {a: b}").replace("]}]", ", {alert: Odd, expr: up == 0}]}]")
    with alert_engine(tmp_path, rules) as bench:
        bench.lake = StrictLake()
        bench.restart()
        bench.at(5, DOWN)
        assert [line["rule"] for line in bench.lake.tables["alert_events"]] == ["Down"]
        assert bench.engine.outbox.first(10) == []
