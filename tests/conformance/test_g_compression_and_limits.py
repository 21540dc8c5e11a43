"""G: compression and size limits."""

import gzip
import random
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cramjam
import grpc
import pytest
import zstandard
from support import edge_cases
from support.items import attribute, json_span, one_span, span, traces
from support.live import JSON, Live, status_of, trailers_of
from support.requests import sized

from goldeneye.config import Config

Code = grpc.StatusCode
MIB = 2**20
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}
each_coding = pytest.mark.parametrize("coding", list(COMPRESS))


def _peak_bytes(live: Live) -> int:
    """The most memory that the server ever held."""
    with open(f"/proc/{live.server.process.pid}/status", encoding="ascii") as file:
        (line,) = (line for line in file if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_096_plain_and_gzip_are_taken(live: Live, compression: Any) -> None:
    body = sized(100_000, one_span())
    assert live.export("traces", body, compression) == b""
    live.accept("/v1/traces", body)
    live.accept("/v1/traces", gzip.compress(body), content_encoding="gzip")
    live.accept("/v1/traces", gzip.compress(json_span()), JSON, content_encoding="gzip")
    assert live.count("spans") == 4


COLLECTORS: dict[str, Callable[[bytes], bytes]] = {
    **COMPRESS,
    "": bytes,
    "zlib": zlib.compress,
    "snappy": lambda body: bytes(cramjam.snappy.compress_raw(body)),
    "x-snappy-framed": lambda body: bytes(cramjam.snappy.compress(body)),
    "lz4": lambda body: bytes(cramjam.lz4.compress(body)),
}


@pytest.mark.parametrize("coding", list(COLLECTORS))
@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_097_http_takes_the_collectors_codings(live: Live, coding: str, change: Any) -> None:
    for size_bytes in (200, 300_000):
        body = COLLECTORS[coding](sized(size_bytes, one_span()))
        live.accept("/v1/traces", body, content_encoding=change(coding))
    assert live.count("spans") == 2


@pytest.mark.parametrize("encoding", ["zstd", "snappy", "lz4"])
def test_098_grpc_refuses_others_for_good(live: Live, encoding: str) -> None:
    """None of the codes on which a client sends again."""
    message = zstandard.ZstdCompressor().compress(one_span())
    assert live.frames("traces", message, encoding=encoding).grpc_status in (12, 13)
    assert live.count("spans") == 0


def test_099_gzip_over_grpc_is_taken(live: Live) -> None:
    assert live.frames("traces", gzip.compress(one_span()), encoding="gzip").grpc_status == 0
    assert live.count("spans") == 1


def test_100_what_is_taken_is_said(live: Live) -> None:
    answer = live.frames("traces", one_span())
    accepted = answer.header(b"grpc-accept-encoding")
    assert accepted is not None
    assert {b"identity", b"gzip"} == {name.strip() for name in accepted.split(b",")}


def test_100_what_the_library_knows_is_unimplemented(live: Live) -> None:
    answer = live.frames("traces", zlib.compress(one_span()), encoding="deflate")
    assert answer.grpc_status == 12
    assert live.count("spans") == 0


def test_101_deflate_is_the_zlib_format(live: Live) -> None:
    live.accept("/v1/traces", zlib.compress(one_span()), content_encoding="deflate")
    raw = zlib.compressobj(wbits=-15)
    body = raw.compress(one_span()) + raw.flush()
    assert "zlib format" in live.refuse("/v1/traces", body, content_encoding="deflate")
    assert live.count("spans") == 1


def test_102_frames_under_the_name_of_snappy_are_recognised(live: Live) -> None:
    """Old Collectors sent them so."""
    body = one_span(name="framed")
    live.accept("/v1/traces", COLLECTORS["snappy"](body), content_encoding="snappy")
    framed = COLLECTORS["x-snappy-framed"](body)
    assert framed.startswith(b"\xff\x06\x00\x00sNaPpY")
    live.accept("/v1/traces", framed, content_encoding="snappy")
    assert live.count("spans") == 2


@pytest.mark.parametrize("coding", ["identity", "Identity", ""])
def test_103_identity_is_no_compression(live: Live, coding: str) -> None:
    live.accept("/v1/traces", one_span(), content_encoding=coding)
    assert live.count("spans") == 1


@pytest.mark.parametrize("coding", ["br", "compress", "gzip, gzip", "gzip,deflate", "x"])
def test_104_other_codings_are_refused(live: Live, coding: str) -> None:
    answer = live.post("/v1/traces", one_span(), content_encoding=coding)
    assert answer.status_code == 415
    assert {"gzip", "zstd", "deflate"} <= set(answer.headers["Accept-Encoding"].split(", "))
    assert coding in status_of(answer).message
    assert live.count("spans") == 0


@each_coding
def test_105_broken_compression_is_refused(live: Live, coding: str) -> None:
    whole = COMPRESS[coding](one_span())
    for body in (b"", b"garbage", whole[:-3], whole[: len(whole) // 2], whole + b"garbage"):
        assert coding in live.refuse("/v1/traces", body, content_encoding=coding)
    for message in (b"\x1f\x8bgarbage", gzip.compress(one_span())[:-3], b"garbage"):
        assert live.frames("traces", message, encoding="gzip").grpc_status == 3
    assert live.count("spans") == 0


def test_106_gzip_of_several_members_is_read_to_its_end(live: Live) -> None:
    body = one_span(name="both halves")
    message = gzip.compress(body[:40]) + gzip.compress(b"") + gzip.compress(body[40:])
    live.accept("/v1/traces", message, content_encoding="gzip")
    assert live.frames("traces", message, encoding="gzip").grpc_status == 0
    assert [row["name"] for row in live.rows("spans", "name")] == ["both halves"] * 2


@pytest.mark.parametrize("coding", ["identity", *COMPRESS])
def test_107_http_bodies_have_a_limit(small: Live, coding: str) -> None:
    compress = COMPRESS.get(coding, bytes)
    body = compress(sized(MIB + 1, one_span()))
    message = small.refuse("/v1/traces", body, status=413, content_encoding=coding)
    assert "1048576" in message
    assert small.count("spans") == 0


def test_107_the_limit_is_64_mib(live: Live) -> None:
    assert Config().receiver.http.max_request_body_size_mib == 64
    bomb = edge_cases.body("50_gzip_bomb_128MiB.pb.gz")
    live.refuse("/v1/traces", bomb, status=413, content_encoding="gzip")


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_108_grpc_messages_have_a_limit(small: Live, compression: Any) -> None:
    assert Config().receiver.grpc.max_recv_msg_size_mib == 64
    error = small.export_refused("traces", sized(MIB + 1, one_span()), compression)
    assert error.code() is Code.RESOURCE_EXHAUSTED
    assert "google.rpc.retryinfo-bin" not in trailers_of(error)


def test_109_too_large_is_never_out_of_range(small: Live) -> None:
    for size_bytes in (MIB + 1, 4 * MIB + 1, 8 * MIB):
        code = small.export_refused("traces", sized(size_bytes, one_span())).code()
        assert code is Code.RESOURCE_EXHAUSTED


def test_110_a_bomb_over_grpc_is_stopped_at_the_limit(live: Live) -> None:
    before_bytes = _peak_bytes(live)
    bomb = edge_cases.body("50_gzip_bomb_128MiB.pb.gz")
    assert live.frames("traces", bomb, encoding="gzip").grpc_status == 8
    assert _peak_bytes(live) - before_bytes < 200 * MIB


def test_111_the_limits_are_the_specifications(live: Live) -> None:
    """More than the 20 MiB and 4 MiB of the Collector."""
    body = sized(21 * MIB, one_span())
    live.accept("/v1/traces", body)
    assert live.export("traces", body) == b""


@pytest.mark.parametrize("coding", ["identity", *COMPRESS])
def test_112_the_limit_is_exact(small: Live, coding: str) -> None:
    compress = COMPRESS.get(coding, bytes)
    small.accept("/v1/traces", compress(sized(MIB, one_span())), content_encoding=coding)
    more = compress(sized(MIB + 1, one_span()))
    small.refuse("/v1/traces", more, status=413, content_encoding=coding)


def test_112_the_limit_is_exact_over_grpc(small: Live) -> None:
    assert small.export("traces", sized(MIB, one_span())) == b""
    error = small.export_refused("traces", sized(MIB + 1, one_span()))
    assert error.code() is Code.RESOURCE_EXHAUSTED


def test_113_large_requests_are_taken(live: Live) -> None:
    wide = [attribute(f"key.{number}", string_value="v" * 100) for number in range(10)]
    body = traces(*(span(attributes=wide) for _ in range(15_000)))
    assert len(body) > 16 * MIB
    assert live.export("traces", body, grpc.Compression.Gzip) == b""
    live.accept("/v1/traces", body)
    assert live.count("spans") == 30_000


@each_coding
def test_114_decompression_stops_at_the_limit(small: Live, coding: str) -> None:
    bomb = COMPRESS[coding](bytes(256 * MIB))
    before_bytes = _peak_bytes(small)
    for _ in range(3):
        small.refuse("/v1/traces", bomb, status=413, content_encoding=coding)
    assert _peak_bytes(small) - before_bytes < 64 * MIB


def test_114_a_declared_length_is_not_believed(live: Live) -> None:
    """Of a block of snappy: 4 GiB, in a handful of bytes."""
    before_bytes = _peak_bytes(live)
    body = b"\xff\xff\xff\xff\x0f" + one_span()
    assert live.post("/v1/traces", body, content_encoding="snappy").status_code in (400, 413)
    assert _peak_bytes(live) - before_bytes < 64 * MIB


def test_114_windows_are_bounded(live: Live) -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, compression_level=1)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = compressor.compress(one_span()) + compressor.flush()
    assert "zstd" in live.refuse("/v1/traces", body, content_encoding="zstd")


def test_115_many_empty_spans_cost_little(live: Live) -> None:
    before_bytes = _peak_bytes(live)
    body = edge_cases.body("19_200k_empty_spans_400kB.pb")
    for _ in range(3):
        assert live.partial("/v1/traces", body).rejected_spans == 200_000
    assert _peak_bytes(live) - before_bytes < 200 * MIB


def test_116_both_transports_share_a_budget(small: Live) -> None:
    with small.holding(2, MIB):
        assert small.export_refused("traces", one_span()).code() is Code.UNAVAILABLE
        message = small.refuse("/v1/traces", one_span(), status=503)
        assert "receiver.max_in_flight_mib" in message
    assert small.export("traces", one_span()) == b""


@pytest.mark.parametrize("coding", ["identity", *COMPRESS])
def test_117_garbage_is_refused_and_the_process_lives(live: Live, coding: str) -> None:
    """What begins as it should, and goes on at random."""
    rng = random.Random(117)
    whole = COMPRESS.get(coding, bytes)(traces(*[span()] * 20))
    bodies = []
    for _ in range(200):
        body = bytearray(whole)
        for _ in range(rng.choice((1, 3, 30))):
            body[rng.randrange(len(body))] = rng.randrange(256)
        bodies.append(bytes(body))
    with ThreadPoolExecutor(4) as pool:
        post = lambda body: live.post("/v1/traces", body, content_encoding=coding)  # noqa: E731
        statuses = {answer.status_code for answer in pool.map(post, bodies)}
    assert 400 in statuses
    assert statuses <= {200, 400, 413}
    live.accept("/v1/traces", one_span())
    assert live.server.process.poll() is None
