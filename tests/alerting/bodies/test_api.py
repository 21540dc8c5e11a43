"""What the OpenAPI document says of bodies that routes read themselves."""

import json

from alerting.bodies.api import described
from alerting.silencing.drafts import Draft


def test_schemas_are_whole() -> None:
    schema = described(Draft)["requestBody"]["content"]["application/json"]["schema"]
    assert "$ref" not in json.dumps(schema)
    text, matcher = schema["properties"]["matchers"]["items"]["anyOf"]
    assert text == {"type": "string"}
    assert matcher["properties"]["operator"]["enum"] == ["=", "!=", "=~", "!~"]
