"""What users say, as it is sent to a worker."""

import json

from goldeneye import limits
from goldeneye.errors import InvalidRequest, QueryRefused, RequestTooLarge


def checked(sql: str) -> str:
    """The statement. Raises QueryRefused where it is too long, InvalidRequest where no Unicode."""
    if len(sql) > limits.MAX_SQL_CHARS:
        raise QueryRefused(
            f"the SQL is {len(sql)} characters long, at most {limits.MAX_SQL_CHARS} may be"
        )
    try:
        sql.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"sql: is no Unicode text: {error}") from error
    return sql


def as_json(params: object) -> str:
    """Raises InvalidRequest, RequestTooLarge."""
    try:
        text = json.dumps(params)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"params: must be JSON values: {error}") from error
    if len(text) > limits.MAX_QUERY_BODY_BYTES:
        raise RequestTooLarge(f"params: are longer than {limits.MAX_QUERY_BODY_BYTES} characters")
    return text
