"""The HTTP routes of the query layer: one router for each question."""

from fastapi import APIRouter

from query.asking.api import Asking
from query.raw_sql import api as raw_sql
from query.service import QueryService
from query.services import api as services


def routers(service: QueryService) -> list[APIRouter]:
    """All of them; they share the threads in which questions wait."""
    asking = Asking(service)
    return [
        raw_sql.router(asking),
        services.router(asking),
    ]
