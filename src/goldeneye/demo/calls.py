"""The shop's services and what calls what, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

Kind = Literal["server", "client", "internal", "producer", "consumer"]
AttributeValue = str | int | float | bool


@dataclass(frozen=True)
class Call:
    """One operation: `own_ms` is the median of what it takes beside its children."""

    service: str
    name: str
    kind: Kind
    own_ms: float
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    children: tuple["Call", ...] = ()
    parallel: bool = False
    # How often it fails, and with what.
    error_ratio: float = 0.0
    error: str = ""


@dataclass(frozen=True)
class Journey:
    """What a visitor does, and how often in comparison with the others."""

    weight: float
    root: Call


def _http(service: str, method: str, route: str, own_ms: float, *children: Call) -> Call:
    attributes = {
        "http.request.method": method,
        "http.route": route,
        "url.path": route.replace("{id}", "OLJCESPC7Z"),
        "url.scheme": "https",
        "server.address": "shop.example",
    }
    return Call(service, f"{method} {route}", "server", own_ms, attributes, children)


def _rpc(caller: str, service: str, method: str, own_ms: float, *children: Call) -> Call:
    """A client span of the caller around the server span of the service."""
    attributes: Mapping[str, AttributeValue] = {
        "rpc.system.name": "grpc",
        "rpc.method": method,
        "rpc.response.status_code": "OK",
        "server.address": service,
        "server.port": 8080,
    }
    served = Call(service, method, "server", own_ms, attributes, children)
    return Call(caller, method, "client", 0.6, attributes, (served,))


def _postgresql(service: str, query: str, collection: str, own_ms: float) -> Call:
    attributes = {
        "db.system.name": "postgresql",
        "db.namespace": "shop",
        "db.collection.name": collection,
        "db.operation.name": query.split()[0],
        "db.query.text": query,
    }
    return Call(service, f"{query.split()[0]} {collection}", "client", own_ms, attributes)


def _redis(service: str, command: str) -> Call:
    attributes = {"db.system.name": "redis", "db.operation.name": command, "db.namespace": "0"}
    return Call(service, command, "client", 0.4, attributes)


def _charge() -> Call:
    """Payment goes through a gateway that is slow, and declines now and then."""
    gateway = Call(
        "payment",
        "POST",
        "client",
        85.0,
        {
            "http.request.method": "POST",
            "url.full": "https://gateway.example/v2/charges",
            "server.address": "gateway.example",
            "server.port": 443,
        },
        error_ratio=0.08,
        error="CardDeclined: the issuer declined the charge",
    )
    return _rpc("checkout", "payment", "shop.Payment/Charge", 4.0, gateway)


def _order_placed() -> Call:
    destination: Mapping[str, AttributeValue] = {
        "messaging.system": "kafka",
        "messaging.destination.name": "orders",
        "messaging.operation.type": "send",
    }
    insert = _postgresql("accounting", "INSERT INTO ledger VALUES ($1, $2, $3)", "ledger", 6.0)
    consumed = Call(
        "accounting",
        "process orders",
        "consumer",
        3.0,
        {**destination, "messaging.operation.type": "process"},
        (insert,),
    )
    return Call("checkout", "send orders", "producer", 1.5, destination, (consumed,))


_RECOMMEND: Final = _rpc(
    "frontend",
    "recommendation",
    "shop.Recommendation/List",
    3.0,
    Call(
        "recommendation",
        "embeddings shop-embed-1",
        "client",
        22.0,
        {
            "gen_ai.operation.name": "embeddings",
            "gen_ai.provider.name": "in_house",
            "gen_ai.request.model": "shop-embed-1",
            "gen_ai.usage.input_tokens": 48,
        },
    ),
)
_PRODUCT: Final = _postgresql("catalog", "SELECT * FROM products WHERE id = $1", "products", 3.0)
_CATALOG: Final = _postgresql("catalog", "SELECT * FROM products LIMIT 24", "products", 9.0)
_CHECKOUT: Final = _rpc(
    "frontend",
    "checkout",
    "shop.Checkout/PlaceOrder",
    6.0,
    _rpc("checkout", "cart", "shop.Cart/Get", 1.0, _redis("cart", "HGETALL")),
    _rpc("checkout", "shipping", "shop.Shipping/Quote", 12.0),
    _charge(),
    _order_placed(),
)

JOURNEYS: Final = (
    Journey(
        5.0,
        replace(
            _http(
                "frontend",
                "GET",
                "/",
                5.0,
                _rpc("frontend", "catalog", "shop.Catalog/List", 2.0, _CATALOG),
                _RECOMMEND,
            ),
            parallel=True,
        ),
    ),
    Journey(
        4.0,
        _http(
            "frontend",
            "GET",
            "/products/{id}",
            4.0,
            _rpc("frontend", "catalog", "shop.Catalog/Get", 1.5, _PRODUCT),
            _RECOMMEND,
        ),
    ),
    Journey(
        2.0,
        _http(
            "frontend",
            "POST",
            "/cart",
            3.0,
            _rpc("frontend", "cart", "shop.Cart/Add", 1.0, _redis("cart", "HSET")),
        ),
    ),
    Journey(1.5, _http("frontend", "POST", "/checkout", 8.0, _CHECKOUT)),
)


def services() -> tuple[str, ...]:
    """Every service, in the order in which a visitor meets it."""
    found: dict[str, None] = {}
    waiting = [journey.root for journey in JOURNEYS]
    while waiting:
        call = waiting.pop(0)
        found[call.service] = None
        waiting.extend(call.children)
    return tuple(found)
