"""Maps of random spans against a plain model, which looks at each span after the other."""

import random
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.backend import backend, spans_request
from support.called_spans import MS, id_of
from support.random_calls import MIDDLE_NS, Made, random_calls

from goldeneye import limits


def _model(
    spans: list[Made], start_ns: int, end_ns: int, traces: Collection[str] | None = None
) -> dict[str, Counter[Any]]:
    """With `traces` only of the calls of those."""
    counts: Counter[Any] = Counter()
    errors: Counter[Any] = Counter()

    def add(client: str, server: str, kind: str, weight: float, failed: bool) -> None:
        counts[client, server, kind] += weight  # type: ignore[assignment]
        errors[client, server, kind] += weight * failed  # type: ignore[assignment]

    for one in spans:
        if not start_ns <= one.at_ns < end_ns or not (traces is None or one.trace in traces):
            continue
        peer = one.attributes.get("peer.service") or one.attributes.get("server.address")
        if one.kind in ("client", "producer"):
            if "db.system" in one.attributes:
                add(one.service, "mysql", "database", one.weight, one.error)
                continue
            answers = _answers(one, spans, start_ns, end_ns)
            for other, weight in answers:
                message = one.kind == "producer" or other.kind == "consumer"
                kind = "messaging_system" if message else ""
                add(one.service, other.service, kind, weight, one.error or other.error)
            if not answers and peer:
                kind = "messaging_system" if one.kind == "producer" else "virtual_node"
                add(one.service, peer, kind, one.weight, one.error)
        elif one.kind == "server" and not one.parent:
            caller = one.attributes.get("peer.service", "user")
            add(caller, one.service, "virtual_node", one.weight, one.error)
        elif one.kind == "consumer" and not one.parent and not one.links:
            kind = "messaging_system" if peer else "virtual_node"
            add(peer or "user", one.service, kind, one.weight, one.error)
    return {"count": counts, "error_count": errors}


def _answers(one: Made, spans: list[Made], start_ns: int, end_ns: int) -> list[tuple[Made, float]]:
    reach_ns = 300_000 * MS
    found = []
    for other in spans:
        if other.kind not in ("server", "consumer"):
            continue
        if not start_ns - reach_ns <= other.at_ns < end_ns + reach_ns:
            continue
        linked = one.kind == "producer" and (one.trace, one.name) in other.links
        if (other.trace, other.parent) == (one.trace, one.name) or (
            linked and other.trace == one.trace
        ):
            found.append((other, max(one.weight, other.weight)))
        elif linked:
            found.append((other, one.weight * other.weight))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_as_the_model_says(tmp_path: Path, seed: int) -> None:
    spans = random_calls(random.Random(seed))
    start_ns, end_ns = MIDDLE_NS - 200_000 * MS, MIDDLE_NS + 150_000 * MS
    with backend(tmp_path) as whole:
        for number, one in enumerate(spans):
            whole.send(spans_request([one.message()], one.service))
            if number == len(spans) // 2:
                whole.flush()
        params = {"start": start_ns / 1e9, "end": end_ns / 1e9}
        found = whole.get("/api/v1/service-map", params)["edges"]
    expected = _model(spans, start_ns, end_ns)
    for name, values in expected.items():
        seen = {(one["client"], one["server"], one["connection_type"]): one[name] for one in found}
        assert seen == dict(values), name
    assert len(found) > 5


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("by_file", [True, False], ids=["by file", "by one join"])
def test_of_some_traces_as_the_model_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, by_file: bool
) -> None:
    """Of a quarter of them, times four."""
    spans = random_calls(random.Random(seed), traces=24)
    monkeypatch.setattr(limits, "MAX_MAP_SPANS", len(spans) - 1)
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 1 if by_file else 10**6)
    start_ns, end_ns = MIDDLE_NS - 400_000 * MS, MIDDLE_NS + 400_000 * MS
    with backend(tmp_path) as whole:
        for part in (spans[:50], spans[50:100], spans[100:]):
            whole.flush()
            whole.send(*(spans_request([one.message()], one.service) for one in part))
        params = {"start": start_ns / 1e9, "end": end_ns / 1e9}
        answer = whole.get("/api/v1/service-map", params)
    assert answer["trace_share"] == 0.25
    kept = {trace for trace in {one.trace for one in spans} if _hash(trace) % 4 == 0}
    for name, values in _model(spans, start_ns, end_ns, kept).items():
        expected = {edge: value * 4 for edge, value in values.items()}
        seen = {
            (one["client"], one["server"], one["connection_type"]): one[name]
            for one in answer["edges"]
        }
        assert seen == expected, name
    assert len(answer["edges"]) > 2


def _hash(trace: str) -> int:
    found = duckdb.execute("SELECT hash($1)", [id_of(trace, 16).hex()]).fetchall()
    return int(found[0][0])
