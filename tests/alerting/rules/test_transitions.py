"""What becomes of an alert, minute by minute."""

from support.rules import FAILURE, MINUTE_NS, Timeline, alert, samples

from alerting.rules.definitions import Unknown

HIT = samples(({"__name__": "x", "job": "a"}, 2.0))


def test_without_for_it_fires_at_once() -> None:
    line = Timeline(alert())
    assert line.at(0, HIT) == ["firing"]
    assert line.told == [("inactive", "firing", "condition_met")]
    assert line.instances[0].labels == {"alertname": "A", "job": "a"}
    assert line.at(1) == ["firing"]
    assert line.told == []


def test_it_fires_when_it_held_exactly_long_enough() -> None:
    line = Timeline(alert(hold_ns=2 * MINUTE_NS))
    assert [line.at(0, HIT), line.at(1), line.at(2)] == [["pending"], ["pending"], ["firing"]]
    assert line.told == [("pending", "firing", "held_long_enough")]
    assert line.instances[0].active_at_ns == 0
    assert line.instances[0].fired_at_ns == 2 * MINUTE_NS


def test_a_pending_alert_that_disappears_is_forgotten() -> None:
    line = Timeline(alert(hold_ns=2 * MINUTE_NS))
    line.at(0, HIT)
    assert line.at(1, []) == []
    assert line.told == [("pending", "inactive", "condition_ended")]
    assert line.at(2, HIT) == ["pending"]
    assert line.instances[0].active_at_ns == 2 * MINUTE_NS


def test_a_resolved_alert_is_kept_for_a_quarter_of_an_hour() -> None:
    line = Timeline(alert())
    line.at(0, HIT)
    assert line.at(1, []) == ["resolved"]
    assert line.told == [("firing", "resolved", "condition_ended")]
    assert line.at(16) == ["resolved"]
    assert line.at(17) == []
    assert line.told == []


def test_a_resolved_alert_that_comes_back_starts_anew() -> None:
    line = Timeline(alert(hold_ns=MINUTE_NS))
    line.at(0, HIT)
    line.at(1)
    line.at(2, [])
    assert line.at(3, HIT) == ["pending"]
    assert line.told == [("resolved", "pending", "condition_met")]


def test_it_keeps_firing_from_the_first_miss_and_a_hit_clears_that() -> None:
    line = Timeline(alert(keep_firing_ns=2 * MINUTE_NS))
    line.at(0, HIT)
    assert [line.at(1, []), line.at(2)] == [["firing"], ["firing"]]
    line.at(2.5, HIT)
    assert [line.at(3, []), line.at(4), line.at(5)] == [["firing"], ["firing"], ["resolved"]]
    assert line.told == [("firing", "resolved", "kept_firing_long_enough")]


def test_pending_alerts_are_not_kept_firing() -> None:
    line = Timeline(alert(hold_ns=MINUTE_NS, keep_firing_ns=9 * MINUTE_NS))
    line.at(0, HIT)
    assert line.at(0.5, []) == []


def test_a_longer_for_takes_a_firing_alert_back() -> None:
    line = Timeline(alert(hold_ns=MINUTE_NS))
    line.at(0, HIT)
    line.at(1)
    longer = Timeline(alert(hold_ns=5 * MINUTE_NS))
    longer.states = line.states
    assert longer.at(2, HIT) == ["pending"]
    assert longer.told == [("firing", "pending", "for_was_extended")]


def test_two_series_of_one_label_set_are_an_error_that_changes_nothing() -> None:
    line = Timeline(alert(labels={"job": "all"}))
    line.at(0, HIT)
    both = samples(({"job": "a"}, 1.0), ({"job": "b"}, 1.0))
    assert line.at(1, both) == ["error"]
    assert "same labelset after applying alert labels" in line.states[0].error
    assert line.at(2, HIT) == ["firing"]
    assert line.told == [("error", "firing", "data_is_back")]


