"""What `group_by` may say: a column, the release, or a key of attributes."""

from typing import Final

from query.asking import filter_sql
from query.asking.filter_sql import Condition
from query.asking.filters import parse_key

COLUMNS: Final = ("service_name", "name", "kind", "status_code")
VERSION: Final = "version"


def attribute_text(parameter: str, written: str) -> Condition:
    """The attribute as text; `parameter` says it, and its name with `_key` names the bound key.

    Raises InvalidRequest.
    """
    home, key = parse_key(written, parameter)
    bound = f"{parameter}_key"
    return Condition(filter_sql.attribute_text(home, bound), {bound: key})
