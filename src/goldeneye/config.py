"""The configuration: its sections, keys, defaults and units.

Read by `load`: a YAML file, then GOLDENEYE_<SECTION>__<KEY> from the environment, then flags;
the later wins. docs/configuration.md describes every key, and a test keeps it so.
"""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from goldeneye import limits
from goldeneye.addresses import check_endpoint
from goldeneye.durations import duration_ns
from goldeneye.schemas import PromotedKeys, well_known_keys
from goldeneye.tls import TlsFiles

ENV_PREFIX = "GOLDENEYE_"


def _checked_duration(text: str) -> str:
    duration_ns(text)
    return text


Mib = Annotated[int, Field(ge=1, le=1_048_576)]
# A group of bodies is decoded into columns whose text is addressed with 31 bits.
BodyMib = Annotated[int, Field(ge=1, le=limits.MAX_REQUEST_BODY_BYTES // limits.MIB)]
# `*` in it stands for any letters.
_ORIGIN = re.compile(r"\*|null|[^/\s]+://[^/\s]+")
Seconds = Annotated[float, Field(gt=0)]
Duration = Annotated[str, AfterValidator(_checked_duration)]
KeyType = Literal["string", "int", "double", "bool"]


class Section(BaseModel):
    """A part of the configuration: no unknown keys, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Tls(Section):
    """Certificates of a listener; none: it speaks in the clear."""

    cert_file: Path | None = None
    key_file: Path | None = None
    client_ca_file: Path | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> "Tls":
        if self.cert_file is not None and self.key_file is None:
            raise ValueError(f"cert_file {self.cert_file} needs a key_file")
        if self.cert_file is None and self.key_file is not None:
            raise ValueError(f"key_file {self.key_file} needs a cert_file")
        if self.client_ca_file is not None and self.cert_file is None:
            raise ValueError(f"client_ca_file {self.client_ca_file} needs cert_file and key_file")
        return self

    def files(self, section: str) -> TlsFiles | None:
        """For the listener whose section of the configuration this is."""
        if self.cert_file is None or self.key_file is None:
            return None
        return TlsFiles(section, self.cert_file, self.key_file, self.client_ca_file)


class Listener(Section):
    """Where a server listens; `endpoint: null` turns it off."""

    endpoint: str | None

    @field_validator("endpoint")
    @classmethod
    def _is_host_and_port(cls, endpoint: str | None) -> str | None:
        return None if endpoint is None else check_endpoint(endpoint)


class GrpcReceiver(Listener):
    """OTLP over gRPC."""

    endpoint: str | None = "127.0.0.1:4317"
    max_recv_msg_size_mib: BodyMib = limits.MAX_REQUEST_BODY_BYTES // limits.MIB
    max_concurrent_streams: Annotated[int, Field(ge=limits.GRPC_MIN_CONCURRENT_STREAMS)] = (
        limits.GRPC_MAX_CONCURRENT_STREAMS
    )
    max_connection_age_s: Seconds | None = None
    max_connection_age_grace_s: Seconds = limits.GRPC_MAX_CONNECTION_AGE_GRACE_S
    tls: Tls = Tls()


class Cors(Section):
    """Which pages' scripts may send to the OTLP port; no origins: none."""

    allowed_origins: tuple[str, ...] = ()
    allowed_headers: tuple[str, ...] = ()
    max_age_s: Annotated[float, Field(ge=0)] = limits.CORS_MAX_AGE_S

    @model_validator(mode="after")
    def _headers_of_origins(self) -> "Cors":
        if self.allowed_headers and not self.allowed_origins:
            raise ValueError("allowed_headers say nothing without allowed_origins")
        return self

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin!r} is no origin; write scheme and host without a path, such as "
                    "https://shop.example.com, https://*.example.com or *"
                )
        return origins


class HttpReceiver(Listener):
    """OTLP over HTTP."""

    endpoint: str | None = "127.0.0.1:4318"
    max_request_body_size_mib: BodyMib = limits.MAX_REQUEST_BODY_BYTES // limits.MIB
    cors: Cors = Cors()
    tls: Tls = Tls()


class Receiver(Section):
    """What takes OTLP."""

    grpc: GrpcReceiver = GrpcReceiver()
    http: HttpReceiver = HttpReceiver()
    max_in_flight_mib: Mib = limits.MAX_IN_FLIGHT_BYTES // limits.MIB

    @model_validator(mode="after")
    def _one_is_on(self) -> "Receiver":
        if self.grpc.endpoint is None and self.http.endpoint is None:
            raise ValueError("at least one of receiver.grpc.endpoint, receiver.http.endpoint")
        largest = max(self.grpc.max_recv_msg_size_mib, self.http.max_request_body_size_mib)
        if self.max_in_flight_mib < largest:
            raise ValueError(f"max_in_flight_mib must hold one request of {largest} MiB")
        return self


