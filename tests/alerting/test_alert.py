"""What a report says of an alert, and what a newer one makes of it."""

from alerting.alert import Alert, Status, merged, overall_status, received

TIMEOUT_NS = 300


def _report(starts: int, ends: int, updated: int, *, timeout: bool = False) -> Alert:
    return Alert({"a": "b"}, {}, starts, ends, "", updated, timeout)


def test_a_report_without_times_starts_now_and_ends_after_the_timeout() -> None:
    alert = received(Alert({"a": "b", "empty": ""}), 1000, TIMEOUT_NS)
    assert (alert.starts_at_ns, alert.ends_at_ns, alert.timeout) == (1000, 1300, True)
    assert alert.labels == {"a": "b"}
    assert alert.status(1299) is Status.FIRING
    assert alert.status(1300) is Status.RESOLVED


def test_a_report_of_an_end_starts_no_later() -> None:
    alert = received(Alert({"a": "b"}, ends_at_ns=500), 1000, TIMEOUT_NS)
    assert (alert.starts_at_ns, alert.ends_at_ns, alert.timeout) == (500, 500, False)


def test_an_end_to_come_is_not_said() -> None:
    assert _report(0, 20, 0).as_of(10).ends_at_ns == 0
    assert _report(0, 10, 0).as_of(10).ends_at_ns == 10


def test_reports_that_overlap_keep_the_first_start() -> None:
    alert = merged(_report(10, 400, 100, timeout=True), _report(90, 490, 190, timeout=True), 190)
    assert (alert.starts_at_ns, alert.ends_at_ns) == (10, 490)


def test_an_end_that_was_told_outranks_a_timeout() -> None:
    told, timed_out = _report(10, 900, 100), _report(20, 500, 150, timeout=True)
    assert merged(told, timed_out, 150).ends_at_ns == 900


def test_a_resolution_ends_it() -> None:
    alert = merged(_report(10, 900, 100), _report(10, 150, 150), 150)
    assert alert.status(150) is Status.RESOLVED


def test_reports_of_different_times_replace_each_other() -> None:
    assert merged(_report(10, 20, 10), _report(100, 200, 100), 100).starts_at_ns == 100
    assert merged(None, _report(100, 200, 100), 100).starts_at_ns == 100


def test_all_are_resolved_where_none_fires() -> None:
    assert overall_status([_report(0, 5, 0), _report(0, 0, 0)], 10) is Status.FIRING
    assert overall_status([_report(0, 5, 0)], 10) is Status.RESOLVED
