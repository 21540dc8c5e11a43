"""Random spans that call one another, or say so."""

import random
from dataclasses import dataclass
from typing import Any

from support.called_spans import MS, span
from support.fake_decoder import START_NS

MIDDLE_NS = START_NS - 1_800_000 * MS
WEIGHTS = {"": 1.0, "ot=th:8": 2.0, "ot=th:c": 4.0}
_KINDS = ("client", "client", "server", "server", "producer", "consumer", "internal")
_PEERS = ({}, {}, {"server.address": "far"}, {"peer.service": "b"}, {"db.system": "mysql"})


@dataclass
class Made:
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
        return WEIGHTS[self.state]

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


def random_calls(rng: random.Random, traces: int = 8) -> list[Made]:
    """Within ten minutes of MIDDLE_NS."""
    made: list[Made] = []
    for number in range(150):
        trace = f"t{rng.randrange(traces)}"
        own = [one.name for one in made if one.trace == trace]
        others = [(one.trace, one.name) for one in made] or [("t", "s")]
        kind = rng.choice(_KINDS)
        links = rng.choices(others, k=rng.randrange(3)) if kind == "consumer" else []
        made.append(
            Made(
                f"s{number}",
                trace,
                rng.choice(["", "lost", *own]),
                kind,
                rng.choice("abc"),
                MIDDLE_NS + rng.randrange(-600, 600) * 1000 * MS,
                rng.random() < 0.3,
                rng.choice(list(WEIGHTS)),
                links,
                rng.choice(_PEERS),
            )
        )
    return made
