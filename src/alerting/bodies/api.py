"""Bodies are read with a bound, whatever type they say: `curl -d` calls them forms."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from goldeneye import limits
from goldeneye.errors import InvalidRequest, RequestTooLarge

Model = TypeVar("Model", bound=BaseModel)


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limits.MAX_QUERY_BODY_BYTES:
            raise RequestTooLarge(
                f"the body is larger than {limits.MAX_QUERY_BODY_BYTES // limits.MIB} MiB"
            )
    return bytes(body)


# The types of a handler's parameter: bytes, or a text.
Body = Annotated[bytes, Depends(_read)]


def _decoded(body: Body) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the body is not UTF-8 (byte {error.start})") from error


Text = Annotated[str, Depends(_decoded)]


def parsed(model: type[Model], body: bytes) -> Model:
    """Raises RequestValidationError."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from error


def described(model: type[BaseModel], required: bool = True) -> dict[str, Any]:
    """For OpenAPI."""
    schema = model.model_json_schema()
    content = {"application/json": {"schema": _whole(schema, schema.pop("$defs", {}))}}
    return {"requestBody": {"required": required, "content": content}}


def _whole(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Without references, which would lead nowhere in a larger document."""
    match schema:
        case {"$ref": str(reference)}:
            return _whole(definitions[reference.rpartition("/")[2]], definitions)
        case dict():
            return {name: _whole(one, definitions) for name, one in schema.items()}
        case list():
            return [_whole(one, definitions) for one in schema]
        case _:
            return schema
