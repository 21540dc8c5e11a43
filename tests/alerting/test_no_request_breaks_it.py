"""Whatever is asked of the alert engine's routes, they answer, or say what is wrong."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.alerting_api import Whole, alerting_api

from alerting.api import routers
from goldeneye import api

GENERATED: Final[Any] = {
    "deadline": None,
    "database": None,
    "derandomize": True,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
TAGS: Final = {"rules", "slos", "alerts", "silences", "receivers", "alertmanager"}
ALERTMANAGER: Final = "/alertmanager/"
STATUSES: Final = {200, 201, 204, 400, 404, 405, 409, 413, 422}
NONSENSE: Final = [
    *["", "0", "-1", "1", "NaN", "1e400", "9" * 40, "true", "null", "\x00", "ü☃𝒳", "\ufffe", "'"],
    *['"', "\\", "%", "{}", "{{ x }}", "$start", "\n", " 1 ", "../../etc/passwd", "//", "a" * 5000],
    *["a=b", 'a=~"("', '{a="b"', "a=", "=b", "a!~.*", '"\\ud800"=x', "now-1x", "9999-12-31T23:59Z"],
    *["0001-01-01T00:00:00Z", "1677-09-21T00:12:43Z", "2262-04-11T23:47:17Z", "now-999999999w"],
    *["W10", "bnVsbA", "WzFd", "firing", "sent", "ok", "alerting", "shop", "team", "Slow"],
]
PLACES: Final = ["shop", "team", "nobody", "%00", "%ff", "☃", "0" * 16, "g", "%2F", "a" * 3000]
VALUES: Final = st.one_of(st.sampled_from(NONSENSE), st.text(max_size=20))
LEAVES: Final = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), VALUES)
KEYS: Final = [
    *["name", "rules", "groups", "alert", "record", "expr", "sql", "log", "for", "labels", "limit"],
    *["annotations", "interval", "matchers", "isRegex", "isEqual", "value", "startsAt", "endsAt"],
    *["createdBy", "comment", "id", "created_by", "start_time", "end_time", "duration", "by"],
    *["apiVersion", "kind", "metadata", "spec", "slos", "objectives", "target", "window", "step"],
    *["start", "end", "service", "spans", "generatorURL", "search", "threshold", "operator"],
]
NESTED: Final = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=12,
)
# Nearly right, so that one mistake is met where it is.
BODIES: Final[list[dict[str, Any]]] = [
    {"name": "own", "rules": [{"alert": "A", "expr": "up == 0", "labels": {"a": "b"}}]},
    {"alert": "A", "expr": "up == 0", "for": "1m", "annotations": {"a": "{{ $value }}"}},
    {"rules": {"alert": "A", "expr": "up"}, "start": "now-1m", "end": "now", "step": "30s"},
    {"matchers": ['a="b"'], "created_by": "me", "comment": "c", "duration": "1h"},
    {
        "matchers": [{"name": "a", "value": "b", "isRegex": False}],
        "startsAt": "2026-01-01T00:00:00Z",
        "endsAt": "2036-01-01T00:00:00Z",
        "createdBy": "me",
        "comment": "c",
    },
    {"labels": {"alertname": "A"}, "annotations": {"a": "b"}, "startsAt": "2026-01-01T00:00:00Z"},
    {"by": "me", "comment": "seen"},
    {
        "name": "own",
        "service": "shop",
        "spans": {"good": "status != error"},
        "objectives": [{"target": 0.99}],
        "window": "30d",
    },
]
RAW: Final = [
    *[b"", b"\xff", b"\x00", b"{", b"[]", b"null", b"1", b'"a"', b"[" * 5000, b"{}\x00", b"NaN"],
    *[b"&a [*a, *a]", b"---\n---\n", b"a: !!python/object:os.system {}", b"- [1]", b"? [a]: 1"],
    *[
        b'{"name": "\\ud800", "rules": []}',
        b'[{"labels": {"a": "\\ud800"}}]',
        b"2026-01-01",
        b"=: =",
    ],
    *[b'{"labels": {"a": 1e999}}', b'"\\xff": 1', b"{1: 2, null: 3}", b"a: &x {b: *x}"],
]


def _operations() -> dict[str, tuple[str, str, list[str]]]:
    """Method, path and parameters of what can be asked, by a name."""
    given_routers = routers(None, None)  # type: ignore[arg-type]
    paths = api.app(dict, lambda: None, given_routers).openapi()["paths"]
    return {
        f"{method} {path}": (
            method.upper(),
            path,
            [one["name"] for one in found.get("parameters", []) if one["in"] == "query"],
        )
        for path, methods in paths.items()
        for method, found in methods.items()
        if TAGS & set(found.get("tags", ()))
    }


OPERATIONS: Final = _operations()
# Whose parameters the document does not name.
MORE: Final = ["filter", "active", "silenced", "receiver", "receiver_matchers", "muted", "expired"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with alerting_api(tmp_path_factory.mktemp("engine")) as made:
        made.slow("shop")
        yield made


@st.composite
def _bodies(draw: st.DrawFn) -> bytes:
    """A good body with one thing wrong, anything at all, or no JSON."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return draw(st.sampled_from(RAW))
    if kind == 1:
        return json.dumps(draw(NESTED)).encode()
    body = dict(draw(st.sampled_from(BODIES)))
    body[draw(st.sampled_from([*body, "more"]))] = draw(NESTED)
    return json.dumps([body] if kind == 2 else body).encode()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_request_breaks_it(whole: Whole, operation: str) -> None:
    method, path, names = OPERATIONS[operation]
    writes = method in ("POST", "PUT")
    known = names or (MORE if path.startswith(ALERTMANAGER) else ["more"])
    pairs = st.lists(st.tuples(st.sampled_from(known), VALUES), max_size=2)

    @settings(max_examples=40 if writes else 12, **GENERATED)
    @given(pairs=pairs, place=st.sampled_from(PLACES), body=_bodies() if writes else st.none())
    def ask(pairs: list[tuple[str, str]], place: str, body: bytes | None) -> None:
        _ask(whole, method, _filled(path, place), pairs, body)

    ask()
    assert whole.get("/api/v1/rules")["rules"]


def _filled(path: str, place: str) -> str:
    before, brace, rest = path.partition("{")
    return before + place + rest.partition("}")[2] if brace else path


def _ask(
    whole: Whole, method: str, path: str, pairs: list[tuple[str, str]], body: bytes | None
) -> None:
    params = [(name, value.encode("utf-8", "replace").decode()) for name, value in pairs]
    response = whole.client.request(
        method, path, params=params, content=body, follow_redirects=True
    )
    if path.startswith(ALERTMANAGER):
        assert response.status_code in STATUSES, (path, pairs, body, response.text)
        _said_by_alertmanager(response.status_code, response.content)
        return
    assert response.status_code in STATUSES, (path, pairs, body, response.text)
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json", response.text
        assert response.json()["detail"]


def _said_by_alertmanager(status: int, content: bytes) -> None:
    """A text, or an object with a code."""
    if status < 400 or not content:
        return
    said = json.loads(content)
    assert isinstance(said, str) or (isinstance(said, Mapping) and (said.get("message") or said))
