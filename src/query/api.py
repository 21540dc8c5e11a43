"""The HTTP routes of the query layer: one router for each question."""

from fastapi import APIRouter

from query.asking.api import Asking
from query.bottlenecks import api as bottlenecks
from query.compare import api as compare
from query.exceptions import api as exceptions
from query.health import api as health
from query.logs import api as logs
from query.metrics import api as metrics
from query.percentiles import api as percentiles
from query.prometheus import api as prometheus
from query.prometheus.remote_write import api as remote_write
from query.prometheus.remote_write.ingest import Ingest
from query.raw_sql import api as raw_sql
from query.service import QueryService
from query.service_map import api as service_map
from query.services import api as services
from query.trace_search import api as trace_search
from query.traces import api as traces


def routers(service: QueryService, ingest: Ingest | None = None) -> list[APIRouter]:
    """All of them; they share the threads in which questions wait. `ingest` takes what is written
    to them; without it nothing can be."""
    asking = Asking(service)
    return [
        raw_sql.router(asking),
        exceptions.router(asking),
        compare.router(asking),
        logs.router(asking),
        trace_search.router(asking),
        traces.router(asking),
        services.router(asking),
        service_map.router(asking),
        health.router(asking),
        percentiles.router(asking),
        metrics.router(asking),
        bottlenecks.router(asking),
        prometheus.router(asking),
        *([] if ingest is None else [remote_write.router(ingest)]),
    ]
