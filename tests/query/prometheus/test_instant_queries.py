"""Instant queries as rules ask them: many in one job of a worker."""

import math
from collections.abc import Iterator

import pytest
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.metric_requests import (
    CUMULATIVE,
    exponential,
    exponential_buckets,
    gauge,
    metric_request,
    point,
)

from goldeneye.errors import QueryFailed
from query.pool import Cancellation
from query.prometheus.instant_queries import InstantAnswer, InstantQueries, InstantQuery
from query.promql.errors import PromqlError
from query.promql.native.histogram import Histogram

START_MS = START_NS // 10**6


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """One host in files, one hot."""
    took = exponential_buckets(START_NS, 0, 0, (2, 4))
    took.sum = 9.0
    with backend(tmp_path_factory.mktemp("data")) as made:
        made.send(metric_request(exponential("took", [took], CUMULATIVE)))
        for host, value in (("a", 1.0), ("b", math.inf)):
            made.send(metric_request(gauge("load", [point(START_NS, value, host=host)], "")))
            if host == "a":
                made.flush()
        yield made


def _answers(whole: Backend, *queries: InstantQuery) -> list[InstantAnswer | PromqlError]:
    return InstantQueries(whole.service).answers(queries)


def _samples(answer: InstantAnswer | PromqlError) -> dict[str, float]:
    assert isinstance(answer, InstantAnswer)
    assert answer.samples is not None
    return {one.labels.get("host", ""): one.value for one in answer.samples}


def test_each_has_its_answer_or_its_error(whole: Backend) -> None:
    vector, scalar, wrong, twice, text = _answers(
        whole,
        InstantQuery("load > 0", START_MS),
        InstantQuery("1 / 0", START_MS),
        InstantQuery("load[", START_MS),
        InstantQuery("load + on (job) load", START_MS),
        InstantQuery('"text"', START_MS),
    )
    assert _samples(vector) == {"a": 1.0, "b": math.inf}
    assert _samples(scalar) == {"": math.inf}
    assert isinstance(wrong, PromqlError)
    assert (wrong.kind, str(wrong).startswith("1:6: parse error")) == ("bad_data", True)
    assert isinstance(twice, PromqlError)
    assert (twice.kind, "duplicate series" in str(twice)) == ("execution", True)
    assert isinstance(text, PromqlError)
    assert str(text) == "rule result is not a vector or scalar"


def test_labels_have_the_name(whole: Backend) -> None:
    answer = InstantQueries(whole.service).instant('load{host="a"}', START_MS)
    assert answer.samples is not None
    assert [dict(one.labels) for one in answer.samples] == [
        {"__name__": "load", "host": "a", "job": "shop", "service_name": "shop"}
    ]


def test_what_a_condition_was_decided_for(whole: Backend) -> None:
    present, absent = _answers(
        whole,
        InstantQuery("load > 5", START_MS, present=True),
        InstantQuery("absent(load)", START_MS, present=True),
    )
    assert _samples(present) == {"a": 1.0, "b": math.inf}
    assert isinstance(absent, InstantAnswer)
    assert absent.samples is None


def test_each_has_its_time(whole: Backend) -> None:
    now, before = _answers(
        whole, InstantQuery("load", START_MS), InstantQuery("load", START_MS - 1)
    )
    assert (len(_samples(now)), len(_samples(before))) == (2, 0)


def test_warnings_come_along(whole: Backend) -> None:
    (warned,) = _answers(whole, InstantQuery("quantile(2, load)", START_MS))
    assert isinstance(warned, InstantAnswer)
    assert "quantile value should be between 0 and 1" in warned.warnings[0]


def test_native_histograms_stay_what_they_are(whole: Backend) -> None:
    answer = InstantQueries(whole.service).instant("took_seconds * 2", START_MS)
    assert answer.samples is not None
    (one,) = answer.samples
    assert one.value == 0.0
    assert isinstance(one.histogram, Histogram)
    assert (one.histogram.count, one.histogram.sum) == (12.0, 18.0)
    assert one.histogram.positive == {1: 4.0, 2: 8.0}


def test_one_alone_raises(whole: Backend) -> None:
    with pytest.raises(QueryFailed, match="1:6: parse error"):
        InstantQueries(whole.service).instant("load[", START_MS)


def test_a_cancelled_job_says_so(whole: Backend) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(QueryFailed, match="cancelled"):
        InstantQueries(whole.service).instant("load", START_MS, cancellation)
