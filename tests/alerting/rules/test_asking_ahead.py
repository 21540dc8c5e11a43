"""Which expressions of a group may be asked before its rules run."""

from collections.abc import Mapping, Sequence

import pytest
from support.rules import Data, samples

from alerting.rules.asking_ahead import asked_ahead, independent
from alerting.rules.definitions import AlertingRule, Group, Promql, RecordingRule
from alerting.rules.querying import Vector
from goldeneye.errors import GoldeneyeError, QueryFailed


def _group(*exprs: str) -> Group:
    alerts = [AlertingRule(f"A{n}", Promql(expr)) for n, expr in enumerate(exprs)]
    return Group("g", (RecordingRule("shop:up", Promql("up")), *alerts))


@pytest.mark.parametrize(
    ("expr", "ahead"),
    [
        ("down == 0", True),
        ('rate(down{job="a"}[5m])', True),
        ("shop:up == 0", False),
        ("sum by (job) (rate(shop:up[5m]))", False),
        ("shop:up:rate5m", True),
        ('{job="a"}', False),
        ('sum({"shop:up"})', False),
        ('down{a="{"}', False),
        ('{__name__=~"shop.*"}', False),
        ('ALERTS{alertname="A0"}', False),
    ],
)
def test_what_a_rule_may_read_of_its_group_is_asked_in_its_turn(expr: str, ahead: bool) -> None:
    assert independent(_group(expr)) == (["up", expr] if ahead else ["up"])


class Many(Data):
    """Answers several at once."""

    def __init__(self, answers: Mapping[str, Vector | GoldeneyeError]) -> None:
        super().__init__()
        self._answers = answers
        self.at_once: list[Sequence[str]] = []

    def instants(self, exprs: Sequence[str], at_ms: int) -> Mapping[str, Vector | GoldeneyeError]:
        self.at_once.append(exprs)
        return self._answers


def test_answers_are_those_that_were_asked_ahead() -> None:
    one = samples(({"job": "a"}, 1.0))
    many = Many({"up": one, "a": QueryFailed("too many samples")})
    querier = asked_ahead(many, _group("a", "b"), 1_000)
    assert many.at_once == [["up", "a", "b"]]
    assert querier.instant("up", 1_000) == one
    with pytest.raises(QueryFailed, match="too many samples"):
        querier.instant("a", 1_000)
    assert many.asked == []
    querier.instant("b", 1_000)
    querier.instant("up", 2_000)
    assert many.asked == [("b", 1_000), ("up", 2_000)]


def test_of_few_nothing_is_asked_ahead() -> None:
    many, one = Many({}), Data()
    assert asked_ahead(many, _group("shop:up"), 0) is many
    assert asked_ahead(one, _group("a", "b"), 0) is one
