"""Accept headers."""

import pytest

from goldeneye.errors import InvalidRequest
from query.raw_sql.accept import chosen_format


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "json"),
        ("", "json"),
        ("text/*", "table"),
        ("TEXT/CSV", "csv"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "json"),
        ("application/vnd.apache.parquet, text/csv", "parquet"),
        ("text/csv; q=0.2, application/vnd.apache.arrow.stream; q=0.3", "arrow"),
        ("application/json;q=0, text/csv", "csv"),
    ],
)
def test_the_best_liked_is_chosen(accept: str | None, expected: str) -> None:
    assert chosen_format(accept) == expected


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "text/csv;q=much"])
def test_what_cannot_be_met_is_refused(accept: str) -> None:
    with pytest.raises(InvalidRequest, match="Accept"):
        chosen_format(accept)
