"""What a question may take: its memory, its time, and as long as somebody waits."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.metric_requests import gauge, metric_request, point

from goldeneye.errors import QueryFailed
from query.pool import Cancellation
from query.prometheus.asking import Question, ask
from query.promql.errors import PromqlError

START_S = START_NS // 10**9
# It looks at the time between its steps only: nothing but SIGKILL ends it early.
LONG = "quantile_over_time(0.5, vector(1)[3h:10ms]) + " * 150 + "1"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as made:
        made.send(metric_request(gauge("up", [point(START_NS, 1.0)], "")))
        yield made


def _up(whole: Backend) -> int:
    found = whole.get("/prometheus/api/v1/query", {"query": "up", "time": START_S})
    return len(found["data"]["result"])


def _ask(whole: Backend, query: str, cancellation: Cancellation | None = None) -> bytes:
    pairs = [("query", query), ("time", str(START_S))]
    question = Question("query", {"pairs": pairs})
    return ask(whole.service, question, cancellation or Cancellation())[0]


def test_too_much_memory_is_too_many_samples(whole: Backend) -> None:
    with pytest.raises(PromqlError, match="would load too many samples into memory") as raised:
        _ask(whole, "count_over_time(vector(1)[1y:1ms])")
    assert raised.value.kind == "execution"
    assert _up(whole) == 1


def test_the_deadline_ends_it(whole: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = whole.service._settings
    monkeypatch.setattr(whole.service, "_settings", replace(settings, timeout_s=0.5))
    with pytest.raises(PromqlError, match="query timed out in expression evaluation") as raised:
        _ask(whole, LONG)
    assert raised.value.kind == "timeout"
    monkeypatch.undo()
    assert _up(whole) == 1


def test_a_cancelled_question_ends_at_once(whole: Backend) -> None:
    cancellation = Cancellation()
    timer = threading.Timer(0.2, cancellation.cancel)
    timer.start()
    with pytest.raises(QueryFailed, match="cancelled"):
        _ask(whole, LONG, cancellation)
    timer.join()
    assert _up(whole) == 1
