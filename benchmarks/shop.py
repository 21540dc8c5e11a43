"""The services of a shop and what they do for a request: trees of calls that traces.py repeats."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Value = str | int | float | bool

# Placeholders of the two attributes of high cardinality: replaced in place, so of fixed length.
USER: Final = "user-{:07d}"
REQUEST: Final = "{:012d}"

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5
SERVICES: Final = (
    *("frontend", "gateway", "cart", "catalogue", "checkout", "payment", "shipping", "search"),
    *("recommendation", "account", "inventory", "pricing", "currency", "email", "reviews", "ads"),
    *("fraud", "invoice", "loyalty", "tax", "warehouse", "images", "coupons", "audit"),
)
_VERBS: Final = ("GET", "GET", "GET", "POST", "PUT", "DELETE")
_STACK: Final = "".join(
    f'  File "/app/shop/{name}.py", line {40 + number}, in {name}\n    return await call(request)\n'
    for number, name in enumerate(("routes", "service", "client", "transport"))
)


@dataclass(frozen=True)
class Call:
    """One span of a tree. `parent` is its place in the tree, -1 for the root."""

    parent: int
    service: str
    instance: int
    name: str
    kind: int
    start_ns: int
    duration_ns: int
    failed: bool
    attributes: Mapping[str, Value]


@dataclass(frozen=True)
class _Operation:
    """What one service does when asked; `calls` are the services' operations that it asks."""

    service: str
    route: str
    verb: str
    mean_ns: float
    calls: tuple["_Operation", ...]
    queries: tuple[str, ...]


class Shop:
    """Sixty ways in, of skewed popularity, each with a tree of its own."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        self._entries = [_operation(rng, SERVICES[n % 2], 0) for n in range(60)]
        self._weights = [1 / (rank + 1) ** 1.1 for rank in range(60)]

    def trace(self, rng: random.Random) -> list[Call]:
        """The spans of one request, parents before children."""
        entry = rng.choices(self._entries, self._weights)[0]
        calls: list[Call] = []
        _serve(rng, calls, entry, -1, 0, entry.mean_ns * rng.lognormvariate(0, 0.6))
        return calls


def _operation(rng: random.Random, service: str, depth: int) -> _Operation:
    fan_out = rng.choices((0, 1, 2, 3, 5), ((1, 4, 4, 2, 1) if depth < 2 else (5, 3, 1, 0.5, 0)))[0]
    called = [rng.choice(SERVICES[2:]) for _ in range(fan_out if depth < 5 else 0)]
    word = rng.choice(("items", "orders", "users", "offers", "quotes", "stock", "labels"))
    tables = [rng.choice(("item", "order", "account", "stock", "price")) for _ in range(2)]
    return _Operation(
        service,
        f"/api/v{rng.randrange(1, 3)}/{word}/{{id}}" + rng.choice(("", "/lines", "/price")),
        rng.choice(_VERBS),
        rng.lognormvariate(16.5, 0.7) / (depth + 1),
        tuple(_operation(rng, name, depth + 1) for name in called),
        tuple(tables[: rng.choice((0, 1, 1, 2))]),
    )


def _serve(
    rng: random.Random, calls: list[Call], what: _Operation, parent: int, at: int, took: float
) -> None:
    """The server's span of an operation, and all that it leads to."""
    own, failed = len(calls), rng.random() < 0.01
    status = 500 if failed else rng.choices((200, 201, 404), (95, 3, 2))[0]
    name = f"{what.verb} {what.route}"
    span = (what.service, rng.randrange(4), name, SERVER, at, int(took), failed)
    calls.append(Call(parent, *span, _served(what, status)))
    share = took / (len(what.calls) + len(what.queries) + 1)
    instance = calls[own].instance
    for number, table in enumerate(what.queries):
        # Now and then a query for each line of an order: few traces have most spans.
        for _ in range(rng.choices((1, 12, 80), (96, 3.5, 0.5))[0]):
            offset = at + int(share * (number + rng.random() / 2))
            query = (what.service, instance, f"SELECT {table}", CLIENT, offset, int(share / 3))
            calls.append(Call(own, *query, False, _queried(what, table)))
    for number, called in enumerate(what.calls):
        offset = at + int(share * (len(what.queries) + number + 0.1))
        if number == 3:
            job = (what.service, instance, f"publish {called.service}", PRODUCER, offset, 90_000)
            calls.append(Call(own, *job, False, _published(called)))
            continue
        sent = (what.service, instance, called.verb, CLIENT, offset, int(share * 0.9))
        calls.append(Call(own, *sent, False, _sent(called, rng.randrange(4))))
        _serve(rng, calls, called, len(calls) - 1, offset + 200_000, share * 0.8)
    if rng.random() < 0.3:
        place = (what.service, instance, "render", INTERNAL, at + int(took * 0.9), int(took * 0.05))
        calls.append(Call(own, *place, False, _rendered(rng, what)))


def _served(what: _Operation, status: int) -> dict[str, Value]:
    return {
        "http.request.method": what.verb,
        "http.route": what.route,
        "http.response.status_code": status,
        "url.scheme": "https",
        "server.address": f"{what.service}.shop.internal",
        "server.port": 8443,
        "network.protocol.version": "1.1",
        "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101",
    }


def _sent(called: _Operation, instance: int) -> dict[str, Value]:
    return {
        "http.request.method": called.verb,
        "http.response.status_code": 200,
        "url.scheme": "https",
        "server.address": f"{called.service}.shop.internal",
        "server.port": 8443,
        "network.protocol.version": "2",
        "network.peer.address": f"10.4.{len(called.service)}.{instance}",
        "peer.service": called.service,
    }


def _queried(what: _Operation, table: str) -> dict[str, Value]:
    return {
        "db.system.name": "postgresql",
        "db.namespace": what.service,
        "db.collection.name": table,
        "db.operation.name": "SELECT",
        "db.query.text": f"SELECT id, name, state FROM {table} WHERE id = $1 ORDER BY name",
        "server.address": f"{what.service}-db.shop.internal",
        "server.port": 5432,
        "shop.db.pool": "main",
    }


def _published(called: _Operation) -> dict[str, Value]:
    return {
        "messaging.system": "kafka",
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.destination.name": f"{called.service}.jobs",
        "server.address": "kafka.shop.internal",
        "server.port": 9092,
        "shop.partitions": 12,
        "shop.compressed": True,
    }


def _rendered(rng: random.Random, what: _Operation) -> dict[str, Value]:
    return {
        "code.function.name": f"shop.{what.service}.render",
        "code.file.path": f"/app/shop/{what.service}.py",
        "code.line.number": 120,
        "thread.name": "worker-1",
        "thread.id": 7,
        "shop.cart.size": rng.randrange(12),
        "shop.tier": rng.choice(("free", "plus")),
        "shop.region": rng.choice(("eu", "us", "asia")),
    }


def resource(service: str, instance: int) -> Iterator[tuple[str, Value]]:
    """The resource of one instance of a service."""
    yield from {
        "service.name": service,
        "service.namespace": "shop",
        "service.version": "1.4.2",
        "service.instance.id": f"{service}-{instance}",
        "deployment.environment.name": "production",
        "host.name": f"node-{(len(service) + instance) % 8}",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.version": "1.30.0",
    }.items()


def failure(event: Any) -> None:
    """Fill the event of a span that failed."""
    event.name = "exception"
    for key, value in {
        "exception.type": "TimeoutError",
        "exception.message": "no answer within 2 s",
        "exception.stacktrace": "Traceback (most recent call last):\n" + _STACK,
    }.items():
        pair = event.attributes.add()
        pair.key, pair.value.string_value = key, value
