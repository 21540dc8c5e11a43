"""Labels as sent."""

import pytest

from goldeneye.errors import InvalidRequest
from query.promql.remote_write.labels import (
    checked_labels,
    checked_text,
    exemplar_labels,
    lenient_text,
)

NAME = ("__name__", "m")


def test_labels_are_sorted_and_the_empty_left_out() -> None:
    labels = checked_labels([("b", "2"), NAME, ("c", ""), ("a", "1")])
    assert list(labels.items()) == [NAME, ("a", "1"), ("b", "2")]


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("a", "1")], 'invalid metric name or labels, got {a="1"}'),
        ([], "invalid metric name or labels, got {}"),
        ([("__name__", "")], 'invalid metric name or labels, got {__name__=""}'),
        ([NAME, ("", "x")], 'invalid metric name or labels, got {="x", __name__="m"}'),
        (
            [NAME, ("a", lenient_text(b"\xff"))],
            'invalid metric name or labels, got {__name__="m", a="�"}',
        ),
        (
            [NAME, (lenient_text(b"\xed\xa0\x80"), "x")],
            'invalid metric name or labels, got {__name__="m", ���="x"}',
        ),
        (
            [NAME, ("a", "1"), ("b", "3"), ("a", "2")],
            'invalid labels for series, labels {__name__="m", a="1", a="2", b="3"}, '
            "duplicated label a",
        ),
        (
            [NAME, NAME],
            'invalid labels for series, labels {__name__="m", __name__="m"}, '
            "duplicated label __name__",
        ),
    ],
)
def test_what_prometheus_refuses(pairs: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked_labels(pairs)
    assert str(refused.value) == said


def test_a_refusal_is_never_long() -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked_labels([("a", "x" * 100_000)])
    assert len(str(refused.value)) < 1_100


def test_any_text_in_utf8_may_be_a_label() -> None:
    labels = {"__name__": "http.größe", "größe 🜁": "\x00\ud7ff"}
    assert checked_labels(labels.items()) == labels


def test_exemplars_and_texts() -> None:
    broken = lenient_text(b"a\xfe")
    assert exemplar_labels([("trace_id", "1")]) == {"trace_id": "1"}
    assert checked_text("é", "help") == "é"
    with pytest.raises(InvalidRequest, match="exemplar"):
        exemplar_labels([("a", broken)])
    with pytest.raises(InvalidRequest, match="help is not valid UTF-8"):
        checked_text(broken, "help")
