"""One host has one name over both transports."""

import pytest

from otlp_receiver.peers import grpc_peer, http_peer


@pytest.mark.parametrize(
    ("written", "client"),
    [
        ("ipv4:127.0.0.1:5000", ("127.0.0.1", 6000)),
        ("ipv6:%5B::1%5D:5000", ("::1", 6000)),
        ("ipv6:[2001:db8::7]:1", ("2001:db8::7", 2)),
    ],
)
def test_a_host_is_the_same_over_both_transports(written: str, client: tuple[str, int]) -> None:
    assert grpc_peer(written) == http_peer({"client": client}) == client[0]


def test_what_has_no_address_still_has_a_name() -> None:
    assert http_peer({"client": None}) == ""
    assert grpc_peer("unix:") == "unix:"
