"""From the configuration's words and units to each part's own settings."""

from dataclasses import replace

from alerting.settings import AlertingSettings
from alerting.slo.retaining import Kept
from goldeneye.config import Config
from goldeneye.config import Retention as RetentionSection
from goldeneye.durations import duration_ns
from goldeneye.limits import MIB
from goldeneye.security import Security
from otlp_receiver.settings import CorsSettings, GrpcConnections, ReceiverSettings
from query.prometheus.settings import PromqlSettings
from query.promql.naming.settings import Naming
from query.promql.naming.strategy import Strategy
from query.settings import QuerySettings
from storage.retention import Retention
from storage.series_limits import SeriesBounds
from storage.settings import StorageSettings


def storage_settings(config: Config) -> StorageSettings:
    return StorageSettings(
        data_dir=config.data_dir.absolute(),
        wal_sync=config.wal.sync,
        segment_max_bytes=config.wal.segment_max_mib * MIB,
        segment_max_age_s=config.wal.segment_max_age_s,
        max_backlog_bytes=config.wal.max_backlog_mib * MIB,
        max_hot_bytes=config.storage.max_hot_mib * MIB,
        min_free_bytes=config.storage.min_free_mib * MIB,
        promoted=config.promoted(),
        retention=_retention(config.retention),
        series=SeriesBounds(config.limits.max_series, config.limits.max_series_per_metric),
    )


def _retention(section: RetentionSection) -> Retention:
    gib = section.max_total_gib
    return Retention(
        max_age_ns={
            "spans": duration_ns(section.spans),
            "logs": duration_ns(section.logs),
            "metric_points": duration_ns(section.metrics),
            "span_rollups": duration_ns(section.rollups),
            "metric_rollups": duration_ns(section.rollups),
            "trace_parts": duration_ns(section.spans),
            "slo_minutes": duration_ns(section.slo),
            "alert_events": duration_ns(section.alerts),
            "notifications": duration_ns(section.alerts),
        },
        max_total_bytes=None if gib is None else int(gib * 1024 * MIB),
    )


def query_settings(config: Config) -> QuerySettings:
    return QuerySettings(
        data_dir=config.data_dir.absolute(),
        memory_limit_bytes=config.query.memory_limit_mib * MIB,
        threads=config.query.threads,
        timeout_s=config.query.timeout_s,
        max_rows=config.query.max_rows,
        workers=config.query.workers,
        services_file=config.query.services_file,
        promql=_promql(config),
    )


def rule_query_settings(config: Config) -> QuerySettings:
    """Rules have workers of their own, so that no other question delays them."""
    return replace(
        query_settings(config),
        workers=config.alerting.workers,
        timeout_s=config.alerting.query_timeout_s,
        # Behind several that are too heavy a rule is rather late than in error.
        wait_s=3 * config.alerting.query_timeout_s,
        section="alerting",
    )


def alerting_settings(config: Config, api_address: str) -> AlertingSettings:
    section = config.alerting
    scheme = "http" if config.api.tls.cert_file is None else "https"
    return AlertingSettings(
        data_dir=config.data_dir.absolute(),
        rule_files=section.rule_files,
        slo_files=section.slo_files,
        alertmanager_config=section.alertmanager_config,
        evaluation_interval_ns=round(section.evaluation_interval_s * 1e9),
        external_url=section.external_url or f"{scheme}://{api_address}",
        external_labels=section.external_labels,
        kept=_kept(config.retention),
    )


def _kept(section: RetentionSection) -> Kept:
    minute_ns = 60_000_000_000
    return Kept(
        slo=duration_ns(section.slo) // minute_ns,
        spans=duration_ns(section.spans) // minute_ns,
        metrics=duration_ns(section.metrics) // minute_ns,
        rollups=duration_ns(section.rollups) // minute_ns,
    )


def _promql(config: Config) -> PromqlSettings:
    section = config.query.promql
    return PromqlSettings(
        naming=Naming(
            strategy=Strategy(section.translation_strategy),
            promote_resource_attributes=frozenset(section.promote_resource_attributes),
            promote_all_resource_attributes=section.promote_all_resource_attributes,
            ignore_resource_attributes=frozenset(section.ignore_resource_attributes),
            keep_identifying_resource_attributes=section.keep_identifying_resource_attributes,
            promote_scope_metadata=section.promote_scope_metadata,
        ),
        max_samples=config.query.max_samples,
        lookback_ms=round(section.lookback_s * 1000),
    )


def receiver_settings(config: Config, security: Security) -> ReceiverSettings:
    receiver = config.receiver
    return ReceiverSettings(
        grpc_endpoint=receiver.grpc.endpoint,
        http_endpoint=receiver.http.endpoint,
        max_recv_msg_size_bytes=receiver.grpc.max_recv_msg_size_mib * MIB,
        max_request_body_size_bytes=receiver.http.max_request_body_size_mib * MIB,
        max_in_flight_bytes=receiver.max_in_flight_mib * MIB,
        grpc_tls=security.grpc_tls,
        http_tls=security.http_tls,
        tokens=security.tokens,
        cors=CorsSettings(
            receiver.http.cors.allowed_origins,
            receiver.http.cors.allowed_headers,
            receiver.http.cors.max_age_s,
        ),
        grpc_connections=GrpcConnections(
            receiver.grpc.max_concurrent_streams,
            receiver.grpc.max_connection_age_s,
            receiver.grpc.max_connection_age_grace_s,
        ),
    )
