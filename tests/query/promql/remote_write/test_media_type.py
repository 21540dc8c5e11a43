"""Headers of remote write."""

import pytest

from query.promql.remote_write.media_type import Message, UnsupportedMedia, message_of

PROTOBUF = "application/x-protobuf"


@pytest.mark.parametrize(
    ("content_type", "encoding", "message"),
    [
        ("", "", Message.V1),
        (PROTOBUF, "snappy", Message.V1),
        (f"{PROTOBUF};proto=prometheus.WriteRequest", "Snappy", Message.V1),
        (f"{PROTOBUF};proto=io.prometheus.write.v2.Request", "snappy", Message.V2),
        (f'{PROTOBUF}; charset=x; proto="io.prometheus.write.v2.Request"', "", Message.V2),
    ],
)
def test_messages(content_type: str, encoding: str, message: Message) -> None:
    assert message_of(content_type, encoding) is message


@pytest.mark.parametrize(
    ("content_type", "encoding", "said"),
    [
        ("application/json", "", "expected application/x-protobuf as the first"),
        (f"{PROTOBUF};proto=other.Request", "snappy", "message other.Request, supported: prom"),
        (PROTOBUF, "gzip", "gzip encoding .* only snappy is acceptable"),
    ],
)
def test_others_are_refused(content_type: str, encoding: str, said: str) -> None:
    with pytest.raises(UnsupportedMedia, match=said):
        message_of(content_type, encoding)
