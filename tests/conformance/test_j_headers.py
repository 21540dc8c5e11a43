"""J: headers of clients that need no credentials."""

import pytest
from support.items import one_span
from support.live import Live
from support.otlp_server import TIMEOUT_S, method


@pytest.mark.parametrize(
    "agent",
    ["OTel-OTLP-Exporter-Python/1.2.3", "OTel OTLP Exporter Go/1.40", "", "curl", "x" * 4000],
)
def test_143_no_user_agent_is_refused(live: Live, agent: str) -> None:
    live.accept("/v1/traces", one_span(), user_agent=agent)
    with live.new_channel(("grpc.primary_user_agent", agent)) as channel:
        assert channel.unary_unary(method("traces"))(one_span(), timeout=TIMEOUT_S) == b""
    assert live.count("spans") == 2


def test_144_other_headers_are_not_stored(live: Live) -> None:
    headers = {"X_Scope_OrgID": "somebody", "X_Tenant": "other"}
    live.accept("/v1/traces", one_span(), **headers)
    metadata = [("x-scope-orgid", "somebody"), ("x-tenant", "other")]
    assert live.export("traces", one_span(), metadata=metadata) == b""
    rows = live.rows("spans")
    assert len(rows) == 2
    assert "somebody" not in str(rows)


def test_145_grpc_needs_no_tls(live: Live) -> None:
    """The preface comes first, without an upgrade from HTTP/1.1."""
    assert live.frames("traces", one_span()).grpc_status == 0
    assert live.count("spans") == 1
