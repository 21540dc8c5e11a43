"""Labels of exemplars."""

from query.promql.naming.exemplar_labels import exemplar_labels

TRACE, SPAN = "a" * 32, "b" * 16


def test_ids_and_attributes_as_named() -> None:
    assert exemplar_labels(TRACE, SPAN, {"user.id": 7, "on": True}) == {
        "trace_id": TRACE,
        "span_id": SPAN,
        "user.id": "7",
        "on": "true",
    }
    assert exemplar_labels(None, None, {}) == {}


def test_attributes_that_are_too_long_are_left_out() -> None:
    room = 128 - len("trace_id") - 32 - len("key")
    assert exemplar_labels(TRACE, None, {"key": "x" * room})["key"] == "x" * room
    assert exemplar_labels(TRACE, None, {"key": "x" * (room + 1)}) == {"trace_id": TRACE}
