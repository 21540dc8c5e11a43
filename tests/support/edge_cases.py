"""The edge cases of `tests/fixtures/otlp`, and what the receiver answers to each.

`index.tsv` says what any OTLP server should do; where it leaves a choice, docs/otlp.md has ours.
"""

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from goldeneye.clock import ManualClock
from goldeneye.schemas import SIGNALS, Signal

FOLDER: Final = Path(__file__).parents[1] / "fixtures" / "otlp"
CODINGS: Final = {".gz": "gzip", ".zst": "zstd", ".zlib": "deflate", ".deflate": "deflate"}
# What reaches us over gRPC: protobuf, plain or with gzip.
GRPC_SUFFIXES: Final = (".pb", ".gz")


@dataclass(frozen=True)
class Answer:
    """`status` is HTTP's. `error` is part of the message where the whole body is refused.

    `values` are of the columns of the rows stored, in order.
    """

    rows: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)
    status: int = 200
    error: str = ""
    values: Mapping[str, list[Any]] = field(default_factory=dict)


def _refused(error: str, status: int = 400) -> Answer:
    return Answer(status=status, error=error)


def _span(warnings: Mapping[str, int] | None = None, **values: Any) -> Answer:
    """One span, these values in its columns."""
    return Answer(1, {}, warnings or {}, values={key: [value] for key, value in values.items()})


# When the receiver's clock stands still, everything is received at its start.
_RECEIVED_NS: Final = ManualClock().now_ns()
_NOW_NS: Final = 1_790_000_000_000_000_000
_BYTES: Final = base64.b64encode(bytes(range(256))).decode()


