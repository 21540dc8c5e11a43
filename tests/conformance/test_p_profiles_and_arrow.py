"""P and Q: profiles and OTel-Arrow, which are not offered, and how that is said."""

import grpc
import pytest
from support.items import one_span
from support.live import JSON, PROTOBUF, Live
from support.otlp_server import TIMEOUT_S


@pytest.mark.parametrize("path", ["/v1development/profiles", "/v1/profiles"])
@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_227_profiles_are_refused_clearly(live: Live, path: str, content_type: str) -> None:
    assert path in live.refuse(path, b"{}", content_type, status=404)


@pytest.mark.parametrize("signal", ["Traces", "Logs", "Metrics"])
def test_231_arrow_is_unimplemented_and_plain_otlp_is_beside_it(live: Live, signal: str) -> None:
    """What the Collector's exporter takes as the sign to fall back."""
    package = "opentelemetry.proto.experimental.arrow.v1"
    stream = live.channel.stream_stream(f"/{package}.Arrow{signal}Service/Arrow{signal}")
    with pytest.raises(grpc.RpcError) as caught:
        list(stream(iter([b""]), timeout=TIMEOUT_S))
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert live.export("traces", one_span()) == b""