class Wal(Section):
    """How the write-ahead log is made durable, and when its segments close."""

    sync: Literal["group", "interval", "none"] = "group"
    segment_max_mib: Mib = limits.WAL_SEGMENT_MAX_BYTES // limits.MIB
    segment_max_age_s: Seconds = limits.WAL_SEGMENT_MAX_AGE_S
    max_backlog_mib: Mib = limits.WAL_MAX_BACKLOG_BYTES // limits.MIB

    @model_validator(mode="after")
    def _a_segment_fits(self) -> "Wal":
        if self.segment_max_mib > self.max_backlog_mib:
            raise ValueError("max_backlog_mib must hold one segment of segment_max_mib")
        return self


class Promote(Section):
    """Attribute keys that get a typed column beside the well-known ones: key -> type."""

    attributes: dict[str, KeyType] = {}
    resource_attributes: dict[str, KeyType] = {}


class Storage(Section):
    """The files."""

    max_hot_mib: Mib = limits.STORAGE_MAX_HOT_BYTES // limits.MIB
    min_free_mib: Annotated[int, Field(ge=0)] = limits.STORAGE_MIN_FREE_BYTES // limits.MIB
    promote: Promote = Promote()


class Limits(Section):
    """How many series may be active."""

    max_series: Annotated[int, Field(gt=0)] | None = limits.MAX_SERIES
    max_series_per_metric: Annotated[int, Field(gt=0)] | None = limits.MAX_SERIES_PER_METRIC


class Retention(Section):
    """How long rows are kept after their receipt, and how much all files may take."""

    spans: Duration = "30d"
    logs: Duration = "30d"
    metrics: Duration = "90d"
    rollups: Duration = "400d"
    slo: Duration = "400d"
    alerts: Duration = "2y"
    max_total_gib: Annotated[float, Field(gt=0)] | None = None


class QueryGrpc(Listener):
    """Questions over gRPC."""

    endpoint: str | None = "127.0.0.1:8319"
    tls: Tls = Tls()


class Promql(Section):
    """How metrics are named for PromQL, as Prometheus's `otlp` section has it, and its lookback."""

    lookback_s: Seconds = 300.0
    translation_strategy: Literal[
        "UnderscoreEscapingWithSuffixes",
        "UnderscoreEscapingWithoutSuffixes",
        "NoUTF8EscapingWithSuffixes",
        "NoTranslation",
    ] = "UnderscoreEscapingWithSuffixes"
    promote_resource_attributes: tuple[str, ...] = ("service.name",)
    promote_all_resource_attributes: bool = False
    ignore_resource_attributes: tuple[str, ...] = ()
    keep_identifying_resource_attributes: bool = False
    promote_scope_metadata: bool = False

    @model_validator(mode="after")
    def _one_list_counts(self) -> "Promql":
        if self.ignore_resource_attributes and not self.promote_all_resource_attributes:
            raise ValueError("ignore_resource_attributes needs promote_all_resource_attributes")
        return self


class Query(Section):
    """What SQL and PromQL may use, and where questions come in over gRPC."""

    memory_limit_mib: Annotated[int, Field(ge=64)] = limits.QUERY_MEMORY_LIMIT_BYTES // limits.MIB
    threads: Annotated[int, Field(ge=1, le=256)] = 2
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    timeout_s: Seconds = limits.QUERY_TIMEOUT_S
    max_rows: Annotated[int, Field(ge=1)] = limits.QUERY_MAX_ROWS
    max_samples: Annotated[int, Field(ge=1)] = limits.QUERY_MAX_SAMPLES
    services_file: Path | None = None
    promql: Promql = Promql()
    grpc: QueryGrpc = QueryGrpc()


class Api(Section):
    """The HTTP API; it cannot be turned off."""

    endpoint: str = "127.0.0.1:8317"
    tls: Tls = Tls()

    @field_validator("endpoint")
    @classmethod
    def _is_host_and_port(cls, endpoint: str) -> str:
        return check_endpoint(endpoint)


class Auth(Section):
    """Who may use what; without tokens, everybody may."""

    tokens_file: Path | None = None


class Alerting(Section):
    """Rules, SLOs, and who is told."""

    rule_files: tuple[str, ...] = ()
    slo_files: tuple[str, ...] = ()
    alertmanager_config: Path | None = None
    evaluation_interval_s: Annotated[float, Field(ge=1, le=86_400)] = 5.0
    query_timeout_s: Annotated[float, Field(gt=0, le=3_600)] = 10.0
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    external_url: str | None = None
    external_labels: dict[str, str] = {}

    @field_validator("external_url")
    @classmethod
    def _is_a_url(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is no URL such as https://goldeneye.example.org")
        return None if url is None else url.rstrip("/")


class Config(Section):
    """Everything that a user may set."""

    data_dir: Path = Path("data")
    receiver: Receiver = Receiver()
    wal: Wal = Wal()
    storage: Storage = Storage()
    limits: Limits = Limits()
    retention: Retention = Retention()
    query: Query = Query()
    api: Api = Api()
    auth: Auth = Auth()
    alerting: Alerting = Alerting()

    def promoted(self) -> PromotedKeys:
        """The well-known keys, with those of `storage.promote` after them."""
        known, more = well_known_keys(), self.storage.promote
        return PromotedKeys(
            {**known.attributes, **more.attributes},
            {**known.resource_attributes, **more.resource_attributes},
        )
