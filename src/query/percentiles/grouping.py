"""What `group_by` may say: a column, the release, or a key of attributes."""

from typing import Final

from query.asking.filter_sql import Condition

COLUMNS: Final = ("service_name", "name", "kind", "status_code")
VERSION: Final = "version"


def attribute_text(parameter: str, key: str) -> Condition:
    """The item's own attribute, else its resource's, as text; `parameter` names the bound key."""
    text = f"coalesce(attributes->>${parameter}, resource_attributes->>${parameter})"
    return Condition(text, {parameter: key})
