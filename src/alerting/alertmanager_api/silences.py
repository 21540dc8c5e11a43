"""Silences as Alertmanager lists and takes them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from alerting.alertmanager_api.answers import bad_request, time_text, wrong_type
from alerting.alertmanager_api.bodies import Body
from alerting.alertmanager_api.parameters import Parameters
from alerting.matching.matcher import Matcher, Operator
from alerting.routing.silences import Silence
from alerting.silencing.changing import place


def listed(silences: Iterable[Silence], asked: Parameters, now_ns: int) -> list[dict[str, Any]]:
    """Those that have all matchers of the filter. Raises Refused."""
    wanted = set(asked.matchers())
    states = {state for state in ("active", "pending", "expired") if asked.flag(state)}
    found = [
        one for one in silences if wanted <= set(one.matchers) and str(one.state(now_ns)) in states
    ]
    return [shown(one, now_ns) for one in sorted(found, key=lambda one: place(one, now_ns))]


def shown(silence: Silence, now_ns: int) -> dict[str, Any]:
    """As JSON."""
    return {
        "id": silence.id,
        "status": {"state": str(silence.state(now_ns))},
        "updatedAt": time_text(silence.updated_at_ns),
        "annotations": dict(silence.annotations),
        "comment": silence.comment,
        "createdBy": silence.created_by,
        "endsAt": time_text(silence.ends_at_ns),
        "matchers": [_shown(matcher) for matcher in silence.matchers],
        "startsAt": time_text(silence.starts_at_ns),
    }


def posted(body: Body) -> Silence:
    """What a client wrote. Raises Refused."""
    matchers = tuple(_matcher(one) for one in body.items("matchers"))
    silence = Silence(
        body.optional_text("id"),
        matchers,
        body.time_ns("startsAt"),
        body.time_ns("endsAt"),
        body.text("createdBy"),
        body.text("comment"),
        annotations=body.labels("annotations"),
    )
    if silence.starts_at_ns >= silence.ends_at_ns:
        raise bad_request("Failed to create silence: start time must be before end time")
    return silence


def checked_id(silence_id: str) -> str:
    """Raises Refused where it is no UUID."""
    try:
        return str(UUID(silence_id))
    except ValueError as error:
        raise wrong_type("silenceID", "path", "uuid", silence_id) from error


def _shown(matcher: Matcher) -> dict[str, Any]:
    return {
        "isEqual": matcher.is_positive,
        "isRegex": matcher.is_regex,
        "name": matcher.name,
        "value": matcher.value,
    }


def _matcher(body: Body) -> Matcher:
    name, value, regex = body.text("name"), body.text("value"), body.flag("isRegex")
    equal = body.flag("isEqual", default=True)
    operators = {
        (True, False): Operator.EQUAL,
        (False, False): Operator.NOT_EQUAL,
        (True, True): Operator.MATCHES,
        (False, True): Operator.NOT_MATCHES,
    }
    try:
        return Matcher(name, operators[equal, regex], value)
    except ValueError as error:
        raise bad_request(f"invalid silence: invalid label matcher: {error}") from error