def test_more_alerts_than_the_limit_drop_all() -> None:
    line = Timeline(alert(), limit=1)
    assert line.at(0, HIT) == ["firing"]
    both = samples(({"job": "a"}, 1.0), ({"job": "b"}, 1.0))
    assert line.at(1, both) == []
    assert line.states[0].error == "exceeded limit of 1 with 2 alerts"
    assert line.told == [("firing", "inactive", "limit_exceeded")]


def test_a_missing_series_resolves_unless_the_rule_says_otherwise() -> None:
    for choice, shown in ((Unknown.RESOLVE, "resolved"), (Unknown.KEEP, "no_data")):
        line = Timeline(alert(no_data=choice))
        line.data.decided = [{"job": "a"}]
        line.at(0, HIT)
        line.data.decided = []
        assert line.at(1, []) == [shown]


def test_a_condition_that_ended_resolves_though_no_data_would_keep() -> None:
    line = Timeline(alert(no_data=Unknown.KEEP))
    line.at(0, HIT)
    line.data.decided = [{"job": "a"}]
    assert line.at(1, []) == ["resolved"]
    assert line.told == [("firing", "resolved", "condition_ended")]


def test_no_data_is_told_once_and_so_is_its_end() -> None:
    line = Timeline(alert(no_data=Unknown.KEEP))
    line.at(0, HIT)
    line.data.decided = []
    line.at(1, [])
    assert line.told == [("firing", "no_data", "data_missing")]
    assert line.states[0].health == "no_data"
    line.at(2)
    assert line.told == []
    assert line.at(3, HIT) == ["firing"]
    assert line.told == [("no_data", "firing", "data_is_back")]


def test_kept_alerts_do_not_go_on_while_nothing_is_known() -> None:
    line = Timeline(alert(no_data=Unknown.KEEP, hold_ns=2 * MINUTE_NS))
    line.at(0, HIT)
    line.data.decided = []
    assert line.at(3, []) == ["no_data"]
    assert line.instances[0].state == "pending"


def test_where_no_data_fires_alerts_go_on_without_it() -> None:
    line = Timeline(alert(no_data=Unknown.FIRE, hold_ns=2 * MINUTE_NS))
    line.data.decided = [{"job": "a"}]
    line.at(0, HIT)
    line.data.decided = []
    line.at(2, [])
    assert line.instances[0].state == "firing"
    assert line.told == [("pending", "no_data", "held_long_enough")]


def test_where_no_data_fires_the_rule_itself_raises_an_alert() -> None:
    line = Timeline(alert(no_data=Unknown.FIRE, labels={"severity": "page"}))
    line.data.decided = []
    assert line.at(0, []) == ["no_data"]
    assert line.instances[0].labels == {"alertname": "A", "severity": "page", "gap": "no_data"}
    assert line.told == [("inactive", "no_data", "data_missing")]
    assert line.at(1) == ["no_data"]
    line.data.decided = [{"job": "a"}]
    assert line.at(2) == ["resolved"]


def test_whether_data_is_there_may_be_unknowable() -> None:
    line = Timeline(alert(no_data=Unknown.FIRE))
    line.at(0, HIT)
    line.data.decided = None
    assert line.at(1, []) == ["resolved"]


def test_an_error_keeps_alerts_and_their_clocks() -> None:
    line = Timeline(alert(hold_ns=2 * MINUTE_NS))
    line.at(0, HIT)
    assert line.at(1, FAILURE) == ["error"]
    assert line.told == [("pending", "error", "query_failed")]
    assert line.events[0].detail == "the query failed"
    assert line.states[0].health == "error"
    assert line.at(2, HIT) == ["firing"]


def test_an_error_may_resolve() -> None:
    line = Timeline(alert(error=Unknown.RESOLVE))
    line.at(0, HIT)
    assert line.at(1, FAILURE) == ["resolved"]
    assert line.told == [("firing", "resolved", "query_failed")]


def test_an_error_may_fire() -> None:
    line = Timeline(alert(error=Unknown.FIRE, hold_ns=MINUTE_NS))
    assert line.at(0, FAILURE) == ["error"]
    line.at(1)
    assert line.told == [("error", "error", "held_long_enough")]
    assert line.instances[0].labels == {"alertname": "A", "gap": "error"}
    assert line.at(2, []) == ["resolved"]
