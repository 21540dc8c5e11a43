"""Answers and errors in the forms of Alertmanager."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from alerting.plain import rfc3339

# Codes of the library that reads Alertmanager's requests.
_INVALID_TYPE: Final = 601
_REQUIRED: Final = 602
_MIN_ITEMS: Final = 611
_UNIX_NEVER: Final = "0001-01-01T00:00:00.000Z"


@dataclass(frozen=True)
class Answer:
    """`body` is JSON, None for nothing at all."""

    body: Any = None
    status: int = HTTPStatus.OK


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.body))
        self.answer = answer


def bad_request(reason: str) -> Refused:
    """Alertmanager's own errors are texts."""
    return Refused(Answer(reason, HTTPStatus.BAD_REQUEST))


def unreadable(what: str, reason: str) -> Refused:
    """The body is not what it should be."""
    message = f'parsing {what} body from "" failed, because {reason}'
    return Refused(Answer({"code": 400, "message": message}, HTTPStatus.BAD_REQUEST))


def required(name: str) -> Refused:
    return _unprocessable(_REQUIRED, f"{name} in body is required")


def too_few(name: str) -> Refused:
    return _unprocessable(_MIN_ITEMS, f"{name} in body should have at least 1 items")


def wrong_type(name: str, where: str, kind: str, given: object) -> Refused:
    message = f"{name} in {where} must be of type {kind}: {_quoted(given)}"
    return _unprocessable(_INVALID_TYPE, message)


def time_text(time_ns: int) -> str:
    """In milliseconds; never is Go's zero time."""
    if not time_ns:
        return _UNIX_NEVER
    return rfc3339(time_ns)[: len("2026-01-01T00:00:00.000")] + "Z"


def _quoted(given: object) -> str:
    return '"' + str(given) + '"'


def _unprocessable(code: int, message: str) -> Refused:
    return Refused(Answer({"code": code, "message": message}, HTTPStatus.UNPROCESSABLE_ENTITY))