ANSWERS: Final[Mapping[str, Answer]] = {
    "01_empty_request.pb": Answer(),
    "02_empty_envelopes.pb": Answer(),
    "03_map_attr_depth_64.pb": _span(attributes_other='{"deep":' + '{"k":' * 64 + '"x"' + "}" * 65),
    "04_array_attr_depth_20000.pb": _refused("nested more than 128 deep"),
    "05_metrics_body_for_v1_logs.pb": _refused("wire type"),
    "06_one_good_one_short_trace_id.pb": Answer(1, {"invalid_trace_id": 1}),
    "07_all_zero_ids.pb": Answer(0, {"invalid_trace_id": 1}),
    "08_missing_ids.pb": Answer(0, {"invalid_trace_id": 1}),
    "09_invalid_utf8_attr.pb": _span(
        {"invalid_utf8": 1}, attributes_other='{"bad":"ab\ufffd\ufffd"}'
    ),
    "10_unpacked_repeated_fields.pb": Answer(
        1, values={"bucket_counts": [[1, 2]], "explicit_bounds": [[5.0]]}
    ),
    "11_unknown_fields_every_level.pb": _span(attributes_other='{"k":null}', scope_name="s"),
    "12_scope_spans_in_field_1000.pb": Answer(),
    "13_string_value_strindex_in_traces.pb": _span(
        {"string_index": 2}, attributes_other='{"a":null,"":"v"}'
    ),
    "14_duplicate_and_empty_keys.pb": _span(
        attributes_other='{"dup":"last","":"empty key","Dup":"case"}'
    ),
    "15_log_bodies_every_anyvalue_kind.pb": Answer(
        12,
        values={
            "body": [
                None,
                "null",
                '""',
                '"line1\\nline2\\u0000nul 😀"',
                "false",
                "-9223372036854775808",
                '{"$double":"NaN"}',
                '{"$double":"-Infinity"}',
                f'{{"$bytes":"{_BYTES}"}}',
                "[]",
                "{}",
                '[1,null,"x",{"k":null}]',
            ]
        },
    ),
    "16_truncated.pb": _refused("length"),
    "17_log_times_severities_flags.pb": Answer(
        17,
        {},
        {"invalid_trace_id": 1},
        values={
            "time": [
                _RECEIVED_NS,
                _NOW_NS,
                _NOW_NS,
                2**63 - 1,
                _NOW_NS,
                1,
                1_821_536_000_000_000_000,
                1_790_000_000_000_000,
                1_755_440_000_000_000_000,
                *[_NOW_NS] * 8,
            ],
            "time_unix_nano": [None] * 4 + [2**64 - 1] + [None] * 12,
            "severity_number": [*[0] * 10, 1, 9, 24, 25, 100, -1, 0],
            "flags": [0] * 16 + [4_294_967_041],
            "trace_id": [None] * 17,
            "event_name": [None] * 16 + ["user.login"],
        },
    ),
    "18_metric_points_edge.pb": Answer(
        8,
        {
            "missing_value": 2,
            "zero_time": 1,
            "invalid_temporality": 1,
            "invalid_buckets": 2,
            "invalid_exponential_buckets": 1,
            "invalid_quantiles": 1,
        },
        values={
            "flags": [1, 129, 0, 0, 0, 0, 0, 0],
            "value": [None, None, math.nan, -1.0, None, None, None, None],
            "value_int": [None, None, None, -1, None, None, None, None],
            "count": [None, None, None, None, 4, 1, 1, 7],
            "sum": [None, None, None, None, 9.0, None, 0.0, 21.0],
            "min": [None, None, None, None, None, None, 0.0, None],
            "positive_bucket_counts": [*[None] * 7, [2, 0, 3]],
        },
    ),
    "19_200k_empty_spans_400kB.pb": Answer(0, {"invalid_trace_id": 200_000}),
    "20_merged_submessages_and_oneof_last_wins.pb": _span(
        resource_attributes_other='{"a":"1","b":"2"}', attributes_other='{"k":5}'
    ),
    "21_flags_entity_refs_unknown_enums.pb": _span(
        {"invalid_link": 1},
        kind="7",
        status_code="9",
        flags=4_294_966_529,
        duration_ns=None,
        dropped_attributes_count=2**32 - 1,
        trace_state="vendor=a,ot=th:8",
        links=[],
    ),
    "30_uppercase_hex_numbers_as_ints.json": _span(
        trace_id="5b8efff798038103d269b633813fc60c",
        span_id="eee19b7ec3c1b174",
        attributes_other='{"i":9007199254740993,"d":1.0,"s":-9223372036854775808}',
        dropped_attributes_count=3,
        duration_ns=1,
    ),
    "31_nan_infinity_strings.json": Answer(
        5, values={"value": [math.nan, math.inf, -math.inf, 1.5, 2.0]}
    ),
    "32_null_members_cpp_style.json": _span(
        attributes_other='{"a":null,"b":null,"c":{}}', parent_span_id=None, status_code="unset"
    ),
    "33_bytes_base64url_no_padding.json": _span(
        attributes_other='{"a":{"$bytes":"/+8="},"b":{"$bytes":"/+8="},"c":{"$bytes":""}}'
    ),
    "34_unknown_fields.json": _span(flags=257, name="j"),
    "35_snake_case.json": _span({"snake_case": 1}, name="s", span_id="eee19b7ec3c1b174"),
    "36_enum_names.json": _span({"enum_name": 1}, kind="server", status_code="error"),
    "37_base64_ids.json": Answer(0, {"invalid_trace_id": 1}),
    "38_longbits_timestamps.json": _refused("start_time_unix_nano"),
    "39_root_variants_array.json": _refused("object"),
    "39_root_variants_empty_object.json": Answer(),
    "39_root_variants_null.json": Answer(),
    "39_root_variants_null_literal.json": Answer(),
    "39_root_variants_zero_bytes.json": _refused("JSON"),
    "40_utf8_bom.json": _span(name="j"),
    "41_trailing_garbage.json": _refused("JSON"),
    "42_lone_surrogate.json": _refused("surrogate"),
    "43_duplicate_member_names.json": _span(name="j"),
    "44_deep_array_json.json": _refused("nested more than"),
    "50_gzip_bomb_128MiB.pb.gz": _refused("larger than 67108864 bytes", 413),
    "51_gzip_two_members.pb.gz": _span(name="op"),
    "52_gzip_truncated.pb.gz": _refused("cut off"),
    "53_zstd_no_content_size.pb.zst": _span(name="op"),
    "54_deflate_zlib.pb.zlib": _span(name="op"),
    "55_deflate_raw.pb.deflate": _refused("deflate"),
}


def body(name: str) -> bytes:
    return (FOLDER / "edge-cases" / name).read_bytes()


def index() -> dict[str, tuple[str, str]]:
    """The signal and encoding of each edge case, as the index says."""
    lines = (FOLDER / "index.tsv").read_text(encoding="utf-8").splitlines()[1:]
    fields = [line.split("\t") for line in lines if line.startswith("otlp/edge-cases/")]
    return {Path(path).name: (signal, encoding) for path, signal, encoding, _, _ in fields}


def signals(name: str) -> list[Signal]:
    """Where the index sends it: also to the paths of other signals."""
    found, _ = index()[name]
    if found == "any":
        return list(SIGNALS)
    _, paths, others = found.partition("POST to ")
    return [signal for signal in SIGNALS if signal in (others if paths else found)]
