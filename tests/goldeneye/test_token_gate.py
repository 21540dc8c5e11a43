"""Which request to the API needs which scope."""

import pytest

from goldeneye.token_gate import scope_for


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/healthz", None),
        ("HEAD", "/readyz", None),
        ("GET", "/", None),
        ("GET", "/docs", None),
        ("GET", "/openapi.json", None),
        ("OPTIONS", "/api/v1/sql", None),
        ("GET", "/metrics", "read"),
        ("GET", "/api/v1/status", "read"),
        ("POST", "/api/v1/sql", "read"),
        ("POST", "/prometheus/api/v1/query_range", "read"),
        ("POST", "/prometheus/api/v1/labels", "read"),
        ("POST", "/prometheus/api/v1/write", "ingest"),
        ("POST", "/alertmanager/api/v2/alerts", "ingest"),
        ("GET", "/alertmanager/api/v2/alerts", "read"),
        ("POST", "/alertmanager/api/v2/silences", "admin"),
        ("POST", "/api/v1/alerts/1/acknowledge", "admin"),
        ("POST", "/prometheus/api/v1/admin/tsdb/snapshot", "admin"),
        ("HEAD", "/api/v1/not-yet-there", "read"),
        ("GET", "/healthz/../metrics", "read"),
        ("GET", "//healthz", "read"),
        ("POST", "/api/v1/silences", "admin"),
        ("DELETE", "/api/v1/rules/one", "admin"),
        ("PUT", "/api/v1/sql/", "admin"),
        ("BREW", "/metrics", "admin"),
    ],
)
def test_what_is_not_named_as_open_is_guarded(method: str, path: str, expected: str | None) -> None:
    assert scope_for(method, path) == expected
