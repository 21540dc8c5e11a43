"""Maps of random spans against a plain model, which looks at each span after the other."""

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.backend import backend, spans_request
from support.called_spans import MS, span
from support.fake_decoder import START_NS

_KINDS = ("client", "client", "server", "server", "producer", "consumer", "internal")
_WEIGHTS = {"": 1.0, "ot=th:8": 2.0, "ot=th:c": 4.0}
_PEERS = ({}, {}, {"server.address": "far"}, {"peer.service": "b"}, {"db.system": "mysql"})
_START_NS = START_NS - 1_800_000 * MS


@dataclass
class _Made:
    """One span, with what the model needs of it."""

    name: str
    trace: str
    parent: str
    kind: str
    service: str
    at_ns: int
    error: bool
    state: str
    links: list[tuple[str, str]]
    attributes: dict[str, str]

    @property
    def weight(self) -> float:
        return _WEIGHTS[self.state]

    def message(self) -> Any:
        return span(
            self.kind,
            self.name,
            self.parent,
            self.trace,
            self.at_ns,
            error=self.error,
            links=self.links,
            trace_state=self.state,
            **self.attributes,
        )


def _spans(rng: random.Random) -> list[_Made]:
    made: list[_Made] = []
    for number in range(150):
        trace = f"t{rng.randrange(8)}"
        own = [one.name for one in made if one.trace == trace]
        others = [(one.trace, one.name) for one in made] or [("t", "s")]
        kind = rng.choice(_KINDS)
        links = rng.choices(others, k=rng.randrange(3)) if kind == "consumer" else []
        made.append(
            _Made(
                f"s{number}",
                trace,
                rng.choice(["", "lost", *own]),
                kind,
                rng.choice("abc"),
                _START_NS + rng.randrange(-600, 600) * 1000 * MS,
                rng.random() < 0.3,
                rng.choice(list(_WEIGHTS)),
                links,
                rng.choice(_PEERS),
            )
        )
    return made


def _model(spans: list[_Made], start_ns: int, end_ns: int) -> dict[str, Counter[Any]]:
    counts: Counter[Any] = Counter()
    errors: Counter[Any] = Counter()

    def add(client: str, server: str, kind: str, weight: float, failed: bool) -> None:
        counts[client, server, kind] += weight  # type: ignore[assignment]
        errors[client, server, kind] += weight * failed  # type: ignore[assignment]

    for one in spans:
        if not start_ns <= one.at_ns < end_ns:
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


def _answers(
    one: _Made, spans: list[_Made], start_ns: int, end_ns: int
) -> list[tuple[_Made, float]]:
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
    spans = _spans(random.Random(seed))
    start_ns, end_ns = _START_NS - 200_000 * MS, _START_NS + 150_000 * MS
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
