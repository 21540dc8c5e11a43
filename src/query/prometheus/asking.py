"""How the server has a worker answer a question of Prometheus's API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goldeneye.errors import QueryLate, QueryOverBudget
from goldeneye.schemas import DEFAULT_TENANT
from query.pool import Cancellation
from query.prometheus.settings import as_message
from query.promql.errors import TOO_MANY_SAMPLES, QueryTimeout, TooManySamples
from query.service import QueryService


@dataclass(frozen=True, slots=True)
class Question:
    """By its name in query.prometheus.registry, and what that takes, as JSON has it."""

    name: str
    given: Mapping[str, Any]
    tenant: str = DEFAULT_TENANT


def ask(
    service: QueryService, question: Question, cancellation: Cancellation
) -> tuple[bytes, Sequence[str]]:
    """The bytes of the answer, and the files whose rows it lacks.

    Raises PromqlError, and GoldeneyeError as QueryService.run does.
    """
    message = {
        "promql": question.name,
        "given": question.given,
        "settings": as_message(service.promql),
        "now_ns": service.now_ns(),
        "timeout_s": service.timeout_s,
    }
    try:
        return service.carry_out(message, question.tenant, cancellation)
    except QueryLate as error:
        raise QueryTimeout("query timed out in expression evaluation") from error
    except QueryOverBudget as error:
        raise TooManySamples(f"{TOO_MANY_SAMPLES}: {error}") from error
